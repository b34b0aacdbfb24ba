import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { openBrowser, Phone } from "./support/phone.ts";
import { Backend } from "./support/server.ts";
import { quiet } from "./support/story.ts";
import { tour } from "./support/tour.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let backend: Backend;
let browser: Browser;

before(async () => {
  [backend, browser] = await Promise.all([Backend.start(), openBrowser()]);
});

after(async () => {
  await browser?.close();
  await backend?.close();
});

interface Violation {
  id: string;
  help: string;
  nodes: { html: string }[];
}

/** What axe-core finds wrong with the page, and what is wider than the screen. */
async function faults(phone: Phone): Promise<string[]> {
  const { page } = phone;
  const loaded = await page.evaluate(() => "axe" in window);
  if (!loaded) await page.evaluate(axe); // over the debugger, past the content policy
  const found = await page.evaluate(() => (window as unknown as { axe: { run(options: unknown): Promise<{ violations: Violation[] }> } }).axe.run({ resultTypes: ["violations"] }).then((r) => r.violations));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return [...found.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`), ...(wide > 0 ? [`${wide} px wider than the screen`] : [])];
}

/** Sentences that stay in the other language give themselves away by these words. */
const foreign = { vi: /\b(the|and|not|sent|sheet|meeting|save)\b/i, en: /\b(của|chưa|không|việc|đã gửi|bảng điểm)\b/i };

for (const [lang, dark, login] of [["vi", false, "lanh-dao"], ["en", true, "lanh-dao"], ["vi", true, "truong-cum"], ["en", false, "trieu-son"]] as const) {
  test(`every screen can be used by everybody: ${login}, ${lang}, ${dark ? "dark" : "light"}`, { timeout: 90_000 }, async () => {
    const phone = await Phone.start(browser, backend.url, { lang, dark });
    await phone.goto();
    await phone.page.locator("form").waitFor();
    const wrong: string[] = (await faults(phone)).map((f) => `signin: ${f}`);
    await phone.signIn(backend.guest(login));
    let seen = 0;
    await tour(phone, async (name) => {
      seen++;
      wrong.push(...(await faults(phone)).map((f) => `${name}: ${f}`));
      const buttons = await phone.page.locator("button, nav a, label, h1, h2 >> visible=true").allInnerTexts();
      const mixed = lang === "vi" ? buttons.filter((b) => foreign.vi.test(b)) : [];
      wrong.push(...mixed.map((b) => `${name}: in the other language: ${b}`));
      const small = await phone.page.locator("button:visible, nav a:visible, input:visible, select:visible").evaluateAll((all) => all.filter((e) => {
        const r = (e.closest("label") ?? e).getBoundingClientRect();
        return r.height > 0 && r.height < 43.5;
      }).map((e) => e.outerHTML.slice(0, 120)));
      wrong.push(...small.map((html) => `${name}: less than 44 px high: ${html}`));
    });
    assert.ok(seen >= 8, `only ${seen} screens were seen`);
    assert.deepEqual([...new Set(wrong)], []);
    quiet(phone);
    await phone.close();
  });
}
