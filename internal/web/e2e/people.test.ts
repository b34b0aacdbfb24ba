import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { openBrowser, Phone } from "./support/phone.ts";
import { Backend } from "./support/server.ts";
import { quiet, recordMeeting } from "./support/story.ts";

let backend: Backend;
let browser: Browser;

before(async () => {
  [backend, browser] = await Promise.all([Backend.start(), openBrowser()]);
});

after(async () => {
  await browser?.close();
  await backend?.close();
});

interface Conflict {
  id: string;
  scope: string;
  version: number;
  body: { about: string; items: Record<string, { path: string; sides: Record<string, { author: string; value: unknown }> }> };
}

/** Signs two people of one unit in on two phones. */
async function two(): Promise<[Phone, Phone]> {
  const phones = await Promise.all(["thu-ky", "lanh-dao"].map(async (login) => {
    const phone = await Phone.start(browser, backend.url);
    await phone.signIn(backend.guest(login));
    return phone;
  }));
  return phones as [Phone, Phone];
}

async function openMinutes(phone: Phone, meeting: { scope: string; id: string }): Promise<void> {
  await phone.screen(`meetings/${encodeURIComponent(meeting.scope)}/${meeting.id}/minutes`);
  await phone.page.getByLabel("Nội dung").waitFor();
}

async function write(phone: Phone, label: string, text: string): Promise<void> {
  const field = phone.page.getByLabel(label, { exact: true });
  await field.fill(text);
  await field.blur();
  await phone.page.locator(".state.waiting").waitFor();
}

test("what two phones write in different places merges; in one place both values are shown until an admin decides", { timeout: 90_000 }, async () => {
  const [secretary, leader] = await two();
  const meeting = await recordMeeting(secretary, "Họp xét thi đua quý IV");
  await secretary.settled();
  await openMinutes(leader, meeting);
  await openMinutes(secretary, meeting);
  await Promise.all([secretary, leader].map((p) => p.context.setOffline(true)));
  await write(secretary, "Đề mục", "Ý kiến thảo luận");
  await write(secretary, "Nội dung", "Thống nhất đề nghị tặng giấy khen cho khoa Khám bệnh.");
  await write(leader, "Nội dung", "Thống nhất đề nghị tặng giấy khen cho khoa Khám bệnh và khoa Dược.");
  for (const p of [secretary, leader]) {
    await p.context.setOffline(false);
    await p.settled();
  }

  const stored = await backend.document(meeting.scope, meeting.id);
  assert.equal(Object.values(stored.body["minutes"] as Record<string, { heading: string }>)[0]?.heading, "Ý kiến thảo luận");
  for (const p of [secretary, leader]) {
    const conflict = p.page.getByRole("region", { name: "Xung đột" });
    await conflict.waitFor();
    const said = await conflict.innerText();
    assert.match(said, /khoa Khám bệnh/);
    assert.match(said, /khoa Dược/);
    assert.match(said, /Bạn ghi|Người khác ghi/);
  }

  const list = await backend.call<{ conflicts: Conflict[] }>("quan-tri", "GET", "/v1/conflicts?type=conflict&state=open&limit=100");
  const found = list.conflicts.find((c) => c.scope === meeting.scope);
  assert.ok(found, "the admin sees the conflict");
  const { conflict } = await backend.call<{ conflict: Conflict }>("quan-tri", "GET", `/v1/conflicts/${encodeURIComponent(found.scope)}/${found.id}`);
  const [item] = Object.values(conflict.body.items);
  assert.ok(item);
  const [side] = Object.keys(item.sides);
  await backend.call("quan-tri", "POST", `/v1/conflicts/${encodeURIComponent(conflict.scope)}/${conflict.id}/resolve`, { version: conflict.version, reason: "Đối chiếu ghi âm: có khoa Dược.", choices: { [item.path]: { take: "side", side } } });
  for (const p of [secretary, leader]) {
    await p.page.getByRole("region", { name: "Xung đột" }).waitFor({ state: "detached" });
    await p.page.waitForFunction(() => document.querySelector("textarea")?.value.includes("khoa Dược"));
    quiet(p);
    await p.close();
  }
});

test("a device that is signed out from the console hands over what it recorded, and is then wiped", { timeout: 90_000 }, async () => {
  const phone = await Phone.start(browser, backend.url);
  const who = backend.guest("truong-cum");
  await phone.enrol(who.code);
  const [device] = await backend.devices(who.person);
  assert.ok(device);
  await phone.context.setOffline(true);
  const title = "Họp giao ban trước khi đổi máy";
  const meeting = await recordMeeting(phone, title);
  await backend.call("quan-tri", "POST", `/v1/devices/${device.id}/wipe`);
  await phone.context.setOffline(false);
  await phone.page.getByText("Máy này đã bị quản trị viên đăng xuất").waitFor({ timeout: 30_000 });
  assert.equal((await backend.document(meeting.scope, meeting.id)).body["title"], title);
  assert.deepEqual(await kept(phone), { docs: 0, replicas: 0, mutations: 0 });
  assert.equal(await phone.page.evaluate(() => localStorage.getItem("me")), null);
  await phone.close();
});

test("a device that was stolen loses the documents, and keeps what it had not sent until somebody signs in", { timeout: 90_000 }, async () => {
  const phone = await Phone.start(browser, backend.url);
  const who = backend.guest("pho-cum");
  await phone.enrol(who.code);
  const [device] = await backend.devices(who.person);
  assert.ok(device);
  await phone.context.setOffline(true);
  const title = "Họp đột xuất trước khi mất máy";
  const meeting = await recordMeeting(phone, title);
  await backend.call("quan-tri", "DELETE", `/v1/devices/${device.id}`);
  await phone.context.setOffline(false);
  await phone.page.getByText(/việc chưa gửi vẫn còn trên máy/).waitFor({ timeout: 30_000 });
  const left = await kept(phone);
  assert.equal(left.docs, 0, "what the server has is gone from the device");
  assert.ok(left.mutations > 0, "what it has not taken is not");
  const { code } = await backend.call<{ code: string }>("quan-tri", "POST", `/v1/people/${who.person}/codes`, {});
  await phone.page.getByLabel("Mã ghi danh").fill(code);
  await phone.page.getByRole("button", { name: "Đăng nhập" }).click();
  await phone.settled();
  assert.equal((await backend.document(meeting.scope, meeting.id)).body["title"], title);
  await phone.close();
});

/** How much of each kind the device holds. */
function kept(phone: Phone): Promise<{ docs: number; replicas: number; mutations: number }> {
  return phone.page.evaluate(() => new Promise((resolve, reject) => {
    const open = indexedDB.open("thidua");
    open.onerror = () => reject(open.error);
    open.onsuccess = () => {
      const tx = open.result.transaction(["docs", "replicas", "mutations"]);
      const counts = { docs: 0, replicas: 0, mutations: 0 };
      for (const name of ["docs", "replicas", "mutations"] as const) {
        const r = tx.objectStore(name).count();
        r.onsuccess = () => (counts[name] = r.result);
      }
      tx.oncomplete = () => {
        open.result.close();
        resolve(counts);
      };
    };
  }));
}
