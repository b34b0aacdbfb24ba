import { useState } from "preact/hooks";
import type { Body } from "thidua-sync";
import { BALLOTS } from "../../shared/meeting.ts";
import { atEnd } from "../../shared/order.ts";
import { present } from "../../shared/quorum.ts";
import { tallyFault, tallyOf } from "../../shared/tally.ts";
import { t } from "../../shared/text.ts";
import { Ask, Button, Field, Select, TextInput } from "../../shared/ui.tsx";
import { asBody, flag, inOrder, obj, put, str } from "../../shared/value.ts";
import { Disputes } from "./dispute.tsx";
import type { Sitting } from "./meeting.tsx";
import { NobodyPresent, TallyForm, TallyShown } from "./meeting_tally.tsx";

/** Resolutions with their votes, and ballots: counts only, never who voted what. */
export function Votes(s: Sitting) {
  return (
    <>
      {present(s.doc.body) === 0 && <NobodyPresent />}
      <Resolutions {...s} />
      <Ballots {...s} />
    </>
  );
}

function Resolutions(s: Sitting) {
  const { doc, may, recorder } = s;
  const [counting, setCounting] = useState("");
  const [text, setText] = useState("");
  const here = present(doc.body);
  const all = inOrder(obj(doc.body, "resolutions"));
  const edit = (key: string, change: (r: Body) => void) =>
    recorder.edit((b) => {
      const r = obj(b, "resolutions")[key];
      if (r) change(asBody(r));
    });
  return (
    <section class="card" aria-labelledby="resolutions">
      <h3 id="resolutions">{t({ vi: "Nghị quyết", en: "Resolutions" })}</h3>
      {all.length === 0 && <p class="faint">{t({ vi: "Chưa có nghị quyết.", en: "No resolutions yet." })}</p>}
      <ol class="list">
        {all.map(({ key, entry }, i) => {
          const votes = tallyOf(obj(entry, "votes"));
          const name = t({ vi: "Nghị quyết {n}", en: "Resolution {n}" }, { n: i + 1 });
          return (
            <li key={key} class="entry">
              {may.write ? (
                <TextInput label={name} value={str(entry, "text")} lines={2} maxLength={10_000} onCommit={(v) => v.trim() && edit(key, (r) => put(r, "text", v.trim()))} />
              ) : (
                <p class="prose">
                  {i + 1}. {str(entry, "text")}
                </p>
              )}
              {votes && <TallyShown tally={votes} present={here} />}
              {may.write && counting !== key && (
                <div class="actions">
                  <Button label={`${voteLabel(!!votes)}: ${name}`} onClick={() => setCounting(key)}>
                    {voteLabel(!!votes)}
                  </Button>
                  <Button label={`${t({ vi: "Xóa", en: "Remove" })}: ${name}`} onClick={() => recorder.edit((b) => void delete obj(b, "resolutions")[key])}>
                    {t({ vi: "Xóa", en: "Remove" })}
                  </Button>
                </div>
              )}
              {may.write && counting === key && (
                <TallyForm
                  name={name}
                  value={votes}
                  present={here}
                  onCancel={() => setCounting("")}
                  onSave={(tally) => {
                    edit(key, (r) => put(r, "votes", { ...tally }));
                    setCounting("");
                  }}
                />
              )}
              <Disputes of={s.disputes.filter((d) => d.path === `/resolutions/${key}` || d.path.startsWith(`/resolutions/${key}/`))} wording={s.wording} />
            </li>
          );
        })}
      </ol>
      {may.write && (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            recorder.edit((b) => {
              const set = obj(b, "resolutions");
              set[crypto.randomUUID()] = { order: atEnd(inOrder(set)), text: text.trim() };
              put(b, "resolutions", set);
            });
            setText("");
          }}
        >
          <Field label={t({ vi: "Nghị quyết mới", en: "New resolution" })}>{(ids) => <textarea {...ids} rows={2} maxLength={10_000} value={text} onInput={(e) => setText(e.currentTarget.value)} />}</Field>
          <div class="actions">
            <Button kind="main" submit disabled={!text.trim()}>
              {t({ vi: "Thêm nghị quyết", en: "Add the resolution" })}
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}

function voteLabel(counted: boolean): string {
  return counted ? t({ vi: "Sửa kết quả biểu quyết", en: "Edit the vote" }) : t({ vi: "Ghi kết quả biểu quyết", en: "Record the vote" });
}

function Ballots(s: Sitting) {
  const { doc, may, recorder, org, day } = s;
  const [counting, setCounting] = useState("");
  const [closing, setClosing] = useState("");
  const here = present(doc.body);
  const all = Object.entries(obj(doc.body, "ballots")).map(([key, v]) => ({ key, entry: asBody(v) }));
  const edit = (key: string, change: (ballot: Body) => void) =>
    recorder.edit((b) => {
      const ballot = obj(b, "ballots")[key];
      if (ballot) change(asBody(ballot));
    });
  return (
    <section class="card" aria-labelledby="ballots">
      <h3 id="ballots">{t({ vi: "Bỏ phiếu", en: "Ballots" })}</h3>
      <p class="faint">{t({ vi: "Chỉ ghi số phiếu, không ghi ai bầu ai.", en: "Counts only, never who voted what." })}</p>
      <ul class="list">
        {all.map(({ key, entry }) => {
          const tally = tallyOf(obj(entry, "tally"));
          const closed = flag(entry, "closed");
          const unit = str(entry, "unit");
          const open = may.write && !closed;
          return (
            <li key={key} class="entry">
              <p>
                <strong>{str(entry, "subject")}</strong>
              </p>
              <p class="faint">
                {[t(BALLOTS[str(entry, "kind")] ?? { vi: "", en: "" }), unit && org.name(unit, day)].filter(Boolean).join(" · ")}
              </p>
              {closed && <p class="badges"><span class="badge good">{t({ vi: "Đã khóa sổ", en: "Closed" })}</span></p>}
              {tally && <TallyShown tally={tally} present={here} passes={false} />}
              {open && counting !== key && (
                <div class="actions">
                  <Button onClick={() => setCounting(key)}>{tally ? t({ vi: "Sửa kết quả", en: "Edit the tally" }) : t({ vi: "Ghi kết quả", en: "Record the tally" })}</Button>
                  {tally && !tallyFault(tally, here) && <Button onClick={() => setClosing(key)}>{t({ vi: "Khóa sổ…", en: "Close…" })}</Button>}
                  {!tally && <Button onClick={() => recorder.edit((b) => void delete obj(b, "ballots")[key])}>{t({ vi: "Xóa", en: "Remove" })}</Button>}
                </div>
              )}
              {open && counting === key && (
                <TallyForm
                  name={str(entry, "subject")}
                  value={tally}
                  present={here}
                  onCancel={() => setCounting("")}
                  onSave={(counted) => {
                    edit(key, (ballot) => put(ballot, "tally", { ...counted }));
                    setCounting("");
                  }}
                />
              )}
              <Disputes of={s.disputes.filter((d) => d.path === `/ballots/${key}` || d.path.startsWith(`/ballots/${key}/`))} wording={s.wording} />
            </li>
          );
        })}
      </ul>
      {may.write && <NewBallot {...s} />}
      {closing && (
        <Ask
          title={{ vi: "Khóa sổ cuộc bỏ phiếu?", en: "Close this ballot?" }}
          body={{ vi: "Sau khi khóa sổ, không ai sửa được kết quả kiểm phiếu nữa.", en: "Once it is closed nobody can change the tally." }}
          confirm={{ vi: "Khóa sổ", en: "Close" }}
          onCancel={() => setClosing("")}
          onConfirm={() => {
            edit(closing, (ballot) => put(ballot, "closed", true));
            setClosing("");
          }}
        />
      )}
    </section>
  );
}

function NewBallot({ doc, org, day, recorder }: Sitting) {
  const cluster = doc.scope.startsWith("cluster:") ? doc.scope.slice(8) : "";
  const [kind, setKind] = useState(cluster ? "head" : "award");
  const [subject, setSubject] = useState("");
  const [unit, setUnit] = useState("");
  const kinds = Object.entries(BALLOTS).filter(([k]) => cluster || (k !== "head" && k !== "deputy"));
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        recorder.edit((b) => {
          const set = obj(b, "ballots");
          const ballot: Body = { kind, subject: subject.trim() };
          put(ballot, "unit", unit);
          set[crypto.randomUUID()] = ballot;
          put(b, "ballots", set);
        });
        setSubject("");
        setUnit("");
      }}
    >
      <Select label={t({ vi: "Việc bầu", en: "Kind of ballot" })} value={kind} options={kinds.map(([value, text]) => ({ value, label: t(text) }))} onCommit={setKind} />
      <Field label={t({ vi: "Nội dung bỏ phiếu", en: "Subject" })}>{(ids) => <input {...ids} maxLength={300} value={subject} onInput={(e) => setSubject(e.currentTarget.value)} />}</Field>
      {cluster && (
        <Select
          label={t({ vi: "Đơn vị được bầu", en: "Unit voted on" })}
          value={unit}
          options={[{ value: "", label: t({ vi: "(không)", en: "(none)" }) }, ...org.members(cluster, day).map((u) => ({ value: u, label: org.name(u, day) }))]}
          onCommit={setUnit}
        />
      )}
      <div class="actions">
        <Button kind="main" submit disabled={!subject.trim()}>
          {t({ vi: "Thêm cuộc bỏ phiếu", en: "Add the ballot" })}
        </Button>
      </div>
    </form>
  );
}
