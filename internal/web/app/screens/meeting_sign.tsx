import { useState } from "preact/hooks";
import type { Body } from "thidua-sync";
import { day, today } from "../../shared/format.ts";
import { signed } from "../../shared/meeting.ts";
import { present, quorum } from "../../shared/quorum.ts";
import { tallyFault, tallyOf } from "../../shared/tally.ts";
import { t } from "../../shared/text.ts";
import { Ask, Button, Field, Message } from "../../shared/ui.tsx";
import { asBody, obj, put, str } from "../../shared/value.ts";
import { href } from "../route.ts";
import { Disputes, type Dispute } from "./dispute.tsx";
import type { Sitting } from "./meeting.tsx";
import { quorumText } from "./meeting_overview.tsx";

/** Signing the minutes, and what may still be added after that. */
export function Signing(s: Sitting) {
  return (
    <>
      {signed(s.doc.body) ? <Signed {...s} /> : <ToSign {...s} />}
      <Addenda {...s} />
    </>
  );
}

function Signed({ doc }: Sitting) {
  return (
    <Message kind={doc.pending > 0 ? "warn" : "good"}>
      {doc.pending > 0
        ? t({ vi: "Đã ký trên máy này; chữ ký có hiệu lực khi máy chủ nhận đúng biên bản này.", en: "Signed on this device; it counts once the server has taken exactly these minutes." })
        : t({ vi: "Biên bản đã ký. Nội dung không sửa được nữa; có thể bổ sung bằng phụ lục.", en: "The minutes are signed. Their content stays as it is; an addendum may be added." })}
    </Message>
  );
}

function ToSign({ doc, may, recorder, disputes }: Sitting) {
  const [asking, setAsking] = useState(false);
  const here = present(doc.body);
  const over = ["resolutions/votes", "ballots/tally"].some((where) => {
    const [set, key] = where.split("/") as [string, string];
    return Object.values(obj(doc.body, set)).some((e) => {
      const tally = tallyOf(obj(asBody(e), key));
      return tally !== undefined && tallyFault(tally, here) !== undefined;
    });
  });
  const conflict = doc.conflicts.length > 0 || disputes.some((d) => d.kind === "conflict");
  const section = (name: string) => href("meetings", doc.scope, doc.id, name);
  return (
    <section class="card" aria-labelledby="to-sign">
      <h3 id="to-sign">{t({ vi: "Ký biên bản", en: "Sign the minutes" })}</h3>
      <p>{quorumText(doc.body)}</p>
      {quorum(doc.body) === false && <p class="warn-text">{t({ vi: "Chưa đủ số đại biểu; vẫn ký được nhưng nên kiểm tra lại.", en: "There is no quorum; it can be signed, but check again." })}</p>}
      {conflict && <Message kind="bad">{t({ vi: "Còn xung đột chưa được giải quyết nên chưa ký được. Xem ở các phần có ghi “cần xem”.", en: "A conflict is still open, so it cannot be signed. See the parts that say “to look at”." })}</Message>}
      {over && (
        <Message kind="bad">
          <p>{t({ vi: "Có kết quả biểu quyết không khớp với số người có mặt nên chưa ký được.", en: "A tally does not fit the number of people present, so it cannot be signed." })}</p>
          <a class="button" href={section("votes")}>
            {t({ vi: "Xem biểu quyết", en: "See the votes" })}
          </a>
        </Message>
      )}
      {!may.sign && <p class="faint">{doc.scope.startsWith("cluster:") ? t({ vi: "Trưởng hoặc phó cụm ký biên bản này.", en: "The cluster's head or deputy signs these minutes." }) : t({ vi: "Lãnh đạo đơn vị ký biên bản này.", en: "The unit's leader signs these minutes." })}</p>}
      {may.sign && (
        <Button kind="main" disabled={conflict || over} onClick={() => setAsking(true)}>
          {t({ vi: "Ký biên bản…", en: "Sign…" })}
        </Button>
      )}
      {asking && (
        <Ask
          title={{ vi: "Ký biên bản hội nghị?", en: "Sign these minutes?" }}
          body={{
            vi: "Sau khi ký không sửa được thông tin chung, thành phần tham dự, biên bản, nghị quyết và kết quả bỏ phiếu. Chỉ còn thêm được phụ lục. Không hủy chữ ký được.",
            en: "After that the general part, attendance, minutes, resolutions and tallies can no longer be changed. Only addenda can be added. A signature cannot be taken back.",
          }}
          confirm={{ vi: "Ký", en: "Sign" }}
          onCancel={() => setAsking(false)}
          onConfirm={() => {
            recorder.run((client) => client.transition(doc.scope, doc.id, (b) => void (b["state"] = "signed")));
            setAsking(false);
          }}
        />
      )}
    </section>
  );
}

/** What is added after signing. What an open block was refused because of the signature is offered here. */
function Addenda({ doc, may, recorder, disputes, wording }: Sitting) {
  const [text, setText] = useState("");
  const [taken, setTaken] = useState<string>(); // the refused mutation whose text is being made an addendum
  const all = Object.entries(obj(doc.body, "addenda"))
    .map(([key, v]) => ({ key, entry: asBody(v) }))
    .sort((a, b) => str(a.entry, "on").localeCompare(str(b.entry, "on")) || (a.key < b.key ? -1 : 1));
  const late = disputes.filter((d) => d.kind === "refused" && d.code === "minutes_signed");
  const take = (d: Dispute) => {
    setText(textOf(d));
    setTaken(d.mutation);
  };
  const add = () =>
    recorder.run(async (client) => {
      await client.update(doc.scope, doc.id, (b) => {
        const set: Body = obj(b, "addenda");
        set[crypto.randomUUID()] = { on: today(Date.now()), text: text.trim() };
        put(b, "addenda", set);
      });
      if (taken) await client.dismiss(taken); // only now is the text safe elsewhere
      setText("");
      setTaken(undefined);
    });
  if (!signed(doc.body) && all.length === 0) return null;
  return (
    <section class="card" aria-labelledby="addenda">
      <h3 id="addenda">{t({ vi: "Phụ lục", en: "Addenda" })}</h3>
      {all.length === 0 && <p class="faint">{t({ vi: "Chưa có phụ lục.", en: "No addenda." })}</p>}
      {all.map(({ key, entry }) => (
        <div key={key} class="entry">
          <p class="faint">{day(str(entry, "on"))}</p>
          <p class="prose">{str(entry, "text")}</p>
        </div>
      ))}
      <Disputes of={disputes.filter((d) => d.path.startsWith("/addenda"))} wording={wording} />
      <Disputes of={late.filter(textOf)} wording={wording} take={{ label: t({ vi: "Đưa vào phụ lục", en: "Put into an addendum" }), on: take }} />
      <Disputes of={late.filter((d) => !textOf(d))} wording={wording} />
      {may.addend && (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            add();
          }}
        >
          <Field label={t({ vi: "Phụ lục mới", en: "New addendum" })} hint={t({ vi: "Ghi ngày hôm nay; không sửa nội dung đã ký.", en: "Dated today; it does not change what was signed." })}>
            {(ids) => <textarea {...ids} rows={3} maxLength={10_000} value={text} onInput={(e) => setText(e.currentTarget.value)} />}
          </Field>
          <div class="actions">
            <Button kind="main" submit disabled={!text.trim()}>
              {t({ vi: "Thêm phụ lục", en: "Add the addendum" })}
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}

/** The words of what was refused, "" if it had none. */
function textOf(d: Dispute): string {
  const v = d.sides[0]?.value;
  return typeof v === "string" && !d.path.endsWith("/role") && !d.path.endsWith("/unit") ? v : str(asBody(v), "text");
}
