// The language of the screens. Texts of a screen are written down once, in
// Vietnamese and English beside each other, so that none can be missing.

import { useEffect, useState } from "preact/hooks";
import type { Text } from "thidua-sync";

export type Lang = "vi" | "en";

const KEY = "lang";
const heard = new Set<() => void>();
let current: Lang = stored();

function stored(): Lang {
  try {
    return localStorage.getItem(KEY) === "en" ? "en" : "vi";
  } catch {
    return "vi"; // storage may be forbidden
  }
}

export function lang(): Lang {
  return current;
}

export function setLang(to: Lang): void {
  current = to;
  try {
    localStorage.setItem(KEY, to);
  } catch {
    // it holds for this page only
  }
  document.documentElement.lang = to;
  for (const tell of heard) tell();
}

/** Draws the component again when the language changes. */
export function useLang(): Lang {
  const [l, set] = useState(current);
  useEffect(() => {
    const tell = () => set(current);
    heard.add(tell);
    return () => void heard.delete(tell);
  }, []);
  return l;
}

/** A sentence in the present language; `{name}` is filled from `values`. */
export function t(text: Text, values: Record<string, string | number> = {}): string {
  return text[current].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
