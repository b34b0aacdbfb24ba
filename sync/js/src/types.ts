// The public face of the library: what a client is made from, what it can do,
// and what it says. client.ts implements Client; ../../PROTOCOL.md is the wire,
// ../../client the same phone in Go.

/** What a body is made of: no null, no fraction, no array in an array, integers up to ±(2^53-1). Points are hundredths: 7.5 is 750. */
export type Value = string | number | boolean | Body | (string | number | boolean | Body)[];

/** A document's body. Keys match `[A-Za-z0-9][A-Za-z0-9_-]{0,63}`; an empty object below the top is the same as none. */
export interface Body { [key: string]: Value }

/** `org`, `unit:<id>`, `unit:<id>:desk`, `cluster:<id>`, `cluster:<id>:desk` or `user:<id>`. */
export type Scope = string;

/** A UUID in lower case. */
export type ID = string;

/** A place in a body: `/key/key…`, nothing escaped. */
export type Path = string;

/** A sentence in both languages. */
export interface Text { vi: string; en: string }

/** What a client is made from. Only `name` is required; what is left out is the browser's own. */
export interface Options {
  /** Of the IndexedDB database. All tabs and the service worker of one app give the same. */
  name: string;
  /** Of the server, without a path, such as `https://thidua.example`; left out: where the page came from. */
  url?: string;
  /** Told when signing in; left out: `web`. */
  platform?: string;
  /** The types the app was built with; left out: those the server told last, see `fetchSchema`. */
  schema?: Schema;
  /** Failed requests in a row before `sync` gives up; left out: 20. */
  attempts?: number;
  /** Milliseconds of silence after which a connection counts as cut; left out: 30,000. */
  stall?: number;
  /** Hears of what is odd and handled; for developers. */
  log?: (message: string) => void;

  fetch?: typeof fetch;
  /** Left out: `navigator.locks`. Without any, one tab is assumed; nothing is lost or doubled if there are more, they only repeat one another's work. */
  locks?: Pick<LockManager, "request">;
  /** The device's clock, milliseconds since 1970. */
  now?: () => number;
  /** Fills with random bytes; left out: `crypto.getRandomValues`. */
  random?: (into: Uint8Array<ArrayBuffer>) => void;
  /** Waits, and rejects with the signal's reason when that aborts first. */
  sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * How a document stands. The first that holds, from above:
 * - `conflict`: a place of it waits for a person to decide between two values;
 * - `refused`: the server refused something of ours about it, and nobody has looked at that yet (`dismiss`, or a decision on the server);
 * - `waiting`: something recorded here is not acknowledged by the server;
 * - `sent`: all is acknowledged, but the replica does not show what became of it, or is not proved equal to the server's by checksum;
 * - `merged`: the document says what our last mutation wanted in other words, or said it before, and nobody has looked at that yet;
 * - `synced`: acknowledged, shown and verified.
 */
export type DocStatus = "conflict" | "refused" | "waiting" | "sent" | "merged" | "synced";

/** A document as its author sees it: what the server last said with everything recorded here on top. Never change one in place. */
export interface Doc {
  readonly id: ID;
  readonly scope: Scope;
  readonly type: string;
  /** Of the replica; 0 for what the server has not described yet. */
  readonly version: number;
  readonly body: Body;
  readonly status: DocStatus;
  /** Mutations recorded here that the replica does not show yet. */
  readonly pending: number;
  /** Identifiers of open documents of type `conflict` about it. */
  readonly conflicts: readonly ID[];
}

/** Which documents to show. */
export interface Query {
  /** One scope or several; left out: every scope there is a replica of, or something recorded for. */
  scope?: Scope | readonly Scope[];
  /** One type or several; left out: all, conflicts and rejections included. */
  type?: string | readonly string[];
  /** Identifiers; left out: all. */
  id?: ID | readonly ID[];
  where?: (doc: Doc) => boolean;
  /** Left out: by identifier, which is the order of making for those made on phones. */
  sort?: (a: Doc, b: Doc) => number;
}

/** What the server said about one mutation. */
export interface Ack {
  mutation: ID;
  outcome: "applied" | "merged" | "conflict" | "rejected";
  /** Of the commit that has the receipt; 0 if there is none. */
  seq: number;
  duplicate?: boolean;
  code?: string;
  message?: Text;
  /** The conflict or rejection that keeps what was not applied, in scope `in` or the mutation's. */
  kept?: ID;
  in?: Scope;
}

/** One act of one device on one document, as it is sent; exactly one of create, edits and delete. Frozen from the moment it is recorded. */
export interface Mutation {
  id: ID;
  doc: ID;
  scope: Scope;
  type?: string;
  base?: number;
  schema?: number;
  create?: Body;
  /** Path → [was, now]; null is absent, and `{"#": hash}` stands for a long value seen. */
  edits?: Record<Path, [Value | null, Value | null]>;
  delete?: string;
  attest?: string;
}

/** A mutation of this device and how far it has come. */
export interface Recorded {
  mutation: Mutation;
  /** `waiting`: not acknowledged. `sent`: acknowledged, not shown by the replica. `done`: shown or refused; kept for 30 days. */
  state: "waiting" | "sent" | "done";
  /** By the device's clock, milliseconds since 1970. */
  made: number;
  ack?: Ack;
  /** Somebody has looked at the outcome (`dismiss`). */
  dismissed: boolean;
}

/** How far device and server agree. */
export interface Status {
  /** Mutations not acknowledged. */
  unsent: number;
  /** Mutations whose outcome the replica does not show yet; `unsent` included. */
  pending: number;
  /** That have a replica. */
  scopes: Scope[];
  /** Whose checksum has not been found right at their cursor. */
  unverified: Scope[];
  /** For which a new replica grows beside the one shown. */
  rebuilding: Scope[];
  /** Whose checksum stayed wrong although begun anew three times within an hour. */
  stuck: Scope[];
  /** When an answer last came to its end, milliseconds since 1970 by the device's clock; 0: never. */
  contact: number;
  /** How far the device's clock was behind the server's at the last contact, milliseconds. */
  offset: number;
  /** Everything recorded had arrived at the last contact and every replica was proved equal to the server's documents. The only sign of "synced". */
  synced: boolean;
  signedIn: boolean;
  /** `""` before the first sign-in; stays after signing out. */
  person: ID;
  device: ID;
  /** The server takes what this app records but sends it no documents until it is updated. */
  tooOld: boolean;
  /** The device was signed out from the console. `unsent` of 0: everything was wiped. Otherwise documents are gone from it and the queue is kept until somebody signs in. */
  revoked: boolean;
  /** A tab of this device is syncing right now. */
  syncing: boolean;
  /** Bytes of all requests and answers since the database was made; answers as they came over the wire where the browser tells, inflated where not. */
  bytesUp: number;
  bytesDown: number;
  /** Why the last sync ended early; left out after one that did not. */
  problem?: { code: string; message: Text; at: number };
}

/** How far a running sync is. There is no total: the server does not know it before it has sent everything. */
export interface Progress {
  /** Mutations acknowledged since it began, and those still in the queue. */
  acknowledged: number;
  unsent: number;
  /** Document lines stored. */
  documents: number;
  bytesUp: number;
  bytesDown: number;
  /** Scopes found equal to the server's so far, and those touched and not there yet. */
  verified: Scope[];
  moving: Scope[];
}

/** What one call of `sync` did, up to where it got. */
export interface Report {
  requests: number;
  bytesUp: number;
  bytesDown: number;
  /** By outcome; repeats included. */
  acks: { applied: number; merged: number; conflict: number; rejected: number };
  /** Acknowledged before, in an answer that was lost. */
  duplicates: number;
  documents: number;
  /** Answers that had no end, and requests that had no answer. */
  cuts: number;
  resets: number;
  rebuilds: number;
  verified: Scope[];
  stuck: Scope[];
  dropped: Scope[];
}

/**
 * Why something could not be done. `code`:
 * - `signed_out`: sign in again; nothing recorded is lost;
 * - `revoked`: signed out from the console, see `Status.revoked`;
 * - `too_old`: everything recorded was taken, documents come after an update of the app;
 * - `offline`: the network failed too often in a row, or an answer was cut; try again later;
 * - `other_person`: the database holds somebody else's work: `wipe` it, or use another name;
 * - `not_found`, `exists`: there is no such document in the view, or one already;
 * - `closed`: the client was closed;
 * - any code of a body (`bad_key`, `bad_number`, `body_too_large`, …) with `path`;
 * - any code of the server's problems (`bad_credentials`, `rate_limited`, …) with `status`.
 */
export class SyncError extends Error {
  readonly code: string;
  readonly text: Text | undefined;
  readonly status: number;
  /** Milliseconds the server asks to wait; 0 if it did not. */
  readonly retryAfter: number;
  readonly path: Path | undefined;
  constructor(code: string, detail: string, more: { text?: Text; status?: number; retryAfter?: number; path?: Path; cause?: unknown } = {}) {
    super(detail ? `${code}: ${detail}` : code, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "SyncError";
    this.code = code;
    this.text = more.text;
    this.status = more.status ?? 0;
    this.retryAfter = more.retryAfter ?? 0;
    this.path = more.path;
  }
}

/** Ends a subscription. It may be called again. */
export type Unsubscribe = () => void;

/**
 * One device: a replica of the scopes its person may read and a queue of what that person recorded, in one IndexedDB
 * database that survives a killed tab. Recording never needs a network.
 */
export interface Client {
  // Signing in.

  /** Signs the device in by a code that an administrator handed out. `deviceName` is what people call it. */
  enrol(code: string, deviceName: string): Promise<void>;
  signIn(login: string, password: string, deviceName: string): Promise<void>;
  /** Ends the session on the server and forgets the tokens. Replica and queue stay. */
  signOut(): Promise<void>;
  /** Removes everything from the device, what is unsent included. Ask before. */
  wipe(): Promise<void>;

  // Recording. Each is one durable transaction: what it returns after is on disk.

  /** Records a new document and returns its identifier: `id`, or a new one. For keyed types give `nameID(…)`. Rejects with `exists` or a body's code. */
  create(scope: Scope, type: string, body: Body, id?: ID): Promise<ID>;
  /**
   * Records what `change` makes of the body as its author sees it: one edit for each place that differs, in one mutation.
   * `change` gets a copy; it may alter that, or return another body. It must not be asynchronous. Returns whether anything differed.
   */
  update(scope: Scope, id: ID, change: (body: Body) => Body | void): Promise<boolean>;
  /** `update` for a change of state or a signature: attests the body seen, and is applied to exactly that body or put before a person. */
  transition(scope: Scope, id: ID, change: (body: Body) => Body | void): Promise<boolean>;
  /** Records that the document as its author sees it is to go. */
  remove(scope: Scope, id: ID): Promise<void>;

  // Looking.

  get(scope: Scope, id: ID): Promise<Doc | undefined>;
  list(query: Query): Promise<Doc[]>;
  /** What the server last said about a document, without what is recorded here. */
  base(scope: Scope, id: ID): Promise<Doc | undefined>;
  /**
   * Calls `listener` with what `list` returns, soon and after every change in any tab. Calls come one at a time;
   * changes in quick succession are one call. Unchanged documents are the same objects as before.
   */
  observe(query: Query, listener: (docs: Doc[]) => void): Unsubscribe;
  status(): Promise<Status>;
  observeStatus(listener: (status: Status) => void): Unsubscribe;
  /** Mutations of this device, newest first: all that wait or are on the way, and those of the last 30 days. */
  recorded(only?: { state?: Recorded["state"]; doc?: ID; outcome?: Ack["outcome"] }): Promise<Recorded[]>;
  /** Notes that somebody has looked at how a mutation came out: its document is no longer `refused` or `merged` because of it. */
  dismiss(mutation: ID): Promise<void>;
  /** The types known, undefined before `fetchSchema` or an `Options.schema`. */
  schema(): Schema | undefined;
  /** Asks the server for its types, signed in or not, and keeps them for this and later runs. */
  fetchSchema(): Promise<Schema>;

  // Syncing.

  /**
   * Sends what was recorded and fetches what is new until both sides agree, in one request if nothing fails. One
   * tab syncs at a time; a call in another waits for it. Rejects with a SyncError.
   */
  sync(options?: { signal?: AbortSignal; progress?: (p: Progress) => void }): Promise<Report>;
  /**
   * Keeps the device in sync until stopped: one of the tabs that called this listens to the server (server-sent
   * events) and syncs at once, when something was recorded in any tab, when the browser comes online, and ever
   * more seldom while that fails. Another tab takes over when that one goes.
   */
  start(): Unsubscribe;
  /** Calls any other route of the server with the access token, refreshed as needed; for what has no offline form. Rejects with a SyncError on status 400 and above. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;

  /** The checksum of a scope's replica, taken anew from its documents, in hexadecimal, with its cursor. Undefined without a replica. */
  checksum(scope: Scope): Promise<{ sum: string; cursor: string } | undefined>;
  /** Ends subscriptions, syncing and the database connection. Everything recorded is on disk already. */
  close(): Promise<void>;
}

/** The document types one version of the software knows, as `GET /v1/schema` tells them. */
export interface Schema {
  version: number;
  oldest: number;
  types: Record<string, Type>;
}

export interface Type {
  name: string;
  title: Text;
  /** Kinds of scope it may live in: `org`, `unit`, `unit:desk`, `cluster`, `cluster:desk`, `user`. */
  scopes: string[];
  /** Its identifier is a `nameID` of what it is about. */
  keyed: boolean;
  body: Field;
}

export interface Field {
  kind: "object" | "map" | "list" | "text" | "line" | "int" | "bool" | "date" | "time" | "id" | "enum" | "hash";
  title?: Text;
  policy?: "judge" | "server" | "atomic" | "transition";
  required?: boolean;
  fields?: Record<string, Field>;
  each?: Field;
  enum?: string[];
  min?: number;
  max?: number;
  length?: number;
}

/** The first thing wrong with a value, in order of path. */
export interface Fault { code: string; path: Path; detail: string }

/** One edit of one place; undefined is absent. A `was` of type WasHash stands for a long value seen. */
export interface Edit { path: Path; was: Value | WasHash | undefined; now: Value | undefined }
export interface WasHash { "#": string }

/** What a present body makes of edits: to the letter, there already, or both values to be kept for a person. */
export interface Judgement {
  body: Body;
  applied: Edit[];
  merged: Edit[];
  clashes: Edit[];
  /** Some edit was decided key by key. */
  divided: boolean;
}

/** What two versions of one text come to word by word; shown to a person, never applied by itself. */
export interface Proposal {
  /** Where the authors clash it holds the words of both, ours first. */
  text: string;
  clean: boolean;
  parts: Part[];
}
export interface Part { kind: "kept" | "ours" | "theirs" | "both" | "clash"; base: string; ours: string; theirs: string }
export interface WordChange { kind: "kept" | "removed" | "added"; text: string }
