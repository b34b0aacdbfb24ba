// What became of what was recorded here: what waits, what others decide, what
// was refused and why, and what was merged.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Body, Doc, Path, Recorded, Schema, Text, Value } from "thidua-sync";
import { placeOf, titleOf, valueOf } from "../../shared/describe.ts";
import { moment, number } from "../../shared/format.ts";
import { dayOf, type Org } from "../../shared/org.ts";
import { t } from "../../shared/text.ts";
import { Button, Message } from "../../shared/ui.tsx";
import { asBody, num, obj, str } from "../../shared/value.ts";
import { phone } from "../phone.ts";
import { href } from "../route.ts";
import "../sync.css";

/** What every list here needs to put things into words. */
export interface Known {
  docs: ReadonlyMap<string, Doc>;
  schema: Schema | undefined;
  org: Org | undefined;
  person: string;
}

export function Section(props: { id: string; title: Text; count: number; children: ComponentChildren }) {
  if (props.count === 0) return null;
  return (
    <section class="card" aria-labelledby={props.id}>
      <h2 id={props.id}>
        {t(props.title)} ({number(props.count)})
      </h2>
      {props.children}
    </section>
  );
}

/** The document something is about, with the way to the screen that shows it. */
function About({ id, type, scope, body, known }: { id: string; type: string; scope: string; body?: Body | undefined; known: Known }) {
  const doc = known.docs.get(id);
  const title = titleOf(doc?.type ?? type, doc?.body ?? body, known.schema, known.org);
  const to = type === "meeting" ? href("meetings", scope, id) : type === "sheet" || type === "review" ? href("scores", type, str(doc?.body, "unit"), str(doc?.body, "period")) : undefined;
  return to && doc ? <a href={to}>{title}</a> : <span>{title}</span>;
}

/** The places a mutation is about, with what it wants there. */
function wants(r: Recorded): [Path, Value | null][] {
  if (r.mutation.edits) return Object.entries(r.mutation.edits).map(([path, [, now]]) => [path, now]);
  return [];
}

export function Waiting({ recorded, known }: { recorded: Recorded[]; known: Known }) {
  const shown = 50; // more tell nothing more
  return (
    <Section id="waiting" title={{ vi: "Chờ gửi hoặc chờ đối chiếu", en: "Waiting to be sent or verified" }} count={recorded.length}>
      <ul class="list">
        {recorded.slice(0, shown).map((r) => {
          const { mutation: m } = r;
          const doc = known.docs.get(m.doc);
          const places = wants(r).map(([path]) => placeOf(path, doc?.type ?? m.type ?? "", doc?.body, known.schema, known.org));
          return (
            <li class="row" key={m.id}>
              <span class="main">
                <About id={m.doc} type={doc?.type ?? m.type ?? ""} scope={m.scope} body={m.create} known={known} />
                <span class="faint">
                  {m.create ? t({ vi: "lập mới", en: "created" }) : m.delete ? t({ vi: "xóa", en: "removed" }) : places.join("; ")} · {moment(r.made)}
                </span>
              </span>
              <span class="badge">{r.state === "waiting" ? t({ vi: "chưa gửi", en: "not sent" }) : t({ vi: "chờ đối chiếu", en: "to be verified" })}</span>
            </li>
          );
        })}
      </ul>
      {recorded.length > shown && <p class="faint">{t({ vi: "và {n} việc khác", en: "and {n} more" }, { n: number(recorded.length - shown) })}</p>}
    </Section>
  );
}

/** Open conflicts with all values, those this person is a side of first. */
export function Conflicts({ conflicts, why, known }: { conflicts: Doc[]; why: ReadonlyMap<string, Text>; known: Known }) {
  const mine = (c: Doc) => Object.values(obj(c.body, "items")).some((i) => Object.values(obj(asBody(i), "sides")).some((s) => str(asBody(s), "author") === known.person));
  return (
    <Section id="conflicts" title={{ vi: "Chờ người có thẩm quyền quyết định", en: "Waiting for somebody in charge to decide" }} count={conflicts.length}>
      <ul class="list">
        {[...conflicts].sort((a, b) => Number(mine(b)) - Number(mine(a)) || (a.id < b.id ? -1 : 1)).map((c) => (
          <li key={c.id} class="row">
            <div class="main">
              <About id={str(c.body, "about")} type={str(c.body, "aboutType")} scope={c.scope} known={known} />
              <p class="faint">{t(why.get(c.id) ?? { vi: "Hai nơi ghi khác nhau; mọi nội dung đều được giữ lại.", en: "Two versions were written; both are kept." })}</p>
              {Object.entries(obj(c.body, "items")).map(([key, v]) => (
                <Item key={key} item={asBody(v)} type={str(c.body, "aboutType")} body={known.docs.get(str(c.body, "about"))?.body} known={known} />
              ))}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Item({ item, type, body, known }: { item: Body; type: string; body: Body | undefined; known: Known }) {
  const path = str(item, "path");
  const said = (v: Value | undefined) => valueOf(v, path, type, known.schema, known.org);
  return (
    <dl class="outcome">
      <dt>{path ? placeOf(path, type, body, known.schema, known.org) : t({ vi: "Cả hồ sơ", en: "The whole document" })}</dt>
      <dd>
        {t({ vi: "Đang có", en: "Present" })}: {said(item["present"])}
      </dd>
      {Object.entries(obj(item, "sides")).map(([id, s]) => (
        <dd key={id}>
          {str(asBody(s), "author") === known.person ? t({ vi: "Bạn ghi", en: "You wrote" }) : t({ vi: "Người khác ghi", en: "Somebody else wrote" })}: {said(asBody(s)["value"])}
        </dd>
      ))}
    </dl>
  );
}

export function Refused({ recorded, known }: { recorded: Recorded[]; known: Known }) {
  return (
    <Section id="refused" title={{ vi: "Không được nhận", en: "Not taken" }} count={recorded.length}>
      <ul class="list">
        {recorded.map((r) => (
          <li key={r.mutation.id} class="row">
            <RefusedOne r={r} known={known} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function RefusedOne({ r, known }: { r: Recorded; known: Known }) {
  const [did, setDid] = useState<Text>();
  const { mutation: m, ack } = r;
  const doc = known.docs.get(m.doc);
  const type = doc?.type ?? m.type ?? "";
  const text = wants(r).map(([, now]) => now).filter((v): v is string => typeof v === "string").join("\n");
  const place = keeper(r, doc);
  const late = ack?.code === "late";
  return (
    <div class="main">
      <About id={m.doc} type={type} scope={m.scope} body={m.create} known={known} />
      <p>{ack?.message ? t(ack.message) : t({ vi: "Máy chủ không nhận nội dung này.", en: "The server did not take this." })}</p>
      <dl class="outcome">
        {wants(r).map(([path, now]) => [
          <dt key={`t${path}`}>{placeOf(path, type, doc?.body, known.schema, known.org)}</dt>,
          <dd key={`d${path}`}>
            {t({ vi: "Bạn ghi", en: "You wrote" })}: {valueOf(now ?? undefined, path, type, known.schema, known.org)}
          </dd>,
        ])}
      </dl>
      <p class="faint">{moment(r.made)}</p>
      {did && <Message kind="good">{t(did)}</Message>}
      <div class="actions">
        {place && <Button onClick={() => void place.write().then(() => setDid(place.done))}>{t(place.offer)}</Button>}
        {text && <Button onClick={() => void navigator.clipboard.writeText(text).then(() => setDid({ vi: "Đã chép nội dung.", en: "The text was copied." }))}>{t({ vi: "Chép nội dung của tôi", en: "Copy my text" })}</Button>}
        {late && <Button onClick={() => void ask(r, known).then((how) => setDid(how))}>{t({ vi: "Đề nghị mở lại", en: "Ask to reopen" })}</Button>}
        <Button onClick={() => void phone().then((client) => client.dismiss(m.id))}>{t({ vi: "Bỏ qua", en: "Dismiss" })}</Button>
      </div>
    </div>
  );
}

interface Keeper {
  offer: Text;
  done: Text;
  write: () => Promise<unknown>;
}

/** Where a refused text may be written all the same: an addendum to signed minutes, an explanation after the cross-check. */
function keeper(r: Recorded, doc: Doc | undefined): Keeper | undefined {
  const texts = wants(r).filter((w): w is [Path, string] => typeof w[1] === "string" && w[1].length > 0);
  if (!doc || texts.length === 0) return undefined;
  const change = (f: (b: Body) => void) => phone().then(async (client) => {
    await client.update(doc.scope, doc.id, f);
    await client.dismiss(r.mutation.id);
  });
  if (r.ack?.code === "minutes_signed" && str(doc.body, "state") === "signed") {
    return {
      offer: { vi: "Giữ lại làm phụ lục", en: "Keep my text as an addendum" },
      done: { vi: "Đã ghi thành phụ lục.", en: "Recorded as an addendum." },
      write: () => change((b) => void (b["addenda"] = { ...obj(b, "addenda"), [r.mutation.id]: { on: dayOf(r.made), text: texts.map(([, text]) => text).join("\n") } })),
    };
  }
  const entry = /^\/entries\/([^/]+)\//.exec(texts[0]?.[0] ?? "")?.[1];
  if ((r.ack?.code === "cross_checked" || r.ack?.code === "cross_checked_since") && entry && str(doc.body, "state") === "cross_checked") {
    return {
      offer: { vi: "Giữ lại làm giải trình", en: "Keep my text as an explanation" },
      done: { vi: "Đã ghi thành giải trình.", en: "Recorded as an explanation." },
      write: () => change((b) => void (asBody(obj(b, "entries")[entry])["explanation"] = texts.map(([, text]) => text).join("\n"))),
    };
  }
  return undefined;
}

/** Hands a request to an administrator over, in whatever way the person writes to people: what was refused waits where they can take it in. */
async function ask(r: Recorded, known: Known): Promise<Text> {
  const doc = known.docs.get(r.mutation.doc);
  const text = t(
    { vi: "Đề nghị mở lại: {title}. Nội dung gửi muộn đang được giữ trên hệ thống, mã {id}.", en: "Please reopen: {title}. What came late is kept in the system, number {id}." },
    { title: titleOf(doc?.type ?? r.mutation.type ?? "", doc?.body, known.schema, known.org), id: r.ack?.kept ?? r.mutation.id },
  );
  try {
    if (navigator.share) {
      await navigator.share({ text });
      return { vi: "Đã chuyển đề nghị.", en: "The request was handed over." };
    }
  } catch {
    // closed without sending: the text is copied all the same
  }
  await navigator.clipboard.writeText(text);
  return { vi: "Đã chép lời đề nghị; hãy gửi cho quản trị viên.", en: "The request was copied; send it to an administrator." };
}

export function Merged({ recorded, known }: { recorded: Recorded[]; known: Known }) {
  const all = async () => {
    const client = await phone();
    for (const r of recorded) await client.dismiss(r.mutation.id);
  };
  return (
    <Section id="merged" title={{ vi: "Đã gộp với nội dung của người khác", en: "Merged with what others wrote" }} count={recorded.length}>
      <ul class="list">
        {recorded.map((r) => {
          const doc = known.docs.get(r.mutation.doc);
          return (
            <li class="row" key={r.mutation.id}>
              <span class="main">
                <About id={r.mutation.doc} type={doc?.type ?? r.mutation.type ?? ""} scope={r.mutation.scope} known={known} />
                <span class="faint">
                  {wants(r).map(([path]) => placeOf(path, doc?.type ?? "", doc?.body, known.schema, known.org)).join("; ")} · {moment(r.made)}
                </span>
              </span>
            </li>
          );
        })}
      </ul>
      <Button onClick={() => void all()}>{t({ vi: "Đã xem", en: "Seen" })}</Button>
    </Section>
  );
}

/** Refusals that this device knows only from their documents: made on another device of the same person. */
export function Elsewhere({ rejections, known }: { rejections: Doc[]; known: Known }) {
  return (
    <Section id="elsewhere" title={{ vi: "Không được nhận, ghi từ máy khác của bạn", en: "Not taken, from another device of yours" }} count={rejections.length}>
      <ul class="list">
        {rejections.map((r) => (
          <li class="row" key={r.id}>
            <span class="main">
              <About id={str(r.body, "about")} type={str(r.body, "aboutType")} scope={str(r.body, "scope") || r.scope} known={known} />
              <span class="faint">
                {Object.values(obj(r.body, "edits")).map((e) => valueOf(asBody(e)["now"], str(asBody(e), "path"), str(r.body, "aboutType"), known.schema, known.org)).join("; ")}
                {num(r.body, "made") ? ` · ${moment(num(r.body, "made") ?? 0)}` : ""}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
