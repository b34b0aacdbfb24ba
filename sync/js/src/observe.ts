// Queries that stay right: read once, then kept up to date document by document.

import type { Core } from "./core.ts";
import type { Changes } from "./store.ts";
import type { Doc, ID, Query, Scope } from "./types.ts";
import { equal } from "./value.ts";
import { arrange, asksPlace, asksType, docOf, showAll, showOne, statusOf, verifiedScopes, type Shown } from "./view.ts";

/** One subscription. */
export class Watch {
  readonly #core: Core;
  readonly #query: Query;
  readonly #listener: (docs: Doc[]) => void;
  readonly #rows = new Map<string, { shown: Shown; doc: Doc }>();
  #all = true; // everything has to be read
  #stale = new Map<Scope, Set<ID>>();
  #standing = false;
  #running: Promise<void> | undefined;
  #ended = false;

  constructor(core: Core, query: Query, listener: (docs: Doc[]) => void) {
    this.#core = core;
    this.#query = query;
    this.#listener = listener;
    this.#kick();
  }

  end(): void {
    this.#ended = true;
  }

  /** Takes in what a transaction changed, in this tab or another. */
  changed(c: Changes): void {
    if (c.wiped || c.scopes.size > 0) this.#all = true;
    if (c.standing.size > 0) this.#standing = true;
    for (const [scope, ids] of c.docs) {
      const stale = this.#stale.get(scope) ?? new Set();
      this.#stale.set(scope, stale);
      for (const id of ids) stale.add(id);
    }
    if (this.#all || this.#standing || this.#stale.size > 0) this.#kick();
  }

  #kick(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    while (!this.#ended && (this.#all || this.#standing || this.#stale.size > 0)) {
      await Promise.resolve(); // changes of one moment are one call
      let moved: boolean;
      try {
        moved = this.#all ? await this.#read() : await this.#refresh();
      } catch (e) {
        if (!this.#core.closing.signal.aborted) this.#core.config.log(`observe: ${String(e)}`);
        return;
      }
      if (moved && !this.#ended) this.#listener(arrange(this.#query, [...this.#rows.values()].map((r) => r.doc)));
    }
  }

  async #read(): Promise<boolean> {
    this.#all = this.#standing = false;
    this.#stale = new Map();
    const [all, verified] = await this.#core.store.read(async (tx) => [await showAll(tx, this.#query), await verifiedScopes(tx)] as const);
    const gone = new Set(this.#rows.keys());
    for (const s of all) {
      gone.delete(`${s.scope} ${s.id}`);
      this.#put(s, verified);
    }
    for (const key of gone) this.#rows.delete(key);
    return true;
  }

  async #refresh(): Promise<boolean> {
    const places = [...this.#stale].flatMap(([scope, ids]) => [...ids].flatMap((id) => this.#placesOf(scope, id)));
    this.#stale = new Map();
    this.#standing = false;
    const [fresh, verified] = await this.#core.store.read(async (tx) =>
      [await Promise.all(places.map(([scope, id]) => showOne(tx, scope, id))), await verifiedScopes(tx)] as const);
    let moved = false;
    for (const s of fresh) moved = this.#put(s, verified) || moved;
    for (const { shown } of this.#rows.values()) moved = this.#put(shown, verified) || moved;
    return moved;
  }

  /** Where a changed document may be that the query asks for; one whose scope is not known only where it is shown already. */
  #placesOf(scope: Scope, id: ID): [Scope, ID][] {
    if (scope !== "") return asksPlace(this.#query, scope, id) ? [[scope, id]] : [];
    return [...this.#rows.values()].filter((r) => r.shown.id === id).map((r) => [r.shown.scope, id]);
  }

  /** Takes in how a document is shown now, and reports whether that is anything new. */
  #put(s: Shown, verified: ReadonlySet<Scope>): boolean {
    const key = `${s.scope} ${s.id}`;
    const old = this.#rows.get(key);
    if (!s.seen || !asksType(this.#query, s.seen.type)) return this.#rows.delete(key);
    if (old && same(old.doc, s, verified)) {
      old.shown = s;
      return false;
    }
    this.#rows.set(key, { shown: s, doc: docOf(s, verified) as Doc });
    return true;
  }
}

function same(old: Doc, s: Shown, verified: ReadonlySet<Scope>): boolean {
  return old.version === s.version && old.pending === s.pending && old.status === statusOf(s, verified) && old.type === s.seen?.type &&
    old.conflicts.join() === s.conflicts.join() && (old.body === s.seen.body || equal(old.body, s.seen.body));
}
