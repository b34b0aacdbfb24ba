import { useMemo, useState } from "preact/hooks";
import type { Doc } from "thidua-sync";
import type { Me } from "../../shared/capacity.ts";
import { StatusBadge } from "../../shared/docstatus.tsx";
import { fold } from "../../shared/fold.ts";
import { day, number } from "../../shared/format.ts";
import { KINDS, signed } from "../../shared/meeting.ts";
import type { Org } from "../../shared/org.ts";
import { t } from "../../shared/text.ts";
import { Field } from "../../shared/ui.tsx";
import { str } from "../../shared/value.ts";
import { LongList } from "../../shared/window.tsx";
import { useDocs } from "../phone.ts";
import { href } from "../route.ts";

const newestFirst = (a: Doc, b: Doc) => str(b.body, "held_on").localeCompare(str(a.body, "held_on")) || (a.id < b.id ? 1 : -1);

/** All meetings on the device, the unit's and the cluster's, newest first. */
export function MeetingList({ org }: { org: Org; me: Me | undefined }) {
  const docs = useDocs({ type: "meeting", sort: newestFirst }, "meetings");
  const [wanted, setWanted] = useState("");
  const words = useWords(docs, org);
  const found = useMemo(() => {
    const asked = fold(wanted).split(/\s+/).filter(Boolean);
    return (docs ?? []).filter((d) => asked.every((w) => words.get(d)?.includes(w)));
  }, [docs, words, wanted]);
  return (
    <>
      <a class="button main" href={href("meetings", "new")}>
        {t({ vi: "Lập biên bản hội nghị", en: "New meeting" })}
      </a>
      <section class="card" aria-labelledby="meetings-found">
        <Field label={t({ vi: "Tìm hội nghị", en: "Find a meeting" })}>
          {(ids) => <input {...ids} type="search" placeholder={t({ vi: "Tên, nơi họp, năm…", en: "Title, place, year…" })} value={wanted} onInput={(e) => setWanted(e.currentTarget.value)} />}
        </Field>
        <h2 id="meetings-found" aria-live="polite" class="faint">
          {docs ? t({ vi: "{n} hội nghị", en: "{n} meetings" }, { n: number(found.length) }) : t({ vi: "Đang mở…", en: "Opening…" })}
        </h2>
        {docs?.length === 0 && <p>{t({ vi: "Chưa có hội nghị nào. Lập biên bản được cả khi không có mạng.", en: "No meetings yet. You can record one without a network." })}</p>}
        <LongList label={t({ vi: "Hội nghị, mới nhất trước", en: "Meetings, newest first" })} items={found} rem={6.4} id={(d) => d.id} row={(d) => <Row doc={d} org={org} />} />
      </section>
    </>
  );
}

/** What each meeting is found by; taken anew only for those that changed. */
function useWords(docs: Doc[] | undefined, org: Org): Map<Doc, string> {
  return useMemo(() => {
    const words = new Map<Doc, string>();
    for (const d of docs ?? []) {
      const held = str(d.body, "held_on");
      words.set(d, fold(`${str(d.body, "title")} ${str(d.body, "place")} ${day(held)} ${org.scopeName(d.scope, held)} ${t(KINDS[str(d.body, "kind")] ?? { vi: "", en: "" })}`));
    }
    return words;
  }, [docs, org]);
}

function Row({ doc, org }: { doc: Doc; org: Org }) {
  const held = str(doc.body, "held_on");
  return (
    <a class="row meeting-row" href={href("meetings", doc.scope, doc.id)}>
      <span class="main">
        <span class="clamp">{str(doc.body, "title") || t({ vi: "(chưa có tên)", en: "(untitled)" })}</span>
        <span class="faint one">
          {day(held)} · {org.scopeName(doc.scope, held)}
        </span>
        <span class="badges">
          <span class={signed(doc.body) ? "badge good" : "badge"}>{signed(doc.body) ? t({ vi: "Đã ký", en: "Signed" }) : t({ vi: "Chưa ký", en: "Open" })}</span>
          <StatusBadge status={doc.status} />
        </span>
      </span>
      <span aria-hidden="true">›</span>
    </a>
  );
}
