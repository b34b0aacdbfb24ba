import { useMemo, useRef, useState } from "preact/hooks";
import type { Body, ID } from "thidua-sync";
import { CountInput } from "../../shared/count_input.tsx";
import { fold, freeKey, keyOf } from "../../shared/fold.ts";
import { number } from "../../shared/format.ts";
import { ATTENDEES } from "../../shared/meeting.ts";
import { attended, persons, quorum, ROLES, type Role } from "../../shared/quorum.ts";
import { t } from "../../shared/text.ts";
import { Button, Field, Select, TextInput } from "../../shared/ui.tsx";
import { asBody, flag, num, obj, put, str } from "../../shared/value.ts";
import { about, Disputes } from "./dispute.tsx";
import type { Sitting } from "./meeting.tsx";
import { Fact } from "./meeting_info.tsx";
import { quorumText } from "./meeting_overview.tsx";

const MANY = 12; // rows from which a search is worth its place

/** Who was called and who came. People are known by role, unit and title, never by name. */
export function Attendance(s: Sitting) {
  const { doc, may, recorder } = s;
  const [wanted, setWanted] = useState("");
  const rows = useMemo(() => rowsOf(s), [doc, s.org]);
  const asked = fold(wanted);
  const found = asked ? rows.filter((r) => r.words.includes(asked)) : rows;
  const away = rows.filter((r) => !flag(r.entry, "present"));
  const allHere = () =>
    recorder.edit((b) => {
      for (const r of away) put(asBody(obj(b, "attendance")[r.key]), "present", true);
    });
  return (
    <>
      <section class="card" aria-label={t({ vi: "Số đại biểu", en: "Quorum" })}>
        <p class={`quorum ${quorum(doc.body) === false ? "bad" : quorum(doc.body) ? "good" : ""}`} role="status">
          {quorumText(doc.body)}
        </p>
        <p class="faint">
          {ROLES.filter((r) => r !== "member").map((r) => `${t(ATTENDEES[r]!)}: ${number(attended(doc.body, r).present)}`).join(" · ")}
        </p>
        {may.write ? (
          <CountInput label={t({ vi: "Số người được triệu tập", en: "Members summoned" })} value={num(doc.body, "summoned")} onCommit={(n) => recorder.edit((b) => put(b, "summoned", n))} />
        ) : (
          <Fact label={t({ vi: "Số người được triệu tập", en: "Members summoned" })} text={num(doc.body, "summoned") === undefined ? "" : number(num(doc.body, "summoned")!)} />
        )}
        <Disputes of={about(s.disputes, "/summoned").filter((d) => d.path !== "")} wording={s.wording} />
      </section>
      <section class="card" aria-label={t({ vi: "Danh sách", en: "List" })}>
        {rows.length > MANY && (
          <Field label={t({ vi: "Tìm trong danh sách", en: "Find in the list" })}>{(ids) => <input {...ids} type="search" value={wanted} onInput={(e) => setWanted(e.currentTarget.value)} />}</Field>
        )}
        {may.write && away.length > 0 && <Button onClick={allHere}>{t({ vi: "Tất cả có mặt ({n})", en: "All present ({n})" }, { n: away.length })}</Button>}
        {rows.length === 0 && <p class="faint">{t({ vi: "Chưa có ai trong danh sách.", en: "Nobody is on the list yet." })}</p>}
        <ul class="list attendees">
          {found.map((r) => (
            <li key={r.key}>
              <Row {...s} row={r} />
            </li>
          ))}
        </ul>
      </section>
      {may.write && <Add {...s} taken={rows.map((r) => r.key)} />}
    </>
  );
}

interface Attendee { key: string; entry: Body; title: string; unit: string; words: string }

/** The list as people look for somebody: members first, then by unit and title. */
function rowsOf({ doc, org, day }: Sitting): Attendee[] {
  const rank = (r: Attendee) => ROLES.indexOf(str(r.entry, "role") as Role);
  return Object.entries(obj(doc.body, "attendance"))
    .map(([key, v]) => {
      const entry = asBody(v);
      const unit = str(entry, "unit") && org.name(str(entry, "unit"), day);
      const title = str(entry, "title");
      return { key, entry, title, unit, words: fold(`${title} ${unit}`) };
    })
    .sort((a, b) => rank(a) - rank(b) || a.unit.localeCompare(b.unit, "vi") || a.title.localeCompare(b.title, "vi") || (a.key < b.key ? -1 : 1));
}

function Row({ row, may, recorder, disputes, wording, ...s }: Sitting & { row: Attendee }) {
  const { entry, key } = row;
  const [open, setOpen] = useState(false);
  const name = [row.title, row.unit].filter(Boolean).join(", ") || t({ vi: "(chưa ghi chức vụ)", en: "(no title)" });
  const role = str(entry, "role") === "member" ? "" : t(ATTENDEES[str(entry, "role")] ?? { vi: "", en: "" }); // most are, and it need not be read with each
  const here = flag(entry, "present");
  const edit = (change: (a: Body) => void) =>
    recorder.edit((b) => {
      const a = obj(b, "attendance")[key];
      if (a) change(asBody(a));
    });
  const words = (
    <span class="main">
      <span>{row.title || row.unit}</span>
      <span class="faint">
        {[row.title && row.unit, role, persons(entry) > 1 && t({ vi: "{n} người", en: "{n} persons" }, { n: number(persons(entry)) })].filter(Boolean).join(" · ")}
      </span>
    </span>
  );
  return (
    <>
      <div class="attendee">
        {may.write ? (
          <label class="tick">
            <input type="checkbox" checked={here} aria-label={t({ vi: "Có mặt: {name}", en: "Present: {name}" }, { name })} onChange={(e) => edit((a) => put(a, "present", e.currentTarget.checked))} />
            {words}
          </label>
        ) : (
          <div class="tick">
            {words}
            <span class={here ? "badge good" : "badge warn"}>{here ? t({ vi: "Có mặt", en: "Present" }) : t({ vi: "Vắng", en: "Absent" })}</span>
          </div>
        )}
        {may.write && (
          <button type="button" class="button small" aria-expanded={open} aria-label={t({ vi: "Sửa: {name}", en: "Edit: {name}" }, { name })} onClick={() => setOpen(!open)}>
            {t({ vi: "Sửa", en: "Edit" })}
          </button>
        )}
      </div>
      {open && may.write && (
        <div class="inset">
          <TextInput label={t({ vi: "Chức vụ", en: "Title" })} value={row.title} maxLength={300} onCommit={(v) => edit((a) => put(a, "title", v.trim()))} />
          <Select label={t({ vi: "Tư cách", en: "Role" })} value={str(entry, "role")} options={roleOptions()} onCommit={(v) => edit((a) => put(a, "role", v))} />
          <UnitSelect {...s} value={str(entry, "unit")} onCommit={(v) => edit((a) => put(a, "unit", v))} />
          <CountInput label={t({ vi: "Số người", en: "Persons" })} hint={t({ vi: "Để trống là một người.", en: "Empty is one." })} least={1} value={num(entry, "persons")} onCommit={(n) => edit((a) => put(a, "persons", n))} />
          <Button onClick={() => recorder.edit((b) => void delete obj(b, "attendance")[key])}>{t({ vi: "Bỏ khỏi danh sách", en: "Take off the list" })}</Button>
        </div>
      )}
      <Disputes of={disputes.filter((d) => d.path.startsWith(`/attendance/${key}`))} wording={wording} />
    </>
  );
}

function roleOptions() {
  return ROLES.map((r) => ({ value: r, label: t(ATTENDEES[r]!) }));
}

/** The units people of a meeting usually come from; another one that stands there already is among them. */
function unitsFor({ doc, org, day }: Pick<Sitting, "doc" | "org" | "day">): ID[] {
  const own = doc.scope.startsWith("unit:") ? doc.scope.slice(5) : "";
  const clusters = own ? org.clustersOf(own, day) : [doc.scope.slice(8)];
  const offices = clusters.map((c) => str(org.find("cluster", c)?.body, "supervisor"));
  return [...new Set([own, ...clusters.flatMap((c) => org.members(c, day)), ...offices])].filter(Boolean);
}

function UnitSelect(props: Pick<Sitting, "doc" | "org" | "day"> & { value: ID; onCommit: (unit: ID) => void }) {
  const units = [...new Set([...unitsFor(props), props.value])].filter(Boolean);
  const options = [{ value: "", label: t({ vi: "(đơn vị khác)", en: "(another unit)" }) }, ...units.map((u) => ({ value: u, label: props.org.name(u, props.day) || t({ vi: "(không rõ)", en: "(unknown)" }) }))];
  return <Select label={t({ vi: "Đơn vị", en: "Unit" })} value={props.value} options={options} onCommit={props.onCommit} />;
}

/** The same key for the same person on two phones: by unit and title. */
function keyFor(unit: ID, title: string): string {
  return unit ? `${unit}-${keyOf(title, 27)}` : keyOf(title);
}

/** Who usually comes for a unit. A title is data: the same on every screen, whatever its language. */
const LEADER = "Giám đốc";

/** Adds one row after another: the title field is ready for the next at once, unit and role stay. */
function Add(s: Sitting & { taken: string[] }) {
  const { doc, org, recorder, day } = s;
  const [title, setTitle] = useState("");
  const [unit, setUnit] = useState(doc.scope.startsWith("unit:") ? doc.scope.slice(5) : "");
  const [role, setRole] = useState("member");
  const field = useRef<HTMLInputElement>(null);
  const add = (rows: { unit: ID; title: string }[]) =>
    recorder.edit((b) => {
      const all = obj(b, "attendance");
      for (const r of rows) {
        const a: Body = { role, present: true, title: r.title };
        put(a, "unit", r.unit);
        all[freeKey(keyFor(r.unit, r.title), (k) => k in all)] = a;
      }
      put(b, "attendance", all);
    });
  const missing = unitsFor(s).filter((u) => org.members(doc.scope.slice(8), day).includes(u) && !s.taken.includes(keyFor(u, LEADER)) && !listed(doc.body, u));
  return (
    <form
      class="card"
      onSubmit={(e) => {
        e.preventDefault();
        if (title.trim()) add([{ unit, title: title.trim() }]);
        setTitle("");
        field.current?.focus();
      }}
    >
      <h3>{t({ vi: "Thêm người dự", en: "Add people" })}</h3>
      {doc.scope.startsWith("cluster:") && missing.length > 0 && (
        <Button onClick={() => add(missing.map((u) => ({ unit: u, title: LEADER })))}>{t({ vi: "Thêm giám đốc {n} đơn vị thành viên", en: "Add the directors of {n} members" }, { n: missing.length })}</Button>
      )}
      <Field label={t({ vi: "Chức vụ", en: "Title" })} hint={t({ vi: "Không ghi họ tên.", en: "No names." })}>
        {(ids) => <input {...ids} ref={field} maxLength={300} enterkeyhint="done" value={title} onInput={(e) => setTitle(e.currentTarget.value)} />}
      </Field>
      <UnitSelect {...s} value={unit} onCommit={setUnit} />
      <Select label={t({ vi: "Tư cách", en: "Role" })} value={role} options={roleOptions()} onCommit={setRole} />
      <Button kind="main" submit disabled={!title.trim()}>
        {t({ vi: "Thêm vào danh sách", en: "Add to the list" })}
      </Button>
    </form>
  );
}

/** Whether a member of a unit is on the list. */
function listed(meeting: Body, unit: ID): boolean {
  return Object.values(obj(meeting, "attendance")).some((a) => str(asBody(a), "unit") === unit && str(asBody(a), "role") === "member");
}
