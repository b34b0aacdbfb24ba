import { useState } from "preact/hooks";
import { number, parseCount } from "./format.ts";
import { t } from "./text.ts";
import { TextInput } from "./ui.tsx";

/** A count as somebody types it, with or without points between the thousands; undefined when it was emptied. */
export function CountInput(props: { label: string; value: number | undefined; onCommit: (n: number | undefined) => void; least?: number; hint?: string }) {
  const [fault, setFault] = useState("");
  const commit = (typed: string) => {
    const n = parseCount(typed);
    const bad = typed.trim() !== "" && (n === undefined || n < (props.least ?? 0));
    setFault(bad ? t({ vi: "Hãy ghi một số nguyên, từ {least} trở lên.", en: "A whole number, {least} or more." }, { least: props.least ?? 0 }) : "");
    if (!bad) props.onCommit(n);
  };
  return (
    <TextInput
      label={props.label}
      value={props.value === undefined ? "" : number(props.value)}
      inputMode="numeric"
      onCommit={commit}
      {...(props.hint ? { hint: props.hint } : {})}
      fault={fault || undefined}
    />
  );
}
