// What documents, places in them and values are called when people are told
// about them.

import { fieldAt, type Body, type Doc, type Path, type Schema, type Text, type Value } from "thidua-sync";
import { day, moment, number, points } from "./format.ts";
import { dayOf, type Org } from "./org.ts";
import { t } from "./text.ts";
import { asBody, num, obj, str } from "./value.ts";

/** Of a type, as the schema names it. */
export function typeName(schema: Schema | undefined, type: string): string {
  const title = schema?.types[type]?.title;
  return title ? t(title) : t({ vi: "Hồ sơ", en: "Document" });
}

/** A document in one line: what it is and what it is about. */
export function titleOf(type: string, body: Body | undefined, schema: Schema | undefined, org: Org | undefined): string {
  const about = str(body, "title") || str(body, "text");
  if (about) return `${typeName(schema, type)}: ${about}`;
  const unit = org?.name(str(body, "unit"), dayOf(Date.now()));
  const period = str(org?.find("period", str(body, "period"))?.body, "title");
  return [typeName(schema, type), unit, period].filter(Boolean).join(" · ");
}

/**
 * A place in a document: `/minutes/b3/text` is "Biên bản › Thảo luận › Nội dung". Entries of a set are called by their
 * heading, title or text, criteria by what is printed before them.
 */
export function placeOf(path: Path, type: string, body: Body | undefined, schema: Schema | undefined, org: Org | undefined): string {
  const keys = path.split("/").slice(1);
  const criteria = obj(org?.find("criteria", str(body, "criteria"))?.body, "criteria");
  let here: Value | undefined = body;
  let at = "";
  const names = keys.map((key, i) => {
    here = asBody(here)[key];
    at += `/${key}`;
    const within = fieldAt(schema, type, at.slice(0, at.lastIndexOf("/"))).field;
    if (within?.kind === "map") {
      if (keys[i - 1] === "entries" && criteria[key]) return str(asBody(criteria[key]), "code");
      const entry = asBody(here);
      const called = str(entry, "heading") || str(entry, "title") || str(entry, "subject") || str(entry, "text") || org?.name(key, dayOf(Date.now()));
      return called ? short(called, 40) : entryName(entry, key);
    }
    const title = fieldAt(schema, type, at).field?.title;
    return title ? t(title) : key;
  });
  return names.join(" › ");
}

function entryName(entry: Body, key: string): string {
  const order = num(entry, "order");
  return order === undefined ? key : t({ vi: "mục {n}", en: "entry {n}" }, { n: order });
}

/** A value as people read it; what a set or a whole document holds is told by its texts. */
export function valueOf(v: Value | undefined, path: Path, type: string, schema: Schema | undefined, org: Org | undefined): string {
  if (v === undefined) return t({ vi: "(trống)", en: "(empty)" });
  if (typeof v === "boolean") return v ? t({ vi: "có", en: "yes" }) : t({ vi: "không", en: "no" });
  const field = fieldAt(schema, type, path).field;
  if (typeof v === "number") {
    if (field?.kind === "time") return moment(v);
    return inPoints.has(path.slice(path.lastIndexOf("/") + 1)) ? points(v) : number(v);
  }
  if (typeof v === "string") {
    if (field?.kind === "date") return day(v);
    if (field?.kind === "id") return org?.name(v, dayOf(Date.now())) || str(org?.find("period", v)?.body, "title") || org?.clusterName(v) || v;
    if (field?.kind === "enum") return stateName(v);
    return v;
  }
  if (Array.isArray(v)) return v.map((x) => (typeof x === "object" ? "…" : String(x))).join(", ");
  return Object.entries(v)
    .filter(([k]) => k !== "order")
    .map(([k, x]) => valueOf(x, `${path}/${k}`, type, schema, org))
    .join(" · ");
}

/** The fields whose numbers are hundredths of a point. */
const inPoints = new Set(["self", "bonus", "penalty", "cross", "recheck", "verified", "score"]);

const states: Record<string, Text> = {
  draft: { vi: "đang soạn", en: "draft" },
  open: { vi: "đang mở", en: "open" },
  signed: { vi: "đã ký", en: "signed" },
  registered: { vi: "đã đăng ký", en: "registered" },
  filed: { vi: "đã gửi", en: "filed" },
  submitted: { vi: "đã nộp", en: "submitted" },
  cross_checked: { vi: "đã chấm chéo", en: "cross-checked" },
  explained: { vi: "đã giải trình", en: "explained" },
  rechecked: { vi: "đã chấm lại", en: "rechecked" },
  verified: { vi: "đã thẩm định", en: "verified" },
  locked: { vi: "đã khóa", en: "locked" },
  returned: { vi: "bị trả lại", en: "returned" },
  superseded: { vi: "đã thay thế", en: "superseded" },
  sent: { vi: "đã gửi", en: "sent" },
  carried: { vi: "chuyển kỳ sau", en: "carried over" },
  done: { vi: "đã thực hiện", en: "done" },
  declined: { vi: "không thực hiện", en: "declined" },
  announced: { vi: "đã công bố", en: "announced" },
  confirmed: { vi: "đã xác nhận", en: "confirmed" },
  provisional: { vi: "tạm tính", en: "provisional" },
  year_end: { vi: "tổng kết năm", en: "year-end review" },
  mid_year: { vi: "sơ kết", en: "mid-year review" },
  staff_conference: { vi: "hội nghị viên chức, người lao động", en: "staff conference" },
  commendation: { vi: "hội nghị khen thưởng", en: "commendation conference" },
  other: { vi: "khác", en: "other" },
  member: { vi: "thành viên", en: "member" },
  invited: { vi: "khách mời", en: "invited" },
  observer: { vi: "dự thính", en: "observer" },
};

/** A state or a choice in words. */
export function stateName(state: string): string {
  const text = states[state];
  return text ? t(text) : state;
}

export function short(text: string, length: number): string {
  const runes = [...text];
  return runes.length > length ? `${runes.slice(0, length - 1).join("")}…` : text;
}

/** The documents a list of mutations or conflicts is about, by identifier. */
export function byID(docs: readonly Doc[] | undefined): Map<string, Doc> {
  return new Map((docs ?? []).map((d) => [d.id, d]));
}
