// A real server process on a database of its own, with the demonstration's data.

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

export interface Guest {
  name: string;
  login: string;
  password: string;
  code: string;
  person: string;
  unit?: string;
}

export interface Shown {
  id: string;
  type: string;
  version: number;
  body: Record<string, unknown>;
}

/** One change of a document, with the mutation it came from. */
export interface Change {
  mutation?: string;
  outcome?: string;
  edits?: Record<string, { was?: unknown; now?: unknown }>;
  create?: unknown;
}

/** An answer of the API that was not a success. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(`${status}: ${text}`);
    this.status = status;
  }
}

const run = promisify(execFile);

/** The program under test; scripts/e2e builds it. */
const program = process.env["THIDUA"] ?? "";

export class Backend {
  readonly port: number;
  readonly people: ReadonlyMap<string, Guest>;
  readonly #dir: string;
  #process: ChildProcess | undefined;
  readonly #tokens = new Map<string, string>();

  private constructor(dir: string, port: number, people: Guest[]) {
    this.#dir = dir;
    this.port = port;
    this.people = new Map(people.map((p) => [p.login, p]));
  }

  /** Starts a server whose database holds the story of the demonstration. */
  static async start(): Promise<Backend> {
    const dir = await mkdtemp(join(tmpdir(), "thidua-e2e-"));
    const { stdout } = await run(program, ["demo", "--people", "--exit", "--json", "--keep", dir], { maxBuffer: 1 << 24 });
    const { people } = JSON.parse(stdout) as { people: Guest[] };
    const backend = new Backend(dir, await freePort(), people);
    await backend.serve();
    return backend;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the process, of the given program if another version is to serve. */
  async serve(other = program): Promise<void> {
    this.#process = spawn(other, ["serve", "--data", this.#dir, "--addr", `127.0.0.1:${this.port}`], { stdio: "ignore" });
    for (let i = 0; i < 200; i++) {
      if (await fetch(`${this.url}/readyz`).then((r) => r.ok, () => false)) return;
      await wait(50);
    }
    throw new Error("the server does not start");
  }

  /** kill -9, as a machine that loses power would. */
  async kill(): Promise<void> {
    const p = this.#process;
    if (!p || p.exitCode !== null) return;
    p.kill("SIGKILL");
    await once(p, "exit");
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }

  guest(login: string): Guest {
    const g = this.people.get(login);
    if (!g) throw new Error(`nobody is called ${login}`);
    return g;
  }

  /** Calls the API as a person, from a device of its own. */
  async call<T>(login: string, method: string, path: string, body?: unknown): Promise<T> {
    const send = async () => {
      let token = this.#tokens.get(login);
      if (!token) {
        const { password } = this.guest(login);
        token = (await this.#send<{ access: string }>("", "POST", "/v1/sign-in", { login, password, name: "e2e", platform: "web" })).access;
        this.#tokens.set(login, token);
      }
      return this.#send<T>(token, method, path, body);
    };
    try {
      return await send();
    } catch (e) {
      if (!(e instanceof Refused) || e.status !== 401) throw e;
      this.#tokens.delete(login); // it expired
      return send();
    }
  }

  /** `call` for an answer in lines of JSON; rejects unless every acknowledgement is `applied`. */
  async lines(login: string, method: string, path: string, body: unknown): Promise<void> {
    const { password } = this.guest(login);
    const token = this.#tokens.get(login) ?? (await this.#send<{ access: string }>("", "POST", "/v1/sign-in", { login, password, name: "e2e", platform: "web" })).access;
    this.#tokens.set(login, token);
    const r = await fetch(this.url + path, { method, headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const text = await r.text();
    if (!r.ok) throw new Refused(r.status, text);
    const acks = text.split("\n").filter((l) => l.includes('"outcome"'));
    const bad = acks.find((l) => !l.includes('"applied"'));
    if (bad || acks.length === 0) throw new Error(bad ?? `no acknowledgement: ${text.slice(0, 300)}`);
  }

  async #send<T>(token: string, method: string, path: string, body?: unknown): Promise<T> {
    const headers = { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    const r = await fetch(this.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await r.text();
    if (!r.ok) throw new Refused(r.status, text);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** A document as the admin sees it. */
  document(scope: string, id: string): Promise<Shown> {
    return this.call("quan-tri", "GET", `/v1/documents/${encodeURIComponent(scope)}/${id}`);
  }

  /** Every change of a document, oldest first. */
  async changes(scope: string, id: string): Promise<Change[]> {
    const { commits } = await this.call<{ commits: { changes: Change[] }[] }>("quan-tri", "GET", `/v1/documents/${encodeURIComponent(scope)}/${id}/history?limit=100`);
    return commits.reverse().flatMap((c) => c.changes);
  }

  /** The devices of a person that were not signed out. */
  async devices(person: string): Promise<{ id: string; name: string }[]> {
    const { devices } = await this.call<{ devices: { id: string; name: string; revoked?: number }[] }>("quan-tri", "GET", `/v1/devices?person=${person}`);
    return devices.filter((d) => !d.revoked);
  }
}

async function freePort(): Promise<number> {
  const s = createServer().listen(0, "127.0.0.1");
  await once(s, "listening");
  const address = s.address();
  s.close();
  await once(s, "close");
  if (typeof address !== "object" || !address) throw new Error("no port");
  return address.port;
}
