// Numbers, points, dates and times as people here write them: 33.776 and
// 96,5 % and 16/12/2022 in Vietnamese, 33,776 and 96.5 % in English. Times are
// shown in Vietnam's time, UTC+7, whatever the device is set to.

import { lang } from "./text.ts";

const ZONE = "Asia/Ho_Chi_Minh";
const locale = () => (lang() === "vi" ? "vi-VN" : "en-GB");

export function number(n: number): string {
  return new Intl.NumberFormat(locale()).format(n);
}

/** Points are hundredths: 750 is 7,5. */
export function points(hundredths: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 2 }).format(hundredths / 100);
}

/** Reads points as typed, with comma or point; undefined if that is no number of hundredths. */
export function parsePoints(typed: string): number | undefined {
  const m = /^(-?)(\d{1,6})(?:[.,](\d{1,2}))?$/.exec(typed.trim());
  if (!m) return undefined;
  const n = Number(m[2]) * 100 + Number((m[3] ?? "").padEnd(2, "0"));
  return m[1] && n ? -n : n;
}

/** Tenths of a percent: 965 is 96,5 %. */
export function percent(tenths: number): string {
  return `${new Intl.NumberFormat(locale(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(tenths / 10)} %`;
}

/** How much of a plan was reached in tenths of a percent, half up; undefined without a plan. */
export function share(actual: number, plan: number): number | undefined {
  if (plan <= 0 || actual < 0) return undefined;
  return Number((BigInt(actual) * 2000n + BigInt(plan)) / (2n * BigInt(plan)));
}

/** A day, YYYY-MM-DD, as dd/mm/yyyy. */
export function day(iso: string): string {
  const [y, m, d] = iso.split("-");
  return y && m && d ? `${d}/${m}/${y}` : iso;
}

/** A moment, milliseconds since 1970, as dd/mm/yyyy hh:mm. */
export function moment(milli: number): string {
  const p = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" })
      .formatToParts(milli)
      .map((part) => [part.type, part.value]),
  );
  return `${p.day}/${p.month}/${p.year} ${p.hour}:${p.minute}`;
}

/** The day a moment falls on in Vietnam, YYYY-MM-DD. */
export function today(milli: number): string {
  return new Date(milli + 7 * 3_600_000).toISOString().slice(0, 10);
}

/** Days from one day to another, both YYYY-MM-DD. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

export function bytes(n: number): string {
  if (n < 1000) return `${number(n)} B`;
  const f = new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 });
  return n < 1_000_000 ? `${f.format(n / 1000)} KB` : `${f.format(n / 1_000_000)} MB`;
}

/** Reads a count as typed, with points, commas or spaces between the thousands; undefined if it is none. */
export function parseCount(typed: string): number | undefined {
  const plain = typed.trim();
  if (!/^\d{1,3}([., \u00a0]\d{3})+$|^\d{1,12}$/.test(plain)) return undefined;
  return Number(plain.replace(/\D/g, ""));
}
