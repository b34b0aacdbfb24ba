import { useEffect, useState } from "preact/hooks";
import type { Progress, Status, Text } from "thidua-sync";
import { byID } from "../../shared/describe.ts";
import { bytes, moment, number } from "../../shared/format.ts";
import { lang, setLang, t } from "../../shared/text.ts";
import { Ask, Button, Message } from "../../shared/ui.tsx";
import { str } from "../../shared/value.ts";
import { phone, syncNow, useDocs, useProgress, useRecorded, useSchema, useStatus } from "../phone.ts";
import { useMe, useOrg } from "../who.ts";
import { Conflicts, Elsewhere, Merged, Refused, Waiting, type Known } from "./outcome.tsx";
import { say } from "./signin.tsx";

/** Where everything recorded on this device stands, and the device itself. */
export function Sync(_: { path: string[] }) {
  const status = useStatus();
  const recorded = useRecorded();
  const org = useOrg();
  const schema = useSchema();
  const open = useDocs({ type: ["conflict", "rejection"], where: (d) => str(d.body, "state") === "open" }, "open");
  const ids = [...new Set([...(recorded ?? []).map((r) => r.mutation.doc), ...(open ?? []).map((d) => str(d.body, "about"))])].sort();
  const docs = useDocs({ id: ids }, `about/${ids.join()}`);
  if (!status || !recorded || !open) return null;
  const known: Known = { docs: byID(docs), schema, org, person: status.person };
  const here = new Set(recorded.map((r) => r.mutation.id));
  const why = new Map(recorded.flatMap((r): [string, Text][] => (r.ack?.kept && r.ack.message ? [[r.ack.kept, r.ack.message]] : [])));
  return (
    <>
      <Now status={status} />
      <Conflicts conflicts={open.filter((d) => d.type === "conflict")} why={why} known={known} />
      <Refused recorded={recorded.filter((r) => r.ack?.outcome === "rejected" && !r.dismissed)} known={known} />
      <Elsewhere rejections={open.filter((d) => d.type === "rejection" && str(d.body, "author") === status.person && !here.has(str(d.body, "mutation")))} known={known} />
      <Waiting recorded={recorded.filter((r) => r.state !== "done")} known={known} />
      <Merged recorded={recorded.filter((r) => r.ack?.outcome === "merged" && !r.dismissed)} known={known} />
      <Device status={status} />
    </>
  );
}

function Now({ status }: { status: Status }) {
  const progress = useProgress();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setProblem("");
    try {
      await syncNow();
    } catch (e) {
      setProblem(say(e));
    } finally {
      setBusy(false);
    }
  };
  const last = status.problem && !busy ? t(status.problem.message) : "";
  return (
    <section class="card" aria-labelledby="now">
      <h2 id="now">{t({ vi: "Tình trạng", en: "State" })}</h2>
      <p>
        {status.synced
          ? t({ vi: "Mọi việc đã ghi đều có trên máy chủ, và dữ liệu trên máy này khớp với máy chủ.", en: "Everything recorded is with the server, and the data here equals the server's." })
          : status.unsent
            ? t({ vi: "{n} việc đã ghi chưa gửi. Chúng được giữ trên máy này cho đến khi gửi được.", en: "{n} recorded acts are not sent. They stay on this device until they are." }, { n: number(status.unsent) })
            : t({ vi: "Dữ liệu trên máy này chưa đối chiếu xong với máy chủ.", en: "The data here is not verified against the server yet." })}
      </p>
      {status.stuck.length > 0 && <Message kind="bad">{t({ vi: "Dữ liệu trên máy không khớp máy chủ sau nhiều lần tải lại. Hãy báo quản trị viên.", en: "The data here differs from the server's after several attempts. Tell an administrator." })}</Message>}
      {(problem || last) && <Message kind="warn">{problem || last}</Message>}
      <ProgressBar progress={progress} />
      <Button kind="main" disabled={busy || !status.signedIn} onClick={() => void run()}>
        {busy ? t({ vi: "Đang đồng bộ…", en: "Syncing…" }) : t({ vi: "Đồng bộ ngay", en: "Sync now" })}
      </Button>
      <p class="faint">
        {status.contact ? t({ vi: "Đồng bộ lần cuối: {at}", en: "Last sync: {at}" }, { at: moment(status.contact) }) : t({ vi: "Chưa đồng bộ lần nào.", en: "Never synced yet." })}
        {" · "}
        {t({ vi: "đã gửi {up}, đã nhận {down}", en: "sent {up}, received {down}" }, { up: bytes(status.bytesUp), down: bytes(status.bytesDown) })}
      </p>
    </section>
  );
}

/**
 * How far a sync is, without a promise it cannot keep: what is to be sent is counted, so it has a share; what is to
 * come is not known before it has come, so it is only told how much came, and which parts are verified.
 */
export function ProgressBar({ progress }: { progress: Progress | undefined }) {
  if (!progress) return null;
  const { acknowledged, unsent, documents, verified, moving, bytesDown } = progress;
  const sending = unsent > 0;
  const label = sending
    ? t({ vi: "Đã gửi {done} trên {all} việc", en: "Sent {done} of {all} acts" }, { done: number(acknowledged), all: number(acknowledged + unsent) })
    : t({ vi: "Đã nhận {docs} văn bản ({bytes}); đối chiếu xong {done} trên {all} phần", en: "Received {docs} documents ({bytes}); verified {done} of {all} parts" }, { docs: number(documents), bytes: bytes(bytesDown), done: verified.length, all: verified.length + moving.length });
  return (
    <div class="field" role="group" aria-label={t({ vi: "Tiến độ đồng bộ", en: "Progress of the sync" })}>
      {sending ? <progress aria-label={label} max={acknowledged + unsent} value={acknowledged} /> : <progress aria-label={label} />}
      <p class="note">{label}</p>
    </div>
  );
}

function Device({ status }: { status: Status }) {
  const me = useMe();
  const [leaving, setLeaving] = useState(false);
  const [problem, setProblem] = useState("");
  const leave = async () => {
    setLeaving(false);
    try {
      await (await phone()).signOut();
    } catch (e) {
      setProblem(say(e));
    }
  };
  return (
    <section class="card" aria-labelledby="device">
      <h2 id="device">{t({ vi: "Máy này", en: "This device" })}</h2>
      {me && <p>{t({ vi: "Người dùng: {name}", en: "Signed in: {name}" }, { name: me.name })}</p>}
      <Storage />
      <p class="faint">{t({ vi: "Phiên bản ứng dụng {version}", en: "App version {version}" }, { version: __VERSION__ })}</p>
      {problem && <Message kind="bad">{problem}</Message>}
      <div class="actions">
        <Button onClick={() => setLang(lang() === "vi" ? "en" : "vi")}>{lang() === "vi" ? "English" : "Tiếng Việt"}</Button>
        {status.signedIn && <Button onClick={() => setLeaving(true)}>{t({ vi: "Đăng xuất", en: "Sign out" })}</Button>}
      </div>
      {leaving && (
        <Ask
          title={{ vi: "Đăng xuất khỏi máy này?", en: "Sign out on this device?" }}
          body={
            status.unsent
              ? { vi: "Còn việc chưa gửi. Chúng được giữ trên máy và chỉ gửi được khi bạn đăng nhập lại.", en: "Something is not sent yet. It stays on this device and is sent only after you sign in again." }
              : { vi: "Dữ liệu vẫn ở trên máy cho lần đăng nhập sau của bạn. Cần có mạng để đăng xuất.", en: "The data stays on this device for when you sign in again. Signing out needs a network." }
          }
          confirm={{ vi: "Đăng xuất", en: "Sign out" }}
          onConfirm={() => void leave()}
          onCancel={() => setLeaving(false)}
        />
      )}
    </section>
  );
}

/** How much the browser keeps for this app, and whether it has promised not to clear it. */
function Storage() {
  const [said, setSaid] = useState<{ used: number; kept: boolean }>();
  useEffect(() => {
    void Promise.all([navigator.storage?.estimate?.(), navigator.storage?.persisted?.()]).then(([e, kept]) => setSaid({ used: e?.usage ?? 0, kept: kept ?? false }));
  }, []);
  if (!said) return null;
  return (
    <p class="faint">
      {t({ vi: "Dung lượng trên máy: {used}.", en: "Storage on this device: {used}." }, { used: bytes(said.used) })}{" "}
      {said.kept ? t({ vi: "Trình duyệt cam kết không tự xóa.", en: "The browser has promised not to clear it." }) : t({ vi: "Trình duyệt có thể tự xóa khi máy hết chỗ; hãy cài ứng dụng ra màn hình chính.", en: "The browser may clear it when space runs out; install the app on the home screen." })}
    </p>
  );
}
