import { useEffect, useState } from "preact/hooks";
import { SyncError, type Status } from "thidua-sync";
import { lang, setLang, t } from "../../shared/text.ts";
import { Button, Field, Message } from "../../shared/ui.tsx";
import { phone } from "../phone.ts";

/** A code as typed or as it stands in a link `…/app/#/enrol/CODE`, which the console shows as a QR code. */
function codeInLink(): string {
  return /^#\/enrol\/(.+)$/.exec(location.hash)?.[1] ?? "";
}

/** Signs the device in. From then on the app works without a network. */
export function SignIn({ status, inline }: { status: Status; inline?: boolean }) {
  const [code, setCode] = useState(codeInLink);
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [byPassword, setByPassword] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (codeInLink()) history.replaceState(null, "", "#/today"); // a code is used once; it need not stay in the address
  }, []);

  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      const client = await phone();
      if (byPassword) await client.signIn(login, password, deviceName());
      else await client.enrol(code.trim(), deviceName());
      setPassword("");
      void client.fetchSchema().catch(() => undefined); // it is asked for again when something is recorded
    } catch (e) {
      setProblem(say(e));
    } finally {
      setBusy(false);
    }
  };
  const form = (
    <form onSubmit={submit} class="signin">
      {status.revoked && status.unsent === 0 && (
        <Message kind="warn">{t({ vi: "Máy này đã bị quản trị viên đăng xuất; dữ liệu trên máy đã được xóa.", en: "An administrator signed this device out; its data was removed." })}</Message>
      )}
      {status.unsent > 0 && (
        <Message kind="warn">{t({ vi: "{n} việc chưa gửi vẫn còn trên máy. Đăng nhập lại để gửi.", en: "{n} acts not sent yet are still on this device. Sign in again to send them." }, { n: status.unsent })}</Message>
      )}
      {byPassword ? (
        <>
          <Field label={t({ vi: "Tên đăng nhập", en: "Login" })}>
            {(ids) => <input {...ids} required autocomplete="username" autocapitalize="none" value={login} onInput={(e) => setLogin(e.currentTarget.value)} />}
          </Field>
          <Field label={t({ vi: "Mật khẩu", en: "Password" })}>
            {(ids) => <input {...ids} required type="password" autocomplete="current-password" value={password} onInput={(e) => setPassword(e.currentTarget.value)} />}
          </Field>
        </>
      ) : (
        <Field label={t({ vi: "Mã ghi danh", en: "Enrolment code" })} hint={t({ vi: "Quản trị viên cấp; dùng một lần.", en: "From an administrator; it works once." })}>
          {(ids) => <input {...ids} required autocomplete="one-time-code" autocapitalize="characters" spellcheck={false} value={code} onInput={(e) => setCode(e.currentTarget.value)} />}
        </Field>
      )}
      {problem && <Message kind="bad">{problem}</Message>}
      <Button kind="main" submit disabled={busy}>
        {busy ? t({ vi: "Đang đăng nhập…", en: "Signing in…" }) : t({ vi: "Đăng nhập", en: "Sign in" })}
      </Button>
      <Button onClick={() => setByPassword(!byPassword)}>{byPassword ? t({ vi: "Dùng mã ghi danh", en: "Use an enrolment code" }) : t({ vi: "Dùng mật khẩu", en: "Use a password" })}</Button>
    </form>
  );
  if (inline) return <section class="card">{form}</section>;
  return (
    <main id="main" class="welcome">
      <img src="/app/icon.svg" alt="" width="72" height="72" />
      <h1>{t({ vi: "Thi đua", en: "Thi đua" })}</h1>
      <p>{t({ vi: "Ghi hội nghị, chấm điểm thi đua, cả khi không có sóng.", en: "Meetings and emulation scores, also without signal." })}</p>
      {form}
      <Button onClick={() => setLang(lang() === "vi" ? "en" : "vi")}>{lang() === "vi" ? "English" : "Tiếng Việt"}</Button>
    </main>
  );
}

/** What the console calls this device until somebody renames it. */
function deviceName(): string {
  const ua = navigator.userAgent;
  const system = /Android/.test(ua) ? "Android" : /iPhone|iPad/.test(ua) ? "iOS" : /Windows/.test(ua) ? "Windows" : "Web";
  return `${system} ${new Date().toISOString().slice(0, 10)}`;
}

/** Why something failed, in the language of the screen. */
export function say(e: unknown): string {
  if (!(e instanceof SyncError)) return t({ vi: "Có lỗi trên máy này. Hãy thử lại.", en: "Something went wrong on this device. Try again." });
  if (e.text) return t(e.text);
  switch (e.code) {
    case "offline":
      return t({ vi: "Không có mạng. Việc đã ghi vẫn được giữ trên máy.", en: "There is no network. What you recorded stays on this device." });
    case "signed_out":
      return t({ vi: "Cần đăng nhập lại. Việc đã ghi vẫn được giữ trên máy.", en: "Sign in again. What you recorded stays on this device." });
    case "other_person":
      return t({ vi: "Máy này đang giữ việc của người khác.", en: "This device holds somebody else's work." });
    default:
      return t({ vi: "Không làm được ({code}).", en: "That did not work ({code})." }, { code: e.code });
  }
}
