import type { FunctionComponent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Status, Text } from "thidua-sync";
import { t, useLang } from "../shared/text.ts";
import { Button, Message } from "../shared/ui.tsx";
import { phone, syncNow, useProgress, useStatus } from "./phone.ts";
import { href, useRoute } from "./route.ts";
import { Meetings } from "./screens/meetings.tsx";
import { Ranking } from "./screens/ranking.tsx";
import { Scores } from "./screens/scores.tsx";
import { SignIn } from "./screens/signin.tsx";
import { ProgressBar, Sync } from "./screens/sync.tsx";
import { Today } from "./screens/today.tsx";
import { register, syncLater, update } from "./update.ts";
import { forgetMe } from "./who.ts";

const screens: { name: string; title: Text; icon: string; screen: FunctionComponent<{ path: string[] }> }[] = [
  { name: "today", title: { vi: "Hôm nay", en: "Today" }, icon: "M5 4h14v16H5zM5 9h14M9 2v4M15 2v4", screen: Today },
  { name: "meetings", title: { vi: "Hội nghị", en: "Meetings" }, icon: "M4 5h16v11H9l-5 4zM8 9h8M8 12h5", screen: Meetings },
  { name: "scores", title: { vi: "Chấm điểm", en: "Scores" }, icon: "M6 3h12v18H6zM9 8h6M9 12h6M9 16h3", screen: Scores },
  { name: "ranking", title: { vi: "Xếp hạng", en: "Ranking" }, icon: "M4 20v-8h4v8zM10 20V5h4v15zM16 20v-5h4v5z", screen: Ranking },
  { name: "sync", title: { vi: "Đồng bộ", en: "Sync" }, icon: "M5 10a7 7 0 0 1 12-4l2 2M19 4v4h-4M19 14a7 7 0 0 1-12 4l-2-2M5 20v-4h4", screen: Sync },
];

/** The frame of every screen: what it is called, the true state of the device, and the way to the others. */
export function Shell() {
  useLang();
  const status = useStatus();
  const [updated, setUpdated] = useState(false);
  const { path } = useRoute();
  useEffect(() => register(() => setUpdated(true)), []);
  const person = status?.person;
  const signedIn = !!person && status.signedIn;
  const began = !!status?.contact;
  useEffect(() => {
    if (person === "") forgetMe();
    if (person) void navigator.storage?.persist?.();
  }, [person]);
  // The first sync is run from here, so that its progress can be shown; from then on the library keeps in sync by itself.
  useEffect(() => {
    if (!signedIn) return;
    let stop: (() => void) | undefined;
    let gone = false;
    void (began ? Promise.resolve() : syncNow().catch(() => undefined)) // the screen of syncing says why, if it fails
      .then(phone)
      .then((client) => {
        if (!gone) stop = client.start();
      });
    return () => {
      gone = true;
      stop?.();
    };
  }, [signedIn, began]);
  const unsent = status?.unsent ?? 0;
  useEffect(() => {
    if (unsent) void syncLater();
  }, [unsent]);
  if (!status) return <p class="starting">{t({ vi: "Đang mở…", en: "Opening…" })}</p>;
  if (!status.person || status.revoked) return <SignIn status={status} />;
  return <Screens path={path} status={status} updated={updated} />;
}

function Screens({ path, status, updated }: { path: string[]; status: Status; updated: boolean }) {
  const here = screens.find((s) => s.name === path[0]) ?? screens[0]!;
  const title = t(here.title);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(here.name);
  useEffect(() => {
    document.title = `${title} · Thi đua`;
    if (shown.current === here.name) return;
    shown.current = here.name;
    main.current?.focus(); // so that a screen reader and the keyboard go on where the new screen begins
  }, [title]);
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(e) => {
          e.preventDefault(); // what follows the # is the screen
          main.current?.focus();
        }}
      >
        {t({ vi: "Đến nội dung", en: "Skip to content" })}
      </a>
      <header class="bar">
        <h1>{title}</h1>
        <State />
      </header>
      <main id="main" tabIndex={-1} ref={main}>
        {updated && (
          <Message kind="info">
            <p>{t({ vi: "Đã có phiên bản mới. Việc chưa gửi vẫn được giữ nguyên.", en: "A new version is ready. What is not sent yet stays as it is." })}</p>
            <Button kind="main" onClick={update}>
              {t({ vi: "Cập nhật ngay", en: "Update now" })}
            </Button>
          </Message>
        )}
        {status.tooOld && <Message kind="warn">{t({ vi: "Ứng dụng đã cũ: việc đã ghi vẫn gửi được, nhưng cần cập nhật để nhận dữ liệu mới.", en: "This app is too old: what you record is still sent, but it must be updated to receive anything new." })}</Message>}
        {!status.signedIn && <SignIn status={status} inline />}
        {status.signedIn && !status.contact && <First status={status} />}
        <here.screen path={path.slice(1)} />
      </main>
      <nav class="tabs" aria-label={t({ vi: "Các màn hình", en: "Screens" })}>
        {screens.map((s) => (
          <a key={s.name} href={href(s.name)} aria-current={s === here ? "page" : undefined}>
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d={s.icon} />
            </svg>
            <span>{t(s.title)}</span>
          </a>
        ))}
      </nav>
    </>
  );
}

/** The first sync, which brings everything: how far it is, or why it stopped. */
function First({ status }: { status: Status }) {
  const progress = useProgress();
  return (
    <section class="card" aria-labelledby="first">
      <h2 id="first">{t({ vi: "Đang tải dữ liệu lần đầu", en: "Fetching the data for the first time" })}</h2>
      <ProgressBar progress={progress} />
      {!progress && status.problem && <Message kind="warn">{t(status.problem.message)}</Message>}
      <p class="faint">{t({ vi: "Nếu mất mạng giữa chừng, phần đã tải vẫn được giữ và sẽ tải tiếp.", en: "If the network goes, what has come is kept and the rest follows." })}</p>
    </section>
  );
}

/** Whether everything is with the server: said only when it was acknowledged and the replica was proved equal. */
function State() {
  const status = useStatus();
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const hear = () => setOnline(navigator.onLine);
    addEventListener("online", hear);
    addEventListener("offline", hear);
    return () => {
      removeEventListener("online", hear);
      removeEventListener("offline", hear);
    };
  }, []);
  if (!status) return null;
  const [kind, text]: [string, string] = status.unsent
    ? ["waiting", t({ vi: "{n} việc chưa gửi", en: "{n} not sent" }, { n: status.unsent })]
    : status.syncing
      ? ["moving", t({ vi: "Đang đồng bộ…", en: "Syncing…" })]
      : status.synced
        ? ["synced", online ? t({ vi: "Đã đồng bộ", en: "Synced" }) : t({ vi: "Không có mạng, đã đồng bộ trước đó", en: "Offline, synced before" })]
        : ["waiting", t({ vi: "Chưa đối chiếu xong", en: "Not verified yet" })];
  return (
    <a class={`state ${kind}`} href={href("sync")} aria-live="polite">
      {text}
    </a>
  );
}
