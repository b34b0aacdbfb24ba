// What somebody records in a hall without signal, and what must have become of it.

import assert from "node:assert/strict";
import type { Phone } from "./phone.ts";
import type { Backend } from "./server.ts";

/** A meeting and half a score sheet, as recorded. */
export interface Hall {
  meeting: { scope: string; id: string };
  sheet: { scope: string; id: string };
  title: string;
}

export const spoken = "Khoa Khám bệnh đề nghị bổ sung máy siêu âm; giám đốc giao phòng Kế hoạch tổng hợp tham mưu.";
const points: [criterion: string, typed: string, stored: number][] = [
  ["I.1", "29,5", 2950],
  ["I.2", "28", 2800],
  ["II.1", "9,75", 975],
];

/** Records a meeting of the unit with minutes, up to and without leaving the field that was typed last. */
export async function recordMeeting(phone: Phone, title: string): Promise<Hall["meeting"]> {
  const { page } = phone;
  await phone.screen("meetings");
  await page.getByRole("link", { name: "Lập biên bản hội nghị" }).click();
  await page.getByLabel("Tên hội nghị").fill(title);
  await page.getByLabel("Địa điểm").fill("Hội trường tầng 2");
  await page.getByRole("button", { name: "Bắt đầu ghi" }).click();
  await page.waitForFunction(() => /#\/meetings\/unit/.test(location.hash));
  const [, scope, id] = (await page.evaluate(() => location.hash.replace("#/", "").split("/").map(decodeURIComponent))) as [string, string, string];
  await page.evaluate(() => void (location.hash += "/minutes"));
  await page.getByRole("button", { name: "Thêm đoạn biên bản" }).click();
  await page.getByLabel("Đề mục").fill("Ý kiến các khoa");
  await page.getByLabel("Nội dung").fill(spoken);
  await page.getByLabel("Nội dung").blur();
  return { scope, id };
}

/** Scores half of the criteria of the period that runs. */
export async function recordHalfASheet(phone: Phone, unit: string): Promise<Hall["sheet"]> {
  const { page } = phone;
  await phone.screen("scores");
  await page.getByRole("link", { name: new RegExp(`Năm ${new Date().getFullYear()}`) }).first().click();
  const [, , , period] = (await page.evaluate(() => location.hash.replace("#/", "").split("/"))) as string[];
  await page.getByRole("button", { name: "Bắt đầu chấm" }).click();
  for (const [criterion, typed] of points) {
    const field = page.getByLabel(new RegExp(`^Điểm tự chấm ${criterion.replace(".", "\\.")}( |$)`));
    await field.fill(typed);
    await field.blur();
  }
  const id = await page.evaluate(({ unit, period }) => new Promise<string>((resolve, reject) => {
    const open = indexedDB.open("thidua");
    open.onerror = () => reject(open.error);
    open.onsuccess = () => {
      const all = open.result.transaction("mutations").objectStore("mutations").getAll();
      all.onsuccess = () => {
        open.result.close();
        const own = (all.result as { doc: string; scope: string; create?: { period?: string } }[]).find((m) => m.scope === `unit:${unit}:desk`);
        if (own) resolve(own.doc);
        else reject(new Error(`nothing was recorded for ${period}`));
      };
    };
  }), { unit, period });
  return { scope: `unit:${unit}:desk`, id };
}

/** Everything arrived, and once. */
export async function arrivedOnce(backend: Backend, hall: Hall): Promise<void> {
  const meeting = await backend.document(hall.meeting.scope, hall.meeting.id);
  assert.equal(meeting.body["title"], hall.title);
  assert.equal(meeting.body["place"], "Hội trường tầng 2");
  const blocks = Object.values(meeting.body["minutes"] as Record<string, { heading: string; text: string }>);
  assert.deepEqual(blocks.map((b) => [b.heading, b.text]), [["Ý kiến các khoa", spoken]]);
  const sheet = await backend.document(hall.sheet.scope, hall.sheet.id);
  const entries = sheet.body["entries"] as Record<string, { self: number }>;
  assert.deepEqual(Object.fromEntries(Object.entries(entries).map(([k, e]) => [k, e.self])), Object.fromEntries(points.map(([c, , n]) => [c.replace(".", "-"), n])));
  for (const { scope, id } of [hall.meeting, hall.sheet]) {
    const changes = await backend.changes(scope, id);
    const mutations = changes.map((c) => c.mutation);
    assert.equal(new Set(mutations).size, mutations.length, `a mutation of ${id} is in the log twice`);
    assert.equal(changes.filter((c) => c.create !== undefined).length, 1, `${id} was created once`);
    const written = changes.flatMap((c) => Object.entries(c.edits ?? {}).map(([path, e]) => `${path}=${JSON.stringify(e.now)}`));
    assert.equal(new Set(written).size, written.length, `the same edit of ${id} is there twice: ${written.join(" ")}`);
  }
}

/** Nothing was complained about, and nobody else was asked for anything. */
export function quiet(phone: Phone): void {
  assert.deepEqual(phone.complaints, []);
  assert.deepEqual(phone.strangers, []);
}
