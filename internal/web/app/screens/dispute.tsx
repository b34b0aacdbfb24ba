// What could not be applied to a document, shown at the place it is about with
// all values: what stands there, and what each person wanted.

import { useEffect, useState } from "preact/hooks";
import { diffWords, fieldAt, type Doc, type Field, type Path, type Schema, type Text, type Value } from "thidua-sync";
import { day, moment, number } from "../../shared/format.ts";
import { t } from "../../shared/text.ts";
import { Button } from "../../shared/ui.tsx";
import { asBody, num, obj, str } from "../../shared/value.ts";
import { phone, useDocs } from "../phone.ts";

/** One place two people disagree about, or that the server did not take from us. */
export interface Dispute {
  key: string;
  kind: "conflict" | "refused";
  /** The type of the document, for the words of its fields. */
  type: string;
  path: Path;
  /** What stands there; undefined is nothing. */
  present: Value | undefined;
  sides: { value: Value | undefined; mine: boolean; at: number; deleted: boolean }[];
  /** Why it was refused. */
  message?: Text;
  code: string;
  /** The mutation of ours that was refused, for `dismiss`. */
  mutation?: string;
}

/** Everything open about a document: its conflicts, and what the server refused of this device. */
export function useDisputes(doc: Doc | null | undefined, person: string): Dispute[] {
  const id = doc?.id ?? "";
  const conflicts = useDocs({ scope: doc?.scope ?? "", type: "conflict", where: (c) => str(c.body, "about") === id && str(c.body, "state") === "open" }, `conflicts/${doc?.scope}/${id}`);
  const [refused, setRefused] = useState<Dispute[]>([]);
  useEffect(() => {
    let gone = false;
    if (!doc || doc.status !== "refused" && doc.status !== "conflict") return setRefused([]);
    void refusals(doc).then((found) => gone || setRefused(found));
    return () => {
      gone = true;
    };
  }, [doc]);
  return [...(doc ? (conflicts ?? []).flatMap((c) => itemsOf(c, doc, person)) : []), ...refused];
}

function itemsOf(conflict: Doc, doc: Doc, person: string): Dispute[] {
  return Object.entries(obj(conflict.body, "items")).map(([key, v]) => {
    const item = asBody(v);
    return {
      key: `${conflict.id}/${key}`,
      kind: "conflict",
      type: str(conflict.body, "aboutType"),
      path: str(item, "path"),
      present: item["presentHash"] ? at(doc.body, str(item, "path")) : item["present"], // a long one is not repeated in the conflict
      code: str(item, "code"),
      sides: Object.values(obj(item, "sides")).map((s) => {
        const side = asBody(s);
        return { value: side["value"], mine: str(side, "author") === person, at: num(side, "made") ?? num(side, "received") ?? 0, deleted: str(item, "path") === "" && side["value"] === undefined };
      }),
    };
  });
}

async function refusals(doc: Doc): Promise<Dispute[]> {
  const client = await phone();
  const found = (await client.recorded({ doc: doc.id, outcome: "rejected" })).filter((r) => !r.dismissed);
  return found.flatMap((r) => {
    const edits = r.mutation.edits ? Object.entries(r.mutation.edits) : [["", [null, r.mutation.create ?? null]] as const];
    return edits.map(([path, [, now]]) => ({
      key: `${r.mutation.id}${path}`,
      kind: "refused" as const,
      type: doc.type,
      path,
      present: at(doc.body, path),
      code: r.ack?.code ?? "",
      sides: [{ value: now ?? undefined, mine: true, at: r.made, deleted: r.mutation.delete !== undefined }],
      ...(r.ack?.message ? { message: r.ack.message } : {}),
      mutation: r.mutation.id,
    }));
  });
}

function at(v: Value | undefined, path: Path): Value | undefined {
  return path.split("/").slice(1).reduce<Value | undefined>((b, k) => asBody(b)[k], v);
}

/** The disputes at a place, below it, or about something it is part of. */
export function about(all: readonly Dispute[], path: Path): Dispute[] {
  return all.filter((d) => d.path === path || d.path.startsWith(`${path}/`) || path.startsWith(`${d.path}/`));
}

/** How a screen names values that are words of the program: kinds, states, identifiers. */
export type Wording = (value: string, field: Field | undefined) => string;

/** How a screen writes numbers: counts as they are, points as hundredths. */
export type Figure = (n: number) => string;

/** Shows disputes with all their values. `take` offers to write our refused text somewhere else. */
export function Disputes(props: { of: readonly Dispute[]; wording: Wording; figure?: Figure; take?: { label: string; on: (d: Dispute) => void } }) {
  const schema = useSchema();
  const say: Say = { schema, wording: props.wording, figure: props.figure ?? number };
  if (props.of.length === 0) return null;
  return (
    <div class="disputes">
      {props.of.map((d) => (
        <section key={d.key} class={`message dispute ${d.kind === "conflict" ? "warn" : "bad"}`} aria-label={d.kind === "conflict" ? t({ vi: "Xung đột", en: "Conflict" }) : t({ vi: "Bị từ chối", en: "Refused" })}>
          <p>
            <strong>{placeName(schema, d)}</strong>
            {": "}
            {d.kind === "conflict"
              ? t({ vi: "hai nơi ghi khác nhau, chờ người có thẩm quyền quyết định. Không nội dung nào bị mất.", en: "two versions were written; somebody in charge decides. Nothing is lost." })
              : d.message
                ? t(d.message)
                : t({ vi: "máy chủ không nhận nội dung này.", en: "the server did not take this." })}
          </p>
          <dl>
            <dt>{t({ vi: "Đang có", en: "Present" })}</dt>
            <dd>
              <Shown value={d.present} d={d} say={say} />
            </dd>
            {d.sides.map((s, i) => [
              <dt key={`t${i}`}>
                {s.mine ? t({ vi: "Bạn ghi", en: "You wrote" }) : t({ vi: "Người khác ghi", en: "Somebody else wrote" })}
                {s.at ? ` (${moment(s.at)})` : ""}
              </dt>,
              <dd key={`d${i}`}>{s.deleted ? t({ vi: "(xóa)", en: "(removed)" }) : <Shown value={s.value} against={d.present} d={d} say={say} />}</dd>,
            ])}
          </dl>
          {d.kind === "refused" && (
            <div class="actions">
              {props.take && typeof d.sides[0]?.value !== "undefined" && <Button onClick={() => props.take!.on(d)}>{props.take.label}</Button>}
              <Button onClick={() => d.mutation && void phone().then((c) => c.dismiss(d.mutation!))}>{t({ vi: "Đã xem", en: "Seen" })}</Button>
            </div>
          )}
        </section>
      ))}
    </div>
  );
}

function useSchema(): Schema | undefined {
  const [schema, set] = useState<Schema>();
  useEffect(() => {
    void phone().then((c) => set(c.schema()));
  }, []);
  return schema;
}

/** Where it is, in the words of the type: "Biên bản, Nội dung". */
function placeName(schema: Schema | undefined, d: Dispute): string {
  const keys = d.path.split("/").slice(1);
  const titles = keys.map((_, i) => fieldAt(schema, d.type, "/" + keys.slice(0, i + 1).join("/")).field?.title).filter((x) => x !== undefined);
  const words = [...new Set(titles.map((x) => t(x)))];
  return words.join(", ") || t({ vi: "Cả hồ sơ", en: "The whole document" });
}

interface Say { schema: Schema | undefined; wording: Wording; figure: Figure }

function Shown(props: { value: Value | undefined; against?: Value | undefined; d: Dispute; say: Say }) {
  const { value, against } = props;
  if (typeof value === "string" && typeof against === "string" && value.length > 20) {
    return (
      <span class="prose">
        {diffWords(against, value).map((w, i) => (w.kind === "removed" ? <del key={i}>{w.text}</del> : w.kind === "added" ? <ins key={i}>{w.text}</ins> : w.text))}
      </span>
    );
  }
  return <span class="prose">{said(value, fieldAt(props.say.schema, props.d.type, props.d.path).field, props.say)}</span>;
}

/** A value in words. */
function said(v: Value | undefined, field: Field | undefined, say: Say): string {
  if (v === undefined) return t({ vi: "(trống)", en: "(nothing)" });
  if (typeof v === "boolean") return v ? t({ vi: "Có", en: "Yes" }) : t({ vi: "Không", en: "No" });
  if (typeof v === "number") return say.figure(v);
  if (typeof v === "string") return field?.kind === "date" ? day(v) : field?.kind === "enum" || field?.kind === "id" ? say.wording(v, field) : v;
  if (Array.isArray(v)) return v.map((e) => said(e, field?.each, say)).join("; ");
  return Object.entries(v)
    .filter(([k]) => k !== "order")
    .map(([k, e]) => {
      const below = field?.kind === "map" ? field.each : field?.fields?.[k];
      return below?.title && field?.kind === "object" ? `${t(below.title)}: ${said(e, below, say)}` : said(e, below, say);
    })
    .join("; ");
}
