// Goes through every screen of the app with the data of the demonstration.

import type { Phone } from "./phone.ts";

/** Calls `look` on every screen, with a name for it. */
export async function tour(phone: Phone, look: (name: string) => Promise<void>): Promise<void> {
  const { page } = phone;
  for (const name of ["today", "meetings", "scores", "ranking", "sync"]) {
    await phone.screen(name);
    await page.locator("main .card").first().waitFor();
    await look(name);
    if (name === "meetings" || name === "scores") await inside(phone, name, look);
  }
}

/** The screens one level down: what the first entries of a list lead to, and the steps within. */
async function inside(phone: Phone, name: string, look: (name: string) => Promise<void>): Promise<void> {
  const { page } = phone;
  const links = await page.locator(`main a[href^="#/${name}/"]`).evaluateAll((all) => [...new Set(all.map((a) => a.getAttribute("href") as string))]);
  let n = 0;
  for (const link of links.slice(0, 4)) {
    await page.evaluate((to) => void (location.hash = to), link);
    await page.locator("main .card").first().waitFor();
    await look(`${name}-${++n}`);
    const deeper = await page.locator(`main a[href^="${link}/"]`).evaluateAll((all) => [...new Set(all.map((a) => a.getAttribute("href") as string))]);
    for (const [i, to] of deeper.slice(0, 8).entries()) {
      await page.evaluate((h) => void (location.hash = h), to);
      await page.locator("main").waitFor();
      await look(`${name}-${n}-${i + 1}`);
    }
  }
}
