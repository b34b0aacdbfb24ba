// The database: what is in it, and transactions. Everything a device knows is here; nothing that matters is only in memory.

import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from "idb";
import type { Ack, ID, Mutation, Scope } from "./types.ts";

/** What the server gave this device when it signed in or refreshed. */
export interface Tokens {
  access: string;
  refresh: string;
  /** Of access, milliseconds by the server's clock. */
  expires: number;
  person: ID;
  device: ID;
}

/** A mutation, in exactly one of queue, acked and archive, under the number it got when it was recorded. Its text never changes. */
export interface Entry {
  order: number;
  raw: string;
  id: ID;
  scope: Scope;
  doc: ID;
  in: "queue" | "acked" | "archive";
  /** There while the mutation is shown on top of the replica: in queue and acked. */
  shown?: 1;
  ack?: Ack;
  /** When it got to the archive. */
  at?: number;
  /** The document whose author is to hear that this was merged or refused. */
  notice?: ID;
}

/** A scope's documents as of a cursor. */
export interface Replica {
  number: number;
  scope: Scope;
  /** Shown, or growing to take the place of the one that is. */
  role: "live" | "beside";
  /** Left out until a segment was stored: a scope may be empty and its replica still complete. */
  cursor?: string;
  /** Hexadecimal. */
  sum: string;
  verified: boolean;
}

export interface DocRow {
  replica: number;
  id: ID;
  type: string;
  version: number;
  raw: string;
  /** Of an open conflict: the document it is about. */
  about?: ID;
}

interface Schema extends DBSchema {
  meta: { key: string; value: unknown };
  mutations: { key: number; value: Entry; indexes: { in: [string, number]; shown: [number, string, string, number]; id: string; notice: string } };
  replicas: { key: number; value: Replica; indexes: { role: [string, string] } };
  docs: { key: [number, string]; value: DocRow; indexes: { type: [number, string]; about: string } };
  need: { key: [number, string]; value: { replica: number; id: ID } };
  guard: { key: string; value: number[] };
}

const stores = ["meta", "mutations", "replicas", "docs", "need", "guard"] as const;
type Stores = (typeof stores)[number][];
type Inner = IDBPTransaction<Schema, Stores, "readwrite">;

/** A transaction over everything. Only its own promises may be awaited within one. */
export interface Tx {
  store<N extends (typeof stores)[number]>(name: N): ReturnType<typeof storeOf<N>>;
  /** What a transaction that writes has changed, told to all tabs after it. */
  changes: Changes;
}

function storeOf<N extends (typeof stores)[number]>(tx: Inner, name: N) {
  return tx.objectStore(name);
}

/** What views have to be read anew. Everything in it can be sent to other tabs. */
export interface Changes {
  /** Documents by scope; under "" those whose scope is not known. */
  docs: Map<Scope, Set<ID>>;
  /** Scopes of which everything changed. */
  scopes: Set<Scope>;
  /** Scopes that were found equal to the server's, or are not any more. */
  standing: Set<Scope>;
  /** Something was recorded that wants sending. */
  recorded: boolean;
  /** All is gone. */
  wiped: boolean;
}

function noChanges(): Changes {
  return { docs: new Map(), scopes: new Set(), standing: new Set(), recorded: false, wiped: false };
}

/** Notes that a document looks different. */
export function touch(tx: Tx, scope: Scope, doc: ID): void {
  const docs = tx.changes.docs.get(scope) ?? new Set();
  tx.changes.docs.set(scope, docs.add(doc));
}

/** Does things at once. One that throws where it stands, because the transaction was aborted, leaves the others looked after. */
export async function all(...work: (() => Promise<unknown>)[]): Promise<void> {
  await Promise.all(work.map(async (w) => w()));
}

/** Keys that begin with the parts given. */
export function beginning(...parts: (string | number)[]): IDBKeyRange {
  return IDBKeyRange.bound(parts, [...parts, []]);
}

/** The database of one device, open in one tab. */
export class Store {
  readonly #db: IDBPDatabase<Schema>;
  /** Hears what a transaction changed once it is complete. */
  changed: (changes: Changes) => void = () => undefined;

  private constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  static async open(name: string, closed: () => void): Promise<Store> {
    const db: IDBPDatabase<Schema> = await openDB<Schema>(name, 1, {
      upgrade(db) {
        db.createObjectStore("meta");
        const mutations = db.createObjectStore("mutations", { keyPath: "order", autoIncrement: true });
        mutations.createIndex("in", ["in", "order"]);
        mutations.createIndex("shown", ["shown", "scope", "doc", "order"]);
        mutations.createIndex("id", "id");
        mutations.createIndex("notice", "notice");
        db.createObjectStore("replicas", { keyPath: "number", autoIncrement: true }).createIndex("role", ["role", "scope"]);
        const docs = db.createObjectStore("docs", { keyPath: ["replica", "id"] });
        docs.createIndex("type", ["replica", "type"]);
        docs.createIndex("about", "about");
        db.createObjectStore("need", { keyPath: ["replica", "id"] });
        db.createObjectStore("guard");
      },
      blocking: () => db.close(), // a newer version of the app wants to open it
      terminated: closed,
    });
    return new Store(db);
  }

  close(): void {
    this.#db.close();
  }

  /** Reads as of one moment. */
  async read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const inner = this.#db.transaction([...stores], "readonly") as unknown as Inner;
    return this.#run(inner, noChanges(), work);
  }

  /**
   * Writes all or nothing. Strict: what is recorded must survive the loss of power once its author was told that it is
   * kept; what came from the server comes again.
   */
  async write<T>(work: (tx: Tx) => Promise<T>, durability: "strict" | "relaxed" = "relaxed"): Promise<T> {
    const inner: Inner = this.#db.transaction([...stores], "readwrite", { durability });
    const changes = noChanges();
    const result = await this.#run(inner, changes, work);
    this.changed(changes);
    return result;
  }

  async #run<T>(inner: Inner, changes: Changes, work: (tx: Tx) => Promise<T>): Promise<T> {
    const done = inner.done;
    done.catch(() => undefined); // it is awaited below, but may fail before
    try {
      const result = await work({ store: (name) => storeOf(inner, name), changes });
      await done;
      return result;
    } catch (e) {
      try {
        inner.abort();
      } catch {
        // it has ended by itself
      }
      await done.catch(() => undefined);
      throw e;
    }
  }
}

/** Reads a value of meta; names are those of Meta. */
export async function getMeta<N extends keyof Meta>(tx: Tx, name: N): Promise<Meta[N] | undefined> {
  return (await tx.store("meta").get(name)) as Meta[N] | undefined;
}

export async function putMeta<N extends keyof Meta>(tx: Tx, name: N, value: Meta[N]): Promise<void> {
  await tx.store("meta").put(value, name);
}

export interface Meta {
  tokens: Tokens;
  device: ID;
  /** When an answer last came to its end. */
  contact: number;
  /** How far the device's clock was behind the server's. */
  offset: number;
  schema: import("./types.ts").Schema;
  tooOld: boolean;
  revoked: boolean;
  bytes: { up: number; down: number };
  problem: { code: string; message: import("./types.ts").Text; at: number };
  /** Scopes whose checksum stayed wrong. */
  stuck: Scope[];
}

export function mutationOf(e: Pick<Entry, "raw">): Mutation {
  return JSON.parse(e.raw) as Mutation;
}
