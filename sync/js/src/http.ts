// Requests to the server and what may come instead of an answer. As ../../client/problem.go.

import type { Config } from "./core.ts";
import { SyncError } from "./types.ts";

/** The connection gave way: no answer, or one without its end. The same request may succeed later. */
export function cut(detail: string, cause?: unknown): SyncError {
  return new SyncError("offline", detail, { cause });
}

/** Whether the same request may succeed later. */
export function retriable(e: unknown): e is SyncError {
  return e instanceof SyncError && (e.code === "offline" || e.status === 429 || e.status >= 500);
}

/**
 * Sends a request. The alarm cuts the connection after a silence; whoever reads the body resets it and stops it in
 * the end. Rejects with `offline`, or with the signal's reason if that aborted.
 */
export async function send(config: Config, path: string, init: RequestInit, signal: AbortSignal): Promise<{ response: Response; alarm: Alarm }> {
  signal.throwIfAborted();
  const alarm = new Alarm(config.stall, signal);
  try {
    const response = await config.fetch(config.url + path, { ...init, signal: alarm.signal, cache: "no-store", credentials: "omit", redirect: "error" });
    alarm.reset();
    return { response, alarm };
  } catch (e) {
    alarm.stop();
    throw signal.aborted ? signal.reason : cut(`no answer to ${path}`, e);
  }
}

/** Aborts a request when nothing was heard for a while, or when its caller gives up. */
export class Alarm {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  readonly #outer: AbortSignal;
  readonly #give = () => this.#controller.abort(this.#outer.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(milliseconds: number, outer: AbortSignal) {
    this.#milliseconds = milliseconds;
    this.#outer = outer;
    outer.addEventListener("abort", this.#give, { once: true });
    this.reset();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(cut(`silence for ${this.#milliseconds} ms`)), this.#milliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener("abort", this.#give);
  }
}

/** The error an answer with a status other than success stands for. */
export async function problemOf(response: Response): Promise<SyncError> {
  const seconds = Number(response.headers.get("Retry-After"));
  const more = { status: response.status, retryAfter: seconds > 0 ? seconds * 1000 : 0 };
  let text: string;
  try {
    text = await response.text();
  } catch (e) {
    return cut(`status ${response.status}`, e); // what it was about is not known
  }
  try {
    const said = JSON.parse(text) as { code?: unknown; detail?: unknown; vi?: unknown; en?: unknown };
    if (typeof said.code === "string") {
      return new SyncError(said.code, String(said.detail ?? ""), { ...more, text: { vi: String(said.vi ?? ""), en: String(said.en ?? "") } });
    }
  } catch {
    // it was not the server that answered
  }
  return new SyncError(`http_${response.status}`, response.statusText, more);
}

/** Makes a request whose answer is one JSON value, or nothing. */
export async function callJSON(
  config: Config, method: string, path: string, token: string, body: unknown, signal: AbortSignal,
): Promise<{ value: unknown; date: number }> {
  const headers: Record<string, string> = {};
  const init: RequestInit = { method, headers };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  if (token) headers["Authorization"] = `Bearer ${token}`;
  const { response, alarm } = await send(config, path, init, signal);
  try {
    if (!response.ok) throw await problemOf(response);
    let text: string;
    try {
      text = await response.text();
    } catch (e) {
      throw signal.aborted ? signal.reason : cut(path, e);
    }
    try {
      return { value: text === "" ? undefined : JSON.parse(text), date: Date.parse(response.headers.get("Date") ?? "") };
    } catch (e) {
      throw cut(`${path}: no JSON came`, e); // a hotel's sign-in page, say
    }
  } finally {
    alarm.stop();
  }
}
