// A long list of which only the rows near the screen are drawn, so that
// thousands of documents scroll and search as smoothly as ten.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Rows drawn above and below what is seen, so that the keyboard always finds a next one. */
const BEYOND = 8;

/** `rem` is the height of each row in root ems; `row` draws what stands in one. */
export function LongList<T>(props: { label: string; items: readonly T[]; rem: number; id: (item: T) => string; row: (item: T) => ComponentChildren }) {
  const list = useRef<HTMLUListElement>(null);
  const [seen, set] = useState({ from: 0, to: 3 * BEYOND });
  const { items } = props;
  useEffect(() => {
    let due = 0;
    const look = () => {
      due = 0;
      if (!list.current) return;
      const height = props.rem * parseFloat(getComputedStyle(document.documentElement).fontSize);
      const top = -list.current.getBoundingClientRect().top;
      const from = Math.max(0, Math.floor(top / height) - BEYOND);
      const to = Math.ceil((top + innerHeight) / height) + BEYOND;
      set((was) => (was.from === from && was.to === to ? was : { from, to }));
    };
    const later = () => (due ||= requestAnimationFrame(look));
    look();
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later);
    return () => {
      cancelAnimationFrame(due);
      removeEventListener("scroll", later);
      removeEventListener("resize", later);
    };
  }, [items, props.rem]);
  const from = Math.min(seen.from, items.length);
  const to = Math.min(seen.to, items.length);
  return (
    <ul ref={list} class="list" aria-label={props.label} style={{ paddingTop: `${from * props.rem}rem`, paddingBottom: `${(items.length - to) * props.rem}rem` }}>
      {items.slice(from, to).map((item, i) => (
        <li key={props.id(item)} aria-setsize={items.length} aria-posinset={from + i + 1} style={{ height: `${props.rem}rem`, overflow: "hidden", contain: "strict" }}>
          {props.row(item)}
        </li>
      ))}
    </ul>
  );
}
