import { useEffect, useState } from "preact/hooks";
import type { Body, Doc, ID } from "thidua-sync";
import { moment, points } from "../../shared/format.ts";
import { lastAnnounced, placeOf, recorded, rowsOf } from "../../shared/ranking.ts";
import { type Comparison, reconcile, type Stage } from "../../shared/reconcile.ts";
import { scoreOf } from "../../shared/score.ts";
import { t } from "../../shared/text.ts";
import { Button, Message } from "../../shared/ui.tsx";
import { obj, str } from "../../shared/value.ts";
import { phone, useDocs } from "../phone.ts";
import { href } from "../route.ts";
import { type Papers, usePapers } from "./scores_papers.ts";
import { signed, stageNames } from "./scores_text.ts";
import { Reviewed, Told } from "./sheet_reviewed.tsx";

/** Why the official number is another than the unit's own, criterion by criterion, from the papers on the device. */
export function Explain({ unit, period }: { unit: ID; period: ID }) {
  const p = usePapers(unit, period);
  if (p === undefined) return <p class="faint">{t({ vi: "Đang mở…", en: "Opening…" })}</p>;
  return (
    <>
      <a class="back" href={href("ranking")}>
        {t({ vi: "‹ Xếp hạng", en: "‹ Ranking" })}
      </a>
      {p?.sheet && p.criteria ? <Compared p={p} sheet={p.sheet} set={p.criteria.body} /> : <p class="card">{t({ vi: "Máy này không có bảng điểm của đơn vị trong kỳ này.", en: "The unit's sheet of this period is not on the device." })}</p>}
    </>
  );
}

function Compared({ p, sheet, set }: { p: Papers; sheet: Doc; set: Body }) {
  const [chosen, setAll] = useState<boolean>();
  const server = useServerCopy(sheet);
  const rankings = useDocs({ scope: `cluster:${p.cluster}`, type: "ranking" }, `rankings/${p.cluster}`) ?? [];
  const told = useWho(p);
  const r = reconcile(set, sheet.body, p.sent.review, p.sent.verification);
  const all = chosen ?? r.differ === 0;
  const announced = lastAnnounced(recorded(rankings, p.org, p.cluster), p.period.id);
  const rows = announced ? rowsOf(announced.body) : [];
  const line = rows.find((row) => row.unit === p.unit);
  const entries = obj(sheet.body, "entries");
  return (
    <>
      <section class="card">
        <h2>{p.unitName}</h2>
        <p class="faint">{str(p.period.body, "title")}</p>
        <div class="two">
          <div>
            <span class="faint">{t({ vi: "Tự chấm, trên máy này", en: "Own, on this device" })}</span>
            <strong>{points(r.own.total)}</strong>
            {line && line.total !== undefined && <span class="faint">{t({ vi: "tương đương hạng {n}", en: "would be rank {n}" }, { n: r.own.total === line.total ? line.rank : placeOf(rows, p.unit, r.own.total) })}</span>}
          </div>
          <div>
            <span class="faint">{t({ vi: "Chính thức đến nay", en: "Official so far" })}</span>
            <strong>{points(r.official.total)}</strong>
            {line && line.rank > 0 && <span class="faint">{t({ vi: "đã công bố hạng {n}", en: "announced rank {n}" }, { n: line.rank })}</span>}
          </div>
        </div>
        {line && line.total !== undefined && line.total !== r.official.total && <Message kind="warn">{t({ vi: "Bảng xếp hạng đã công bố ghi {n} điểm; từ đó hồ sơ đã thay đổi.", en: "The announced ranking says {n} points; the papers have changed since." }, { n: points(line.total) })}</Message>}
        <Unsynced sheet={sheet} server={server} set={set} own={r.own.total} />
        <p>
          {r.differ > 0
            ? t({ vi: "{n} tiêu chí có điểm chính thức khác điểm tự chấm.", en: "Official points differ from the unit's own in {n} of {all} criteria." }, { n: r.differ, all: r.rows.length })
            : p.sent.review || p.sent.verification
              ? t({ vi: "Điểm chính thức của mọi tiêu chí giống điểm tự chấm.", en: "The official points of all criteria are the unit's own." })
              : t({ vi: "Đơn vị chưa nhận kết quả chấm chéo hay thẩm định; điểm tự chấm đang được tính.", en: "No cross-check or verification has come yet; the unit's own points count." })}
        </p>
        {(r.own.capped || r.official.capped) && <p class="faint">{t({ vi: "Điểm thưởng vượt mức tối đa chỉ tính đến mức tối đa.", en: "Bonus beyond the cap does not count." })}</p>}
        {told.note && <p class="faint">{told.note}</p>}
      </section>
      <section class="card">
        <div class="headline">
          <h2>{t({ vi: "Từng tiêu chí", en: "Criterion by criterion" })}</h2>
        </div>
        <div class="chips" role="group" aria-label={t({ vi: "Lọc tiêu chí", en: "Filter criteria" })}>
          <Button pressed={!all} onClick={() => setAll(false)}>{t({ vi: "Có khác ({n})", en: "Different ({n})" }, { n: r.differ })}</Button>
          <Button pressed={all} onClick={() => setAll(true)}>{t({ vi: "Tất cả ({n})", en: "All ({n})" }, { n: r.rows.length })}</Button>
        </div>
        {r.rows
          .filter((row) => all || row.differs)
          .map((row) => (
            <Line key={row.criterion.key} row={row} entry={obj(entries, row.criterion.key)} written={told.by.get(row.criterion.key)} me={p.me.person} />
          ))}
      </section>
    </>
  );
}

function Line(props: { row: Comparison; entry: Body; written: Written | undefined; me: ID }) {
  const { row, written } = props;
  const c = row.criterion;
  const diff = row.official.base + row.official.bonus - row.official.penalty - (row.own.base + row.own.bonus - row.own.penalty);
  return (
    <div class="entry">
      <div class="headline">
        <h3>
          {c.code}. {c.title}
        </h3>
        {diff !== 0 && <span class="figure">{signed(diff)}</span>}
      </div>
      <Reviewed row={row} own />
      <Told entry={{ ...props.entry, reason: "" }} measure={c.measure} />
      {written && (
        <p class="faint">
          {t({ vi: "{stage}: {who}, lúc {at}", en: "{stage}: {who}, {at}" }, { stage: t(stageNames[row.stage]), who: written.by === props.me ? t({ vi: "bạn", en: "you" }) : writer(row.stage), at: moment(written.at) })}
        </p>
      )}
    </div>
  );
}

function writer(stage: Stage): string {
  switch (stage) {
    case "self":
      return t({ vi: "người của đơn vị", en: "somebody of the unit" });
    case "verified":
      return t({ vi: "cơ quan chỉ đạo", en: "the department" });
    default:
      return t({ vi: "trưởng, phó cụm", en: "head or deputy" });
  }
}

/** What edits on the way would change: the same sheet without them. */
function Unsynced(props: { sheet: Doc; server: Doc | undefined; set: Body; own: number }) {
  const { sheet, server, set, own } = props;
  if (sheet.pending === 0 || !server) return null;
  const before = scoreOf(set, server.body).total;
  return (
    <Message kind="warn">
      {own === before
        ? t({ vi: "Có thay đổi chưa gửi, không làm đổi tổng điểm.", en: "There are edits not sent yet; they do not change the total." })
        : t({ vi: "Thay đổi chưa gửi làm tổng tự chấm {diff}: máy chủ đang có {before}, trên máy này {own}.", en: "Edits not sent yet change the own total by {diff}: the server has {before}, this device {own}." }, { diff: signed(own - before), before: points(before), own: points(own) })}
    </Message>
  );
}

/** The sheet as the server last said it. */
function useServerCopy(sheet: Doc): Doc | undefined {
  const [copy, set] = useState<Doc>();
  useEffect(() => {
    let gone = false;
    void phone()
      .then((client) => client.base(sheet.scope, sheet.id))
      .then((doc) => gone || set(doc));
    return () => {
      gone = true;
    };
  }, [sheet]);
  return copy;
}

interface Written {
  by: ID;
  at: number;
}

/** Who wrote the official points and when: only the server knows, so a network is needed. */
function useWho(p: Papers): { by: ReadonlyMap<string, Written>; note: string } {
  const [found, set] = useState<ReadonlyMap<string, Written> | "failed">();
  const key = `${p.unit}/${p.period.id}/${p.sheet?.version ?? 0}`;
  useEffect(() => {
    let gone = false;
    void phone()
      .then((client) => client.call("GET", `/v1/reconciliation?unit=${p.unit}&period=${p.period.id}`))
      .then((answer) => {
        const rows = (answer as { rows: { code: string; by?: ID; at?: number }[] }).rows;
        if (!gone) set(new Map(rows.flatMap((r) => (r.by && r.at ? [[r.code, { by: r.by, at: r.at }] as const] : []))));
      })
      .catch(() => gone || set("failed"));
    return () => {
      gone = true;
    };
  }, [key]);
  if (found === "failed") return { by: new Map(), note: t({ vi: "Cần có mạng để biết ai ghi điểm chính thức và lúc nào.", en: "Who wrote the official points, and when, needs a network." }) };
  return { by: found ?? new Map(), note: "" };
}
