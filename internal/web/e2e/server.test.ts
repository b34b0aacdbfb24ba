import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { openBrowser, Phone } from "./support/phone.ts";
import { Link } from "./support/link.ts";
import { Backend } from "./support/server.ts";
import { arrivedOnce, quiet, recordHalfASheet, recordMeeting, type Hall } from "./support/story.ts";

let backend: Backend;
let browser: Browser;

before(async () => {
  [backend, browser] = await Promise.all([Backend.start(), openBrowser()]);
});

after(async () => {
  await browser?.close();
  await backend?.close();
});

/** Keeps killing the server, each time a little further into what the phone sends, until the phone is through. */
async function whileKilled(phone: Phone, link: Link): Promise<number> {
  let through = false;
  let kills = 0;
  const done = phone.settled(60_000).then(() => (through = true));
  while (!through && kills < 5) {
    for (let pieces = 0; pieces <= kills && !through; pieces++) await Promise.race([once(link.traffic, "carried"), done]);
    if (through) break;
    await backend.kill();
    kills++;
    await backend.serve();
  }
  await done;
  return kills;
}

test("everything arrives once though the server is killed again and again meanwhile", { timeout: 90_000 }, async () => {
  const who = backend.guest("thu-ky");
  const link = new Link(backend.port);
  const phone = await Phone.start(browser, await link.listen());
  await phone.enrol(who.code);
  await phone.installed();
  await phone.context.setOffline(true);
  link.down = true;
  const title = "Họp khi máy chủ mất điện";
  const hall: Hall = { title, meeting: await recordMeeting(phone, title), sheet: await recordHalfASheet(phone, who.unit as string) };
  link.down = false;
  link.cutAfter = 3_000;
  link.pause = 200;
  await phone.context.setOffline(false);
  const kills = await whileKilled(phone, link);
  assert.ok(kills > 0, "the server was killed while the phone was sending");
  await arrivedOnce(backend, hall);
  quiet(phone);
  await phone.close();
  link.close();
});

test("an update of the app is offered, waits for the person, and loses nothing that is unsent", { timeout: 90_000 }, async () => {
  const who = backend.guest("lanh-dao");
  const link = new Link(backend.port);
  const phone = await Phone.start(browser, await link.listen());
  await phone.enrol(who.code);
  await phone.installed();
  await phone.page.reload(); // from here on the worker serves the page
  await phone.page.getByRole("heading", { name: "Hôm nay", level: 1 }).waitFor();

  await backend.kill();
  const title = "Họp trong lúc cập nhật ứng dụng";
  const meeting = await recordMeeting(phone, title);
  await phone.page.locator(".state.waiting").waitFor();
  await backend.serve(process.env["THIDUA_NEXT"] as string);
  link.cutAfter = 0;
  await phone.page.evaluate(() => navigator.serviceWorker.getRegistration("/app/").then((r) => r?.update()));
  const offer = phone.page.getByRole("button", { name: "Cập nhật ngay" });
  await offer.waitFor();
  await phone.screen("sync");
  await phone.page.getByText("Phiên bản ứng dụng 0.1.0").waitFor(); // the old one goes on until somebody agrees
  await Promise.all([phone.page.waitForEvent("load"), offer.click()]);
  await phone.screen("sync");
  await phone.page.getByText("Phiên bản ứng dụng next").waitFor();
  await phone.settled();
  assert.equal((await backend.document(meeting.scope, meeting.id)).body["title"], title);
  const changes = await backend.changes(meeting.scope, meeting.id);
  assert.equal(new Set(changes.map((c) => c.mutation)).size, changes.length);
  quiet(phone);
  await phone.close();
  link.close();
});
