import { useEffect, useRef, useState } from "preact/hooks";
import type { Body } from "thidua-sync";
import { atEnd, moved } from "../../shared/order.ts";
import { t } from "../../shared/text.ts";
import { Ask, Button, TextInput } from "../../shared/ui.tsx";
import { asBody, inOrder, obj, put, str } from "../../shared/value.ts";
import { Disputes } from "./dispute.tsx";
import type { Sitting } from "./meeting.tsx";

/** The minutes in blocks, each written by itself, so that several people in one hall can write at once. */
export function Minutes(s: Sitting) {
  const { doc, may, recorder, disputes } = s;
  const blocks = inOrder(obj(doc.body, "minutes"));
  const [removing, setRemoving] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const added = useRef(false);
  useEffect(() => {
    if (added.current) list.current?.querySelector<HTMLInputElement>(":scope > section:last-of-type input")?.focus();
    added.current = false;
  }, [blocks.length]);
  const edit = (key: string, field: string) => (v: string) =>
    recorder.edit((b) => {
      const block = obj(b, "minutes")[key];
      if (block) put(asBody(block), field, v.trim());
    });
  const move = (key: string, to: number) =>
    recorder.edit((b) => {
      const all = obj(b, "minutes");
      for (const [k, order] of Object.entries(moved(inOrder(all), key, to))) asBody(all[k])["order"] = order;
    });
  const add = () => {
    added.current = true;
    recorder.edit((b) => {
      const all: Body = obj(b, "minutes");
      all[crypto.randomUUID()] = { order: atEnd(inOrder(all)) };
      put(b, "minutes", all);
    });
  };
  const lost = disputes.filter((d) => d.path.startsWith("/minutes") && !blocks.some(({ key }) => under(d.path, key)));
  return (
    <>
      {blocks.length === 0 && <p class="faint">{t({ vi: "Chưa có đoạn nào.", en: "There is no block yet." })}</p>}
      <div ref={list} class="stack">
        {blocks.map(({ key, entry }, i) => {
          const heading = t({ vi: "Đoạn {n}", en: "Block {n}" }, { n: i + 1 });
          return (
            <section key={key} class="card" aria-label={`${heading} ${str(entry, "heading")}`.trim()}>
              {may.write ? (
                <>
                  <div class="block-head">
                    <h3>{heading}</h3>
                    <Button label={t({ vi: "Đưa đoạn {n} lên", en: "Move block {n} up" }, { n: i + 1 })} disabled={i === 0} onClick={() => move(key, i - 1)}>
                      ↑
                    </Button>
                    <Button label={t({ vi: "Đưa đoạn {n} xuống", en: "Move block {n} down" }, { n: i + 1 })} disabled={i === blocks.length - 1} onClick={() => move(key, i + 1)}>
                      ↓
                    </Button>
                    <Button label={t({ vi: "Xóa đoạn {n}", en: "Remove block {n}" }, { n: i + 1 })} onClick={() => setRemoving(key)}>
                      ✕
                    </Button>
                  </div>
                  <TextInput label={t({ vi: "Đề mục", en: "Heading" })} value={str(entry, "heading")} maxLength={300} onCommit={edit(key, "heading")} />
                  <TextInput label={t({ vi: "Nội dung", en: "Text" })} value={str(entry, "text")} lines={5} maxLength={10_000} onCommit={edit(key, "text")} />
                </>
              ) : (
                <>
                  <h3>{str(entry, "heading") || heading}</h3>
                  <p class="prose">{str(entry, "text")}</p>
                </>
              )}
              <Disputes of={disputes.filter((d) => under(d.path, key))} wording={s.wording} />
            </section>
          );
        })}
      </div>
      <Disputes of={lost} wording={s.wording} />
      {may.write && (
        <Button kind="main" onClick={add}>
          {t({ vi: "Thêm đoạn biên bản", en: "Add a block" })}
        </Button>
      )}
      {removing && (
        <Ask
          title={{ vi: "Xóa đoạn này?", en: "Remove this block?" }}
          confirm={{ vi: "Xóa", en: "Remove" }}
          danger
          onCancel={() => setRemoving("")}
          onConfirm={() => {
            recorder.edit((b) => void delete obj(b, "minutes")[removing]);
            setRemoving("");
          }}
        />
      )}
    </>
  );
}

function under(path: string, block: string): boolean {
  return path === `/minutes/${block}` || path.startsWith(`/minutes/${block}/`);
}
