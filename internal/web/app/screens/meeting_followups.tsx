import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Body, Doc, ID } from "thidua-sync";
import { capacities } from "../../shared/capacity.ts";
import { StatusBadge } from "../../shared/docstatus.tsx";
import { FOLLOW_UPS } from "../../shared/meeting.ts";
import { atEnd } from "../../shared/order.ts";
import { t } from "../../shared/text.ts";
import { Ask, Button, Field, Message, Select, TextInput } from "../../shared/ui.tsx";
import { num, put, str } from "../../shared/value.ts";
import { useDocs } from "../phone.ts";
import { useRecorder } from "../record.ts";
import { Disputes, useDisputes } from "./dispute.tsx";
import type { Sitting } from "./meeting.tsx";
import { Fact } from "./meeting_info.tsx";

const byOrder = (a: Doc, b: Doc) => (num(a.body, "order") ?? 0) - (num(b.body, "order") ?? 0) || (a.id < b.id ? -1 : 1);

/** Recommendations of the cluster: this meeting's, and those of earlier ones that are not settled yet. For a unit, those it has to carry out. */
export function FollowUps(s: Sitting) {
  const { doc, me, org, day } = s;
  const unit = doc.scope.startsWith("unit:") ? doc.scope.slice(5) : "";
  const clusters = unit ? org.clustersOf(unit, day) : [doc.scope.slice(8)];
  const scopes = clusters.map((c) => `cluster:${c}`);
  const docs = useDocs({ scope: scopes, type: "recommendation", sort: byOrder }, `recommendations/${scopes.join()}`) ?? [];
  const ofThis = docs.filter((d) => str(d.body, "meeting") === doc.id);
  const before = docs.filter((d) => str(d.body, "meeting") !== doc.id && (unit ? str(d.body, "responsible") === unit : ["", "open", "carried"].includes(str(d.body, "state"))));
  const scope = scopes[0] ?? "";
  const who = me && !unit ? capacities(me, scope, Date.now(), org) : new Set();
  const writes = who.has("head") || who.has("officer");
  return (
    <>
      {unit && <Message kind="info">{t({ vi: "Kiến nghị được ghi ở hội nghị của cụm. Dưới đây là việc đơn vị phải thực hiện.", en: "Recommendations are recorded at the cluster's meetings. Below is what this unit is to carry out." })}</Message>}
      {!unit && !writes && <Message kind="info">{t({ vi: "Trưởng, phó cụm và chuyên viên ghi kiến nghị; bạn chỉ xem.", en: "Head, deputy and officer record recommendations; you may read them." })}</Message>}
      {!unit && (
        <List title={t({ vi: "Của hội nghị này", en: "Of this meeting" })} docs={ofThis} {...s} writes={writes}>
          {writes && <NewFollowUp {...s} order={atEnd(docs.map((d) => ({ key: d.id, order: num(d.body, "order") ?? 0 })))} />}
        </List>
      )}
      {(unit || before.length > 0) && <List title={unit ? t({ vi: "Đơn vị thực hiện", en: "For this unit" }) : t({ vi: "Từ các hội nghị trước, chưa xong", en: "From earlier meetings, not settled" })} docs={before} {...s} writes={writes} />}
    </>
  );
}

function List({ title, docs, writes, children, ...s }: Sitting & { title: string; docs: Doc[]; writes: boolean; children?: ComponentChildren }) {
  return (
    <section class="card" aria-label={title}>
      <h3>{title}</h3>
      {docs.length === 0 && <p class="faint">{t({ vi: "Chưa có kiến nghị nào.", en: "No recommendations." })}</p>}
      <ul class="list">
        {docs.map((d) => (
          <li key={d.id} class="entry">
            <FollowUp {...s} of={d} writes={writes} />
          </li>
        ))}
      </ul>
      {children}
    </section>
  );
}

function FollowUp({ of, writes, doc, org, me, day, wording }: Sitting & { of: Doc; writes: boolean }) {
  const recorder = useRecorder(of);
  const disputes = useDisputes(of, me?.person ?? "");
  const [step, setStep] = useState("");
  const b = of.body;
  const state = str(b, "state") || "open";
  const take = (to: string, reason: string) => {
    recorder.run((client) =>
      client.transition(of.scope, of.id, (body) => {
        body["state"] = to;
        if (to === "carried") put(body, "carried_to", str(doc.body, "target_period"));
        put(body, "state_reason", reason || undefined);
      }),
    );
    setStep("");
  };
  const steps = state === "open" ? ["done", "carried", "declined"] : state === "carried" ? ["done"] : [];
  const responsible = str(b, "responsible");
  return (
    <>
      <p class="prose">{str(b, "text")}</p>
      <p class="faint">{[str(b, "made_by"), responsible && t({ vi: "Thực hiện: {unit}", en: "For: {unit}" }, { unit: org.name(responsible, day) })].filter(Boolean).join(" · ")}</p>
      <p class="badges">
        <span class={state === "done" ? "badge good" : state === "open" ? "badge warn" : "badge"}>{t(FOLLOW_UPS[state] ?? FOLLOW_UPS["open"]!)}</span>
        <StatusBadge status={of.status} />
      </p>
      {writes ? (
        <TextInput label={t({ vi: "Kết quả thực hiện", en: "Follow-up" })} value={str(b, "follow_up")} lines={2} maxLength={10_000} onCommit={(v) => recorder.edit((body) => put(body, "follow_up", v.trim()))} />
      ) : (
        str(b, "follow_up") && <Fact label={t({ vi: "Kết quả thực hiện", en: "Follow-up" })} text={str(b, "follow_up")} />
      )}
      {str(b, "carried_to") && <Fact label={t({ vi: "Chuyển sang kỳ", en: "Carried to" })} text={str(org.find("period", str(b, "carried_to"))?.body, "title")} />}
      {str(b, "state_reason") && <Fact label={t({ vi: "Lý do", en: "Reason" })} text={str(b, "state_reason")} />}
      {recorder.problem && <Message kind="bad">{recorder.problem}</Message>}
      {writes && steps.length > 0 && (
        <div class="actions">
          {steps.map((to) => (
            <Button key={to} onClick={() => (to === "declined" ? setStep(to) : take(to, ""))}>
              {t(FOLLOW_UPS[to]!)}
            </Button>
          ))}
        </div>
      )}
      {step && (
        <Ask
          title={{ vi: "Không thực hiện kiến nghị này?", en: "Decline this recommendation?" }}
          reason={{ vi: "Lý do", en: "Reason" }}
          confirm={{ vi: "Ghi lý do", en: "Decline" }}
          onCancel={() => setStep("")}
          onConfirm={(reason) => take(step, reason)}
        />
      )}
      <Disputes of={disputes} wording={(v, f) => (FOLLOW_UPS[v] ? t(FOLLOW_UPS[v]!) : wording(v, f))} />
    </>
  );
}

function NewFollowUp({ doc, org, day, recorder, order }: Sitting & { order: number }) {
  const cluster = doc.scope.slice(8);
  const periods = org.periods([cluster]);
  const [text, setText] = useState("");
  const [by, setBy] = useState("");
  const [unit, setUnit] = useState<ID>("");
  const [chosen, setPeriod] = useState("");
  const period = chosen || str(doc.body, "reviewed_period") || periods[0]?.id || "";
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        const body: Body = { cluster, period, meeting: doc.id, order, text: text.trim() };
        put(body, "made_by", by.trim());
        put(body, "responsible", unit);
        recorder.run((client) => client.create(doc.scope, "recommendation", body));
        setText("");
      }}
    >
      <Field label={t({ vi: "Kiến nghị mới", en: "New recommendation" })}>{(ids) => <textarea {...ids} rows={2} maxLength={10_000} value={text} onInput={(e) => setText(e.currentTarget.value)} />}</Field>
      <Field label={t({ vi: "Người kiến nghị (chức vụ)", en: "Made by (title)" })}>{(ids) => <input {...ids} maxLength={300} value={by} onInput={(e) => setBy(e.currentTarget.value)} />}</Field>
      <Select label={t({ vi: "Đơn vị thực hiện", en: "Responsible unit" })} value={unit} options={[{ value: "", label: t({ vi: "(cả cụm)", en: "(the whole cluster)" }) }, ...org.members(cluster, day).map((u) => ({ value: u, label: org.name(u, day) }))]} onCommit={setUnit} />
      <Select label={t({ vi: "Kỳ thi đua", en: "Period" })} value={period} options={periods.map((p) => ({ value: p.id, label: str(p.body, "title") }))} onCommit={setPeriod} />
      <div class="actions">
        <Button kind="main" submit disabled={!text.trim() || !period}>
          {t({ vi: "Thêm kiến nghị", en: "Add the recommendation" })}
        </Button>
      </div>
    </form>
  );
}
