import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { ID, Value } from "thidua-sync";
import { day } from "../../shared/format.ts";
import { KINDS } from "../../shared/meeting.ts";
import { t } from "../../shared/text.ts";
import { Ask, Button, Field, Select, TextInput } from "../../shared/ui.tsx";
import { put, str } from "../../shared/value.ts";
import { go } from "../route.ts";
import { about, Disputes } from "./dispute.tsx";
import type { Sitting } from "./meeting.tsx";

/** Kind, dates, periods, place, host and basis of a meeting. */
export function Info(s: Sitting) {
  const { doc, may, org, recorder, day: held } = s;
  const [asking, setAsking] = useState(false);
  const b = doc.body;
  const set = (key: string) => (value: Value) => recorder.edit((body) => put(body, key, typeof value === "string" ? value.trim() : value));
  const clusters = doc.scope.startsWith("cluster:") ? [doc.scope.slice(8)] : org.clustersOf(doc.scope.slice(5), held);
  const none = { value: "", label: t({ vi: "(chưa chọn)", en: "(none)" }) };
  const periods = [none, ...org.periods(clusters).map((p) => ({ value: p.id, label: str(p.body, "title") }))];
  const dispatches = [none, ...org.of("dispatch").filter((d) => !str(d.body, "cluster") || clusters.includes(str(d.body, "cluster"))).map((d) => ({ value: d.id, label: `${str(d.body, "number")} (${day(str(d.body, "date"))})` }))];
  const units = new Set<ID>([...(doc.scope.startsWith("unit:") ? [doc.scope.slice(5)] : []), ...clusters.flatMap((c) => org.members(c, held)), str(b, "host")]);
  const hosts = [none, ...[...units].filter(Boolean).map((u) => ({ value: u, label: org.name(u, held) || t({ vi: "(không rõ)", en: "(unknown)" }) }))];

  const place = (key: string, label: string, input: ComponentChildren, text: string) => (
    <div key={key} class="place">
      {may.write ? input : <Fact label={label} text={text} />}
      <Disputes of={about(s.disputes, `/${key}`).filter((d) => d.path !== "")} wording={s.wording} />
    </div>
  );
  const text = (key: string, vi: string, en: string, more: { lines?: number; maxLength?: number } = {}) => {
    const label = t({ vi, en });
    const line = (v: string) => {
      if (v.trim() || key !== "title") set(key)(more.maxLength === 300 ? v.replace(/\s*\n\s*/g, " ") : v); // a meeting always has a title
    };
    return place(key, label, <TextInput label={label} value={str(b, key)} onCommit={line} {...more} />, str(b, key));
  };
  const pick = (key: string, vi: string, en: string, options: { value: string; label: string }[]) => {
    const label = t({ vi, en });
    const value = str(b, key);
    const known = options.some((o) => o.value === value) ? options : [...options, { value, label: s.wording(value, { kind: "id" }) }];
    return place(key, label, <Select label={label} value={value} options={known} onCommit={set(key)} />, value && known.find((o) => o.value === value)!.label);
  };
  return (
    <section class="card">
      {text("title", "Tên hội nghị", "Title", { lines: 2, maxLength: 300 })}
      {pick("kind", "Loại hội nghị", "Kind", Object.entries(KINDS).map(([value, name]) => ({ value, label: t(name) })))}
      {place(
        "held_on",
        t({ vi: "Ngày tổ chức", en: "Held on" }),
        <Field label={t({ vi: "Ngày tổ chức", en: "Held on" })} hint={day(held)}>{(ids) => <input {...ids} type="date" required value={held} onChange={(e) => e.currentTarget.value && set("held_on")(e.currentTarget.value)} />}</Field>,
        day(held),
      )}
      {text("place", "Địa điểm", "Place", { lines: 2, maxLength: 300 })}
      {pick("host", "Đơn vị đăng cai", "Host", hosts)}
      {pick("reviewed_period", "Kỳ được tổng kết", "Period reviewed", periods)}
      {text("reviewed", "Nội dung tổng kết", "Period reviewed, as stated", { maxLength: 300 })}
      {pick("target_period", "Kỳ tiếp theo", "Period planned", periods)}
      {pick("basis", "Căn cứ công văn", "Dispatch", dispatches)}
      {text("note", "Ghi chú", "Note", { lines: 2 })}
      {may.write && (
        <Button onClick={() => setAsking(true)}>{t({ vi: "Xóa hội nghị…", en: "Remove this meeting…" })}</Button>
      )}
      {asking && (
        <Ask
          title={{ vi: "Xóa hội nghị này?", en: "Remove this meeting?" }}
          body={{ vi: "Toàn bộ biên bản và danh sách tham dự sẽ bị xóa. Nếu người khác đang sửa, phần họ ghi được giữ lại chờ quyết định.", en: "Its minutes and attendance go with it. What somebody else is writing in it is kept for a decision." }}
          confirm={{ vi: "Xóa", en: "Remove" }}
          danger
          onCancel={() => setAsking(false)}
          onConfirm={() => {
            recorder.run((client) => client.remove(doc.scope, doc.id));
            go("meetings");
          }}
        />
      )}
    </section>
  );
}

/** A value nobody may write here, as text. */
export function Fact({ label, text }: { label: string; text: string }) {
  return (
    <div class="fact">
      <p class="faint">{label}</p>
      <p class="prose">{text || t({ vi: "(chưa ghi)", en: "(not recorded)" })}</p>
    </div>
  );
}
