// Writes pictures of every screen, in both languages, light and dark, at the
// size of a phone. Run by scripts/screens; people look at them.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { tour } from "./support/tour.ts";
import { openBrowser, Phone } from "./support/phone.ts";
import { Backend } from "./support/server.ts";

const into = process.argv[2] ?? "screens";
await mkdir(into, { recursive: true });
const [backend, browser] = await Promise.all([Backend.start(), openBrowser()]);
try {
  for (const lang of ["vi", "en"] as const) {
    for (const dark of [false, true]) {
      for (const login of ["lanh-dao", "trieu-son", "truong-cum"]) {
        const phone = await Phone.start(browser, backend.url, { lang, dark });
        const shoot = async (name: string) => {
          await phone.page.waitForTimeout(300); // fonts and observers settle
          const height = await phone.page.evaluate(() => document.documentElement.scrollHeight);
          await phone.page.setViewportSize({ width: 360, height: Math.max(740, height) }); // as long as it is, with the tabs below instead of across it
          await phone.page.screenshot({ path: join(into, `${login}-${name}-${lang}-${dark ? "dark" : "light"}.png`) });
          await phone.page.setViewportSize({ width: 360, height: 740 });
        };
        await phone.goto();
        await phone.page.locator("form").waitFor();
        await shoot("signin");
        await phone.signIn(backend.guest(login));
        await tour(phone, shoot);
        await phone.close();
      }
    }
  }
} finally {
  await browser.close();
  await backend.close();
}
