// The link between phones and server: a proxy that can be cut as a bad
// connection is, and that leads to another server process after a restart.

import { createServer, connect, type Server, type Socket } from "node:net";
import { EventEmitter, once } from "node:events";

export class Link {
  /** Bytes either way after which a connection is cut; 0: never. */
  cutAfter = 0;
  /** Milliseconds after a cut in which nobody is let in. */
  pause = 2_000;
  /** Lets nobody in, and cuts whoever is. */
  #down = false;
  cuts = 0;
  /** Tells "carried" of every piece that passed, either way. */
  readonly traffic = new EventEmitter();
  #server: Server;
  #port: number;
  #closedUntil = 0;
  readonly #open = new Set<Socket>();

  constructor(port: number) {
    this.#port = port;
    this.#server = createServer((phone) => this.#take(phone));
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (typeof address !== "object" || !address) throw new Error("no address");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Takes the network away, or gives it back. */
  set down(is: boolean) {
    this.#down = is;
    if (is) for (const s of this.#open) s.destroy();
  }

  close(): void {
    this.down = true;
    this.#server.close();
  }

  #take(phone: Socket): void {
    if (this.#down || Date.now() < this.#closedUntil) return void phone.destroy();
    const server = connect(this.#port, "127.0.0.1");
    let bytes = 0;
    const end = () => {
      phone.destroy();
      server.destroy();
      this.#open.delete(phone);
    };
    const count = (chunk: Buffer, to: Socket) => {
      const left = this.cutAfter > 0 ? this.cutAfter - bytes : chunk.length;
      bytes += chunk.length;
      this.traffic.emit("carried");
      if (bytes <= this.cutAfter || this.cutAfter === 0) return void to.write(chunk);
      to.write(chunk.subarray(0, Math.max(0, left)), end); // what came before the cut arrives
      this.cuts++;
      this.#closedUntil = Date.now() + this.pause;
    };
    this.#open.add(phone);
    phone.on("data", (chunk) => count(chunk, server));
    server.on("data", (chunk) => count(chunk, phone));
    for (const s of [phone, server]) {
      s.on("error", end);
      s.on("close", end);
    }
  }
}
