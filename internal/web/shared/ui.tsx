// The few parts every screen is made of. They are plain elements with the
// right roles; what they look like is in style.css.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Text } from "thidua-sync";
import { t } from "./text.ts";

export function Button(props: { kind?: "main" | "plain" | "danger"; submit?: boolean; disabled?: boolean; pressed?: boolean; label?: string; onClick?: () => void; children: ComponentChildren }) {
  return (
    <button type={props.submit ? "submit" : "button"} class={`button ${props.kind ?? "plain"}`} disabled={props.disabled} aria-pressed={props.pressed} aria-label={props.label} onClick={props.onClick}>
      {props.children}
    </button>
  );
}

/** A labelled place for one value. `fault` is said to screen readers as well. */
export function Field(props: { label: string; hint?: string; fault?: string | undefined; children: (ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ComponentChildren }) {
  const id = useId();
  const note = props.fault ?? props.hint;
  return (
    <div class={props.fault ? "field faulty" : "field"}>
      <label for={id}>{props.label}</label>
      {props.children(note ? { id, "aria-describedby": `${id}-note`, ...(props.fault ? { "aria-invalid": true } : {}) } : { id })}
      {note && (
        <p class="note" id={`${id}-note`} role={props.fault ? "alert" : undefined}>
          {props.fault ?? props.hint}
        </p>
      )}
    </div>
  );
}

/**
 * A text as somebody types it. It is handed over when the field is left or
 * nothing was typed for a second, not at every key: each time is one act that
 * is recorded.
 */
export function TextInput(props: {
  label: string;
  value: string;
  onCommit: (value: string) => void;
  hint?: string;
  fault?: string | undefined;
  lines?: number;
  type?: "text" | "date" | "password" | "search";
  inputMode?: "decimal" | "numeric" | "text";
  disabled?: boolean;
  autocomplete?: string;
  maxLength?: number;
  /** What is wrong with it, said as one types; a faulty text is not handed over. */
  check?: (typed: string) => string | undefined;
}) {
  const [typed, setTyped] = useState(props.value);
  const dirty = useRef(false);
  const latest = useRef({ typed, commit: props.onCommit, check: props.check });
  latest.current = { typed, commit: props.onCommit, check: props.check };
  useEffect(() => {
    if (!dirty.current) setTyped(props.value); // somebody else wrote it, and nobody is typing here
  }, [props.value]);
  const commit = () => {
    if (!dirty.current || latest.current.check?.(latest.current.typed)) return;
    dirty.current = false;
    latest.current.commit(latest.current.typed);
  };
  useEffect(() => {
    if (!dirty.current) return;
    const timer = setTimeout(commit, 1000);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => {
    addEventListener("pagehide", commit);
    return () => {
      removeEventListener("pagehide", commit);
      commit();
    };
  }, []);
  const edit = (e: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => {
    dirty.current = true;
    setTyped(e.currentTarget.value);
  };
  return (
    <Field label={props.label} {...(props.hint ? { hint: props.hint } : {})} fault={(dirty.current && props.check?.(typed)) || props.fault}>
      {(ids) =>
        props.lines ? (
          <textarea {...ids} rows={props.lines} value={typed} disabled={props.disabled} maxLength={props.maxLength} onInput={edit} onBlur={commit} />
        ) : (
          <input
            {...ids}
            type={(props.type ?? "text") as "text"}
            inputMode={props.inputMode}
            value={typed}
            disabled={props.disabled}
            autocomplete={props.autocomplete ?? "off"}
            maxLength={props.maxLength}
            onInput={edit}
            onBlur={commit}
          />
        )
      }
    </Field>
  );
}

export function Select(props: { label: string; value: string; options: { value: string; label: string }[]; onCommit: (value: string) => void; disabled?: boolean; hint?: string }) {
  return (
    <Field label={props.label} {...(props.hint ? { hint: props.hint } : {})}>
      {(ids) => (
        <select {...ids} value={props.value} disabled={props.disabled} onChange={(e) => props.onCommit(e.currentTarget.value)}>
          {props.options.map((o) => (
            <option key={o.value} value={o.value}>
              {o.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** What happened, said once to everybody. */
export function Message(props: { kind: "good" | "warn" | "bad" | "info"; children: ComponentChildren }) {
  return (
    <div class={`message ${props.kind}`} role={props.kind === "bad" ? "alert" : "status"}>
      {props.children}
    </div>
  );
}

/** A question before something that cannot be taken back, or that needs a reason. */
export function Ask(props: { title: Text; body?: Text; reason?: Text; confirm: Text; danger?: boolean; onConfirm: (reason: string) => void; onCancel: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState("");
  const id = useId();
  useEffect(() => {
    const d = dialog.current;
    if (d && !d.open) d.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onCancel={props.onCancel}>
      <form
        method="dialog"
        onSubmit={(e) => {
          e.preventDefault();
          props.onConfirm(reason.trim());
        }}
      >
        <h2 id={id}>{t(props.title)}</h2>
        {props.body && <p>{t(props.body)}</p>}
        {props.reason && (
          <Field label={t(props.reason)}>
            {(ids) => <textarea {...ids} rows={3} required maxLength={1000} value={reason} onInput={(e) => setReason(e.currentTarget.value)} />}
          </Field>
        )}
        <div class="actions">
          <Button onClick={props.onCancel}>{t({ vi: "Thôi", en: "Cancel" })}</Button>
          <Button kind={props.danger ? "danger" : "main"} submit disabled={!!props.reason && !reason.trim()}>
            {t(props.confirm)}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
