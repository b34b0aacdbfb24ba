import { useState } from "preact/hooks";
import { number, parseCount, percent, share } from "../../shared/format.ts";
import { TALLY } from "../../shared/meeting.ts";
import { counted, passed, TALLY_KEYS, tallyFault, unanimous, type Tally } from "../../shared/tally.ts";
import { t } from "../../shared/text.ts";
import { Button, Field, Message } from "../../shared/ui.tsx";

/** A vote as counted, with what it came to. */
export function TallyShown({ tally, present, passes = true }: { tally: Tally; present: number; passes?: boolean }) {
  const ok = passed(tally, present);
  const of = share(tally.for, present);
  return (
    <div class="tally">
      <p class="badges">
        {passes && (
          <span class={ok ? "badge good" : "badge warn"}>{ok ? t({ vi: "Thông qua", en: "Passed" }) : t({ vi: "Không thông qua", en: "Not passed" })}</span>
        )}
        <span>
          {t({ vi: "{n}/{of} người có mặt tán thành", en: "{n} of {of} present in favour" }, { n: number(tally.for), of: number(present) })}
          {of === undefined ? "" : ` (${percent(of)})`}
        </span>
      </p>
      <p class="faint">{TALLY_KEYS.map((k) => `${t(TALLY[k]!)}: ${number(tally[k])}`).join(" · ")}</p>
      {tallyFault(tally, present) === "present" && <p class="warn-text">{fault("present", present)}</p>}
    </div>
  );
}

/**
 * Counts a vote. What it comes to and what does not add up is said as one types; it is recorded as a whole, because
 * the six numbers are of one moment. How many came back follows from the others until somebody writes it.
 */
export function TallyForm(props: { name: string; value: Tally | undefined; present: number; onSave: (t: Tally) => void; onCancel: () => void }) {
  const [typed, setTyped] = useState<Partial<Record<keyof Tally, string>>>(() => Object.fromEntries(TALLY_KEYS.map((k) => [k, String(props.value?.[k] ?? (k === "issued" ? props.present : ""))])));
  const [own, setOwn] = useState(props.value !== undefined); // whether the number returned was written by hand
  const read = (k: keyof Tally) => (typed[k]?.trim() ? (parseCount(typed[k]!) ?? -1) : 0);
  const t0: Tally = { for: read("for"), against: read("against"), abstain: read("abstain"), invalid: read("invalid"), returned: read("returned"), issued: read("issued") };
  const tally = own ? t0 : { ...t0, returned: counted(t0) };
  const wrong = tallyFault(tally, props.present);
  const empty = counted(tally) === 0 && tally.returned === 0;
  return (
    <form
      class="inset"
      aria-label={props.name}
      onSubmit={(e) => {
        e.preventDefault();
        if (!wrong || wrong === "present") props.onSave(tally);
      }}
    >
      <Button
        onClick={() => {
          setOwn(false);
          setTyped(Object.fromEntries(Object.entries(unanimous(props.present)).map(([k, n]) => [k, String(n)])));
        }}
      >
        {t({ vi: "Cả {n} người có mặt tán thành", en: "All {n} present in favour" }, { n: number(props.present) })}
      </Button>
      <div class="pair">
        {TALLY_KEYS.map((k) => (
          <Field key={k} label={t(TALLY[k]!)}>
            {(ids) => (
              <input
                {...ids}
                inputMode="numeric"
                autocomplete="off"
                value={k === "returned" && !own ? String(counted(t0)) : typed[k]}
                onInput={(e) => {
                  if (k === "returned") setOwn(true);
                  setTyped({ ...typed, [k]: e.currentTarget.value });
                }}
              />
            )}
          </Field>
        ))}
      </div>
      <div role="status">
        {wrong ? (
          <p class={wrong === "present" ? "warn-text" : "bad-text"}>{fault(wrong, props.present)}</p>
        ) : (
          !empty && <p class={passed(tally, props.present) ? "good-text" : "warn-text"}>{passed(tally, props.present) ? t({ vi: "Khớp số phiếu. Được quá nửa số người có mặt tán thành.", en: "It adds up. More than half of those present are in favour." }) : t({ vi: "Khớp số phiếu. Chưa quá nửa số người có mặt tán thành.", en: "It adds up. Not more than half of those present are in favour." })}</p>
        )}
      </div>
      <div class="actions">
        <Button onClick={props.onCancel}>{t({ vi: "Thôi", en: "Cancel" })}</Button>
        <Button kind="main" submit disabled={(wrong !== undefined && wrong !== "present") || empty}>
          {t({ vi: "Ghi kết quả", en: "Record the result" })}
        </Button>
      </div>
    </form>
  );
}

function fault(what: NonNullable<ReturnType<typeof tallyFault>>, present: number): string {
  switch (what) {
    case "negative":
      return t({ vi: "Chỉ ghi số nguyên, từ 0 trở lên.", en: "Whole numbers from 0 only." });
    case "sum":
      return t({ vi: "Chưa khớp: tán thành + không tán thành + không có ý kiến + không hợp lệ phải bằng số phiếu thu vào.", en: "It does not add up: for + against + abstained + invalid must equal those returned." });
    case "returned":
      return t({ vi: "Số phiếu thu vào nhiều hơn số phiếu phát ra.", en: "More ballots came back than were issued." });
    case "present":
      return t({ vi: "Số phiếu phát ra nhiều hơn {n} đại biểu chính thức có mặt. Ghi được, nhưng phải sửa trước khi ký.", en: "More ballots were issued than the {n} members present. It can be recorded, but must be put right before signing." }, { n: number(present) });
  }
}

/** Where nobody is on the attendance list yet, no vote can pass. */
export function NobodyPresent() {
  return <Message kind="info">{t({ vi: "Chưa ghi ai có mặt; hãy ghi thành phần tham dự để tính kết quả.", en: "Nobody is recorded as present; record the attendance so that results can be computed." })}</Message>;
}
