import { useState } from "preact/hooks";
import type { Body, Scope } from "thidua-sync";
import { capacities, unitsOf, type Me } from "../../shared/capacity.ts";
import { day, today } from "../../shared/format.ts";
import { KINDS, mayRecord } from "../../shared/meeting.ts";
import type { Org } from "../../shared/org.ts";
import { t } from "../../shared/text.ts";
import { Button, Field, Message, Select } from "../../shared/ui.tsx";
import { put, str } from "../../shared/value.ts";
import { phone, useDocs, useStatus } from "../phone.ts";
import { go, href } from "../route.ts";
import { say } from "./signin.tsx";

/** Begins a meeting: what it must have from the start. All else is recorded on its own screen. */
export function NewMeeting({ org, me }: { org: Org; me: Me | undefined }) {
  const status = useStatus();
  const now = Date.now();
  const scopes = me ? (status?.scopes ?? []).filter((s) => /^(unit|cluster):[^:]+$/.test(s) && mayRecord(capacities(me, s, now, org), s)).sort().reverse() : [];
  const [chosen, setScope] = useState<Scope>("");
  const scope = chosen || scopes[0] || "";
  const [kind, setKind] = useState("year_end");
  const [held, setHeld] = useState(today(now));
  const [title, setTitle] = useState<string>();
  const [place, setPlace] = useState("");
  const [problem, setProblem] = useState("");
  const alike = useDocs({ scope, type: "meeting", where: (d) => str(d.body, "kind") === kind && str(d.body, "held_on") === held }, `alike/${scope}/${kind}/${held}`);
  const named = title ?? usualTitle(kind, held);

  const submit = async (e: Event) => {
    e.preventDefault();
    const body: Body = { kind, title: named.trim(), held_on: held };
    put(body, "place", place.trim());
    const own = me ? unitsOf(me, now)[0] : undefined;
    if (own) put(body, "host", scope.startsWith("unit:") ? scope.slice(5) : own);
    try {
      go("meetings", scope, await (await phone()).create(scope, "meeting", body));
    } catch (e) {
      setProblem(say(e));
    }
  };
  if (!me || scopes.length === 0) {
    return (
      <Message kind="info">
        {me
          ? t({ vi: "Bạn chưa được giao ghi hội nghị của đơn vị hay cụm nào.", en: "You may not record meetings of any unit or cluster." })
          : t({ vi: "Máy chưa biết quyền của bạn. Hãy kết nối mạng một lần.", en: "This device does not know your rights yet. Go online once." })}
      </Message>
    );
  }
  return (
    <form class="card" onSubmit={submit}>
      <h2>{t({ vi: "Hội nghị mới", en: "New meeting" })}</h2>
      <Select label={t({ vi: "Hội nghị của", en: "Meeting of" })} value={scope} options={scopes.map((s) => ({ value: s, label: org.scopeName(s, held) || s }))} onCommit={setScope} />
      <Select label={t({ vi: "Loại hội nghị", en: "Kind" })} value={kind} options={Object.entries(KINDS).map(([value, text]) => ({ value, label: t(text) }))} onCommit={setKind} />
      <Field label={t({ vi: "Ngày tổ chức", en: "Held on" })} hint={day(held)}>{(ids) => <input {...ids} type="date" required value={held} onInput={(e) => setHeld(e.currentTarget.value)} />}</Field>
      <Field label={t({ vi: "Tên hội nghị", en: "Title" })}>{(ids) => <textarea {...ids} rows={2} required maxLength={300} value={named} onInput={(e) => setTitle(e.currentTarget.value.replace(/\n/g, " "))} />}</Field>
      <Field label={t({ vi: "Địa điểm", en: "Place" })}>{(ids) => <input {...ids} maxLength={300} value={place} onInput={(e) => setPlace(e.currentTarget.value)} />}</Field>
      {!!alike?.length && (
        <Message kind="warn">
          <p>{t({ vi: "Đã có hội nghị cùng loại, cùng ngày. Nếu là một, hãy ghi tiếp vào đó:", en: "There is a meeting of this kind on this day. If it is the same, go on there:" })}</p>
          {alike.slice(0, 3).map((d) => (
            <a key={d.id} class="button" href={href("meetings", d.scope, d.id)}>
              {str(d.body, "title")} ({day(str(d.body, "held_on"))})
            </a>
          ))}
        </Message>
      )}
      {problem && <Message kind="bad">{problem}</Message>}
      <div class="actions">
        <a class="button" href={href("meetings")}>
          {t({ vi: "Thôi", en: "Cancel" })}
        </a>
        <Button kind="main" submit>
          {t({ vi: "Bắt đầu ghi", en: "Begin" })}
        </Button>
      </div>
    </form>
  );
}

/** What a meeting of a kind is usually called; a title stays as it was given, so it is Vietnamese on every screen. */
function usualTitle(kind: string, held: string): string {
  const year = held.slice(0, 4);
  switch (kind) {
    case "year_end":
      return `Hội nghị tổng kết công tác thi đua, khen thưởng năm ${year}`;
    case "mid_year":
      return `Hội nghị sơ kết công tác thi đua, khen thưởng 6 tháng đầu năm ${year}`;
    case "staff_conference":
      return `Hội nghị cán bộ, viên chức, người lao động năm ${year}`;
    case "commendation":
      return `Hội nghị biểu dương, khen thưởng năm ${year}`;
  }
  return "";
}
