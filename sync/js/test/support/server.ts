// A real server process, and a bad connection to it.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../../../", import.meta.url));
const binary = fileURLToPath(new URL("../../thidua", import.meta.url));

/** The server of this repository with generated data, on a port of its own. */
export class Server {
  readonly #data = mkdtempSync(join(tmpdir(), "thidua-js-"));
  #process: ChildProcess | undefined;
  url = "";

  static async start(): Promise<Server> {
    execFileSync("go", ["build", "-o", binary, "./cmd/thidua"], { cwd: root, stdio: "inherit" });
    const s = new Server();
    s.#run("", "generate", "--clusters", "1", "--units", "7");
    await s.up("127.0.0.1:0");
    return s;
  }

  /** Starts the process; again on the same address after a kill. */
  async up(address = new URL(this.url).host): Promise<void> {
    const child = spawn(binary, ["serve", "--data", this.#data, "--addr", address, "--sync-rate", "1000"], { stdio: ["ignore", "pipe", "ignore"] });
    this.#process = child;
    this.url = await new Promise<string>((resolve, reject) => {
      child.once("exit", () => reject(new Error("the server did not start")));
      child.stdout.once("data", (said: Buffer) => resolve(/http:\/\/[0-9.:]+/.exec(said.toString())?.[0] ?? ""));
    });
  }

  /** Ends the process as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  /** Adds a person and returns an enrolment code. */
  person(login: string, role: string, subject?: string): string {
    const out = this.#run("", "user", "add", "--login", login, "--name", login, "--role", role, ...(subject ? ["--subject", subject] : []));
    return /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(out)?.[0] ?? "";
  }

  #run(input: string, command: string, ...args: string[]): string {
    const at = command === "user" ? 1 : 0; // the data directory stands after the subcommand
    return execFileSync(binary, [command, ...args.slice(0, at), "--data", this.#data, ...args.slice(at)], { input, stdio: ["pipe", "pipe", "ignore"] }).toString();
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#data, { recursive: true, force: true });
  }
}

/** A proxy that lets as many bytes of each answer's body through as it is told, and then cuts the connection. */
export class Proxy {
  readonly #server: HttpServer;
  cuts = 0;

  private constructor(server: HttpServer) {
    this.#server = server;
  }

  static async start(target: () => string, allowed: () => number): Promise<Proxy> {
    const server = createServer((req, res) => {
      const to = new URL(req.url ?? "/", target());
      const up = request(to, { method: req.method, headers: { ...req.headers, connection: "close" }, agent: false }, (answer) => {
        let left = to.pathname === "/v1/sync" ? allowed() : Infinity;
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on("data", (piece: Buffer) => {
          if (left < 0) return;
          if (piece.length <= left) {
            left -= piece.length;
            res.write(piece);
            return;
          }
          proxy.cuts++;
          // What was let through arrives: a stream that breaks forgets what its reader has not fetched yet.
          res.write(piece.subarray(0, left), () => setTimeout(() => res.destroy(), 20));
          answer.pause();
          left = -1;
        });
        answer.on("end", () => res.end());
        answer.on("error", () => res.destroy());
      });
      up.on("error", () => res.destroy());
      res.on("close", () => up.destroy());
      req.pipe(up);
    });
    const proxy = new Proxy(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
