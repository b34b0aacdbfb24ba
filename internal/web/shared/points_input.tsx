import { parsePoints, points } from "./format.ts";
import { lang, t } from "./text.ts";
import { TextInput } from "./ui.tsx";

/** As people type it: without dots between the thousands, which would be read as a decimal point. */
function typedOf(hundredths: number): string {
  const s = String(hundredths / 100);
  return lang() === "vi" ? s.replace(".", ",") : s;
}

/** "9," is on the way to "9,5". */
function read(typed: string): number | undefined {
  return parsePoints(typed.replace(/[.,]\s*$/, ""));
}

/** Points of one criterion, in hundredths; undefined when emptied. What cannot stand is said as one types and not handed over; nothing is cut to fit. */
export function PointsInput(props: { label: string; value: number | undefined; fault: (n: number) => string | undefined; onCommit: (n: number | undefined) => void; hint?: string }) {
  const check = (typed: string) => {
    if (!typed.trim()) return undefined;
    const n = read(typed);
    if (n === undefined) return t({ vi: "Hãy ghi một số, nhiều nhất hai chữ số sau dấu phẩy: {example}", en: "A number with at most two decimals: {example}" }, { example: points(950) });
    return props.fault(n);
  };
  const stands = props.value === undefined ? undefined : props.fault(props.value);
  return (
    <TextInput
      label={props.label}
      value={props.value === undefined ? "" : typedOf(props.value)}
      inputMode="decimal"
      check={check}
      onCommit={(typed) => props.onCommit(typed.trim() ? read(typed) : undefined)}
      {...(props.hint ? { hint: props.hint } : {})}
      fault={stands}
    />
  );
}
