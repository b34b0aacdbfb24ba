import { useState } from "preact/hooks";
import { nameID, type Body, type Doc } from "thidua-sync";
import { capacities, unitsOf } from "../../shared/capacity.ts";
import { CountInput } from "../../shared/count_input.tsx";
import { StatusBadge } from "../../shared/docstatus.tsx";
import { keyOf } from "../../shared/fold.ts";
import { number, parseCount, percent, share } from "../../shared/format.ts";
import { t } from "../../shared/text.ts";
import { Button, Field, Message } from "../../shared/ui.tsx";
import { num, put, str } from "../../shared/value.ts";
import { useDocs } from "../phone.ts";
import { useRecorder } from "../record.ts";
import { href } from "../route.ts";
import { Disputes, useDisputes } from "./dispute.tsx";
import type { Sitting } from "./meeting.tsx";

/** Figures of the reviewed period against their plan. They belong to the unit and the period, and are shown with every meeting about it. */
export function Indicators(s: Sitting) {
  const { doc, me, org, day } = s;
  const period = str(doc.body, "reviewed_period");
  const own = me ? unitsOf(me, Date.now()) : [];
  const units = doc.scope.startsWith("unit:") ? [doc.scope.slice(5)] : org.members(doc.scope.slice(8), day);
  const scopes = units.flatMap((u) => [`unit:${u}`, `unit:${u}:desk`]);
  const docs = useDocs({ scope: scopes, type: "indicator", where: (d) => str(d.body, "period") === period }, `indicators/${scopes.join()}/${period}`);
  if (!period) {
    return (
      <Message kind="info">
        <p>{t({ vi: "Chưa chọn kỳ được tổng kết nên chưa biết chỉ tiêu của kỳ nào.", en: "The period reviewed is not chosen, so it is not known which figures belong here." })}</p>
        <a class="button" href={href("meetings", doc.scope, doc.id, "info")}>
          {t({ vi: "Chọn kỳ được tổng kết", en: "Choose the period" })}
        </a>
      </Message>
    );
  }
  const mine = units.filter((u) => own.includes(u));
  return (
    <>
      <p class="faint">{str(org.find("period", period)?.body, "title")}</p>
      {units.map((u) => {
        const list = (docs ?? []).filter((d) => str(d.body, "unit") === u);
        if (list.length === 0 && !mine.includes(u)) return null;
        return (
          <section key={u} class="card" aria-label={org.name(u, day)}>
            <h3>{org.name(u, day)}</h3>
            {list.length === 0 && <p class="faint">{t({ vi: "Chưa có chỉ tiêu nào.", en: "No figures yet." })}</p>}
            <ul class="list">
              {list.map((d) => (
                <li key={`${d.scope}/${d.id}`} class="entry">
                  <Indicator {...s} indicator={d} />
                </li>
              ))}
            </ul>
            {mine.includes(u) && <NewIndicator {...s} unit={u} period={period} />}
          </section>
        );
      })}
    </>
  );
}

/** How much of the plan was reached, said only where there is one. */
function reached(b: Body): string {
  const actual = num(b, "actual");
  const tenths = actual === undefined ? undefined : share(actual, num(b, "plan") ?? 0);
  return tenths === undefined ? "–" : percent(tenths);
}

function Indicator({ indicator, me, org, wording }: Sitting & { indicator: Doc }) {
  const recorder = useRecorder(indicator);
  const disputes = useDisputes(indicator, me?.person ?? "");
  const [open, setOpen] = useState(false);
  const b = indicator.body;
  const writes = !!me && capacities(me, indicator.scope, Date.now(), org).has("staff");
  const set = (key: string) => (n: number | undefined) => recorder.edit((body) => put(body, key, n));
  const measure = str(b, "measure");
  return (
    <>
      <div class="row">
        <span class="main">
          <span>
            {str(b, "title")}
            {measure && ` (${measure})`}
          </span>
          <span class="faint">
            {t({ vi: "Kế hoạch {plan}, thực hiện {actual}", en: "Plan {plan}, actual {actual}" }, { plan: shown(num(b, "plan")), actual: shown(num(b, "actual")) })}
          </span>
          <span class="badges">
            <StatusBadge status={indicator.status} />
          </span>
        </span>
        <strong class="figure">{reached(b)}</strong>
        {writes && (
          <button type="button" class="button small" aria-expanded={open} aria-label={`${t({ vi: "Sửa", en: "Edit" })}: ${str(b, "title")}`} onClick={() => setOpen(!open)}>
            {t({ vi: "Sửa", en: "Edit" })}
          </button>
        )}
      </div>
      {recorder.problem && <Message kind="bad">{recorder.problem}</Message>}
      {open && writes && (
        <div class="pair inset">
          <CountInput label={t({ vi: "Kế hoạch", en: "Plan" })} value={num(b, "plan")} onCommit={set("plan")} />
          <CountInput label={t({ vi: "Thực hiện", en: "Actual" })} value={num(b, "actual")} onCommit={set("actual")} />
        </div>
      )}
      <Disputes of={disputes} wording={wording} />
    </>
  );
}

function shown(n: number | undefined): string {
  return n === undefined ? "–" : number(n);
}

function NewIndicator({ recorder, unit, period }: Sitting & { unit: string; period: string }) {
  const [title, setTitle] = useState("");
  const [measure, setMeasure] = useState("");
  const [plan, setPlan] = useState("");
  const [actual, setActual] = useState("");
  const bad = [plan, actual].some((n) => n.trim() !== "" && parseCount(n) === undefined);
  const figure = { plan: parseCount(plan), actual: parseCount(actual) };
  const tenths = figure.plan !== undefined && figure.actual !== undefined ? share(figure.actual, figure.plan) : undefined;
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        const body: Body = { unit, period, code: keyOf(title), title: title.trim() };
        put(body, "measure", measure.trim());
        put(body, "plan", figure.plan);
        put(body, "actual", figure.actual);
        // Named after unit, period and code: two phones that record the same figure make one document.
        recorder.run((client) => client.create(`unit:${unit}:desk`, "indicator", body, nameID("indicator", unit, period, keyOf(title))));
        setTitle("");
        setMeasure("");
        setPlan("");
        setActual("");
      }}
    >
      <Field label={t({ vi: "Chỉ tiêu mới", en: "New indicator" })}>{(ids) => <input {...ids} maxLength={300} value={title} onInput={(e) => setTitle(e.currentTarget.value)} />}</Field>
      <Field label={t({ vi: "Đơn vị tính", en: "Measure" })}>{(ids) => <input {...ids} maxLength={60} value={measure} onInput={(e) => setMeasure(e.currentTarget.value)} />}</Field>
      <div class="pair">
        <Field label={t({ vi: "Kế hoạch", en: "Plan" })}>{(ids) => <input {...ids} inputMode="numeric" autocomplete="off" value={plan} onInput={(e) => setPlan(e.currentTarget.value)} />}</Field>
        <Field label={t({ vi: "Thực hiện", en: "Actual" })}>{(ids) => <input {...ids} inputMode="numeric" autocomplete="off" value={actual} onInput={(e) => setActual(e.currentTarget.value)} />}</Field>
      </div>
      <p role="status" class={bad ? "bad-text" : "faint"}>
        {bad ? t({ vi: "Hãy ghi số nguyên, ví dụ 33.776.", en: "Whole numbers, such as 33,776." }) : tenths !== undefined ? t({ vi: "Đạt {p} kế hoạch", en: "{p} of the plan" }, { p: percent(tenths) }) : ""}
      </p>
      <div class="actions">
        <Button kind="main" submit disabled={!title.trim() || bad}>
          {t({ vi: "Thêm chỉ tiêu", en: "Add the indicator" })}
        </Button>
      </div>
    </form>
  );
}
