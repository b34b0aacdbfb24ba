// A phone: a browser profile with the app, at the size of a cheap one.

import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from "playwright-core";
import type { Guest } from "./server.ts";

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export interface Look {
  lang?: "vi" | "en";
  dark?: boolean;
}

export class Phone {
  readonly context: BrowserContext;
  page: Page;
  readonly url: string;
  /** What the pages complained about: errors nobody caught, and violations of the content policy. */
  readonly complaints: string[] = [];
  /** Addresses outside the server that a page asked for. */
  readonly strangers: string[] = [];

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.context = context;
    this.page = page;
    this.url = url;
  }

  static async start(browser: Browser, url: string, look: Look = {}): Promise<Phone> {
    const context = await browser.newContext({
      viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, locale: "vi-VN",
      colorScheme: look.dark ? "dark" : "light", permissions: ["clipboard-read", "clipboard-write"],
    });
    const { lang } = look;
    if (lang) await context.addInitScript((l) => localStorage.setItem("lang", l), lang);
    const phone = new Phone(context, await context.newPage(), url);
    phone.#watch(phone.page);
    context.on("request", (r) => {
      if (!r.url().startsWith(url) && !r.url().startsWith("data:") && !r.url().startsWith("blob:")) phone.strangers.push(r.url());
    });
    return phone;
  }

  #watch(page: Page): void {
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (e) => this.complaints.push(String(e)));
    page.on("console", (m) => {
      if (m.type() === "error" && !/Failed to load resource|net::ERR/.test(m.text())) this.complaints.push(m.text());
    });
  }

  async goto(path = ""): Promise<void> {
    await this.page.goto(`${this.url}/app/${path}`);
  }

  /** Enrols by the link an administrator shows as a QR code, and waits for the first sync. */
  async enrol(code: string): Promise<void> {
    await this.goto(`#/enrol/${code}`);
    await this.page.getByRole("button", { name: /^(Đăng nhập|Sign in)$/ }).click();
    await this.settled();
  }

  async signIn(who: Guest): Promise<void> {
    await this.goto();
    await this.page.getByRole("button", { name: /^(Dùng mật khẩu|Use a password)$/ }).click();
    await this.page.getByLabel(/^(Tên đăng nhập|Login)$/).fill(who.login);
    await this.page.getByLabel(/^(Mật khẩu|Password)$/).fill(who.password);
    await this.page.getByRole("button", { name: /^(Đăng nhập|Sign in)$/ }).click();
    await this.settled();
  }

  /** Waits until the app says that everything is with the server and verified. */
  async settled(timeout = 30_000): Promise<void> {
    await this.page.locator(".state.synced").waitFor({ timeout });
  }

  /** Waits until the service worker keeps the app. */
  async installed(): Promise<void> {
    await this.page.waitForFunction(() => navigator.serviceWorker.ready.then((r) => r.active?.state === "activated"));
  }

  async screen(name: string): Promise<void> {
    await this.page.evaluate((n) => void (location.hash = `#/${n}`), name);
    await this.page.locator("main").waitFor();
  }

  /** Kills the tab without a word, as the system does when memory runs short. */
  async killTab(): Promise<void> {
    const session = await this.context.newCDPSession(this.page);
    const crashed = this.page.waitForEvent("crash");
    void session.send("Page.crash").catch(() => undefined); // nobody is left to answer
    await crashed;
    await this.page.close().catch(() => undefined);
  }

  async newTab(): Promise<Page> {
    this.page = await this.context.newPage();
    this.#watch(this.page);
    await this.goto();
    return this.page;
  }

  /** Slows the network of the page down: milliseconds of latency, bits a second. */
  async slow(latency: number, bits: number): Promise<CDPSession> {
    const session = await this.context.newCDPSession(this.page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: bits / 8, uploadThroughput: bits / 8 });
    return session;
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
