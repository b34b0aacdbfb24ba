// Moving an entry of a keyed set among the others by their order numbers, so
// that two phones that move different entries do not collide.

/** What is left free between two numbers, so that something can be put between them later. */
export const STEP = 1000;

export interface Placed { key: string; order: number }

/** The number of something put at the end. */
export function atEnd(entries: Placed[]): number {
  return entries.reduce((most, e) => Math.max(most, e.order), 0) + STEP;
}

/**
 * The numbers to write so that the entry `key` stands at place `to` of the list, which is in order. One number is
 * enough where there is room between the new neighbours; where there is none those behind are pushed on, no further than needed.
 */
export function moved(entries: Placed[], key: string, to: number): Record<string, number> {
  const moving = entries.find((e) => e.key === key);
  const rest = entries.filter((e) => e.key !== key);
  if (!moving || entries[to]?.key === key) return {};
  const before = rest[to - 1]?.order ?? -1;
  const after = rest[to]?.order ?? before + 2 * STEP;
  if (after - before >= 2) return { [key]: Math.floor((before + after) / 2) };
  const numbers: Record<string, number> = { [key]: before + STEP };
  let last = before + STEP;
  for (const e of rest.slice(to)) {
    if (e.order > last) break;
    last += STEP;
    numbers[e.key] = last;
  }
  return numbers;
}
