import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Browser } from "playwright-core";
import { Link } from "./support/link.ts";
import { openBrowser, Phone } from "./support/phone.ts";
import { Backend } from "./support/server.ts";
import { arrivedOnce, quiet, recordHalfASheet, recordMeeting, type Hall } from "./support/story.ts";

let backend: Backend;
let browser: Browser;
let link: Link;
let url: string;

before(async () => {
  [backend, browser] = await Promise.all([Backend.start(), openBrowser()]);
  link = new Link(backend.port);
  url = await link.listen();
});

beforeEach(() => {
  link.down = false;
  link.cutAfter = 0;
});

after(async () => {
  await browser?.close();
  link?.close();
  await backend?.close();
});

/** Takes the network from the link and from the browser's idea of it. */
async function offline(phone: Phone, is: boolean): Promise<void> {
  link.down = is;
  await phone.context.setOffline(is);
}

test("what is recorded without signal survives a killed tab and arrives once over a link that is cut", { timeout: 90_000 }, async () => {
  const who = backend.guest("thu-ky");
  const phone = await Phone.start(browser, url);
  await phone.enrol(who.code);
  await phone.installed();

  await offline(phone, true);
  await phone.page.reload();
  await phone.page.getByRole("heading", { name: "Hôm nay", level: 1 }).waitFor();
  const title = "Hội nghị viên chức, người lao động năm nay";
  const hall: Hall = { title, meeting: await recordMeeting(phone, title), sheet: await recordHalfASheet(phone, who.unit as string) };
  await phone.page.locator(".state.waiting").waitFor();

  await phone.killTab();
  await phone.newTab();
  await phone.screen("sync");
  await phone.page.getByRole("heading", { name: /Chờ gửi/ }).waitFor();

  link.cutAfter = 15_000;
  await offline(phone, false);
  await phone.settled(60_000);
  await arrivedOnce(backend, hall);
  quiet(phone);
  await phone.close();
});

test("two open tabs send one another's work once", { timeout: 90_000 }, async () => {
  const who = backend.guest("lanh-dao");
  const phone = await Phone.start(browser, url);
  await phone.enrol(who.code);
  await phone.installed();
  const first = phone.page;
  await phone.newTab();

  await offline(phone, true);
  const title = "Giao ban hai máy tính";
  const meeting = await recordMeeting(phone, title);
  phone.page = first;
  const half = await recordHalfASheet(phone, who.unit as string).catch(() => undefined); // the secretary has begun it: it is there already
  assert.equal(half, undefined);
  link.cutAfter = 15_000;
  await offline(phone, false);
  await Promise.all(phone.context.pages().map((p) => p.locator(".state.synced").waitFor({ timeout: 60_000 })));
  const changes = await backend.changes(meeting.scope, meeting.id);
  assert.equal(new Set(changes.map((c) => c.mutation)).size, changes.length);
  assert.equal((await backend.document(meeting.scope, meeting.id)).body["title"], title);
  quiet(phone);
  await phone.close();
});
