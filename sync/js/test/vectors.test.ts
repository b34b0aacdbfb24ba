// The vectors of ../../testdata are written by the Go package; both implementations must agree with them.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bring, hexSum, share, shift, type Held, type Own } from "../src/document.ts";
import { apply, diff, seen } from "../src/edit.ts";
import { makeID, nameID } from "../src/id.ts";
import { judge } from "../src/judge.ts";
import { decodeLine, seqOf, type DocLine } from "../src/line.ts";
import { encode } from "../src/mutation.ts";
import { contains, get, lookup, set, validPath } from "../src/pointer.ts";
import { SyncError, type Body, type Edit, type Mutation, type Value } from "../src/types.ts";
import { byteLength, canonical, equal, hashOf, normal } from "../src/value.ts";
import { diffWords, mergeWords } from "../src/words.ts";

const folder = new URL("../../../testdata/vectors/", import.meta.url);

type Case = Record<string, any>;

function cases(name: string): Case[] {
  const text = readFileSync(new URL(`${name}.json`, folder));
  const sums = JSON.parse(readFileSync(new URL("sums.json", folder), "utf8")) as Record<string, string>;
  assert.equal(createHash("sha256").update(text).digest("hex"), sums[name], `${name}.json was altered`);
  const all = JSON.parse(text.toString()) as Case[];
  assert.ok(all.length > 0);
  return all;
}

const edit = (e: Case): Edit => ({ path: e["path"], was: e["was"] ?? undefined, now: e["now"] ?? undefined });
const wire = (e: Edit): Case => ({ path: e.path, was: e.was ?? null, now: e.now ?? null });
const wired = (edits: Edit[]): string[] => edits.map((e) => canonical(wire(e) as Body)).sort();
const atomicIn = (c: Case) => (p: string) => (c["atomic"] as string[]).some((a) => contains(a, p));

test("canonical JSON is the Go package's, and so is what may not be in a body", () => {
  for (const c of cases("canonical")) {
    if (c["code"]) {
      assert.throws(() => normal(JSON.parse(c["text"])), (e) => e instanceof SyncError && e.code === c["code"], c["text"].slice(0, 100));
      continue;
    }
    const body = normal(JSON.parse(c["text"]));
    assert.equal(canonical(body), c["canonical"]);
    assert.equal(byteLength(canonical(body)), c["bytes"]);
    assert.ok(equal(body, JSON.parse(c["canonical"])));
  }
});

test("hashes and identifiers are the Go package's", () => {
  for (const c of cases("hash")) {
    if ("hash" in c) {
      assert.equal(hashOf(c["value"]), c["hash"]);
      assert.deepEqual(seen(c["value"] ?? undefined) ?? null, c["seen"] ?? null);
    } else if ("parts" in c) {
      assert.equal(nameID(...c["parts"]), c["name"]);
    } else {
      assert.equal(makeID(c["milli"], c["counter"], Buffer.from(c["random"], "hex")), c["id"]);
    }
  }
});

test("pointers read, write and are judged as in Go", () => {
  for (const c of cases("pointer")) {
    if ("get" in c) {
      assert.deepEqual(get(c["get"], c["path"]) ?? null, c["is"]);
      assert.equal(lookup(c["get"], c["path"]).blocked, c["blocked"]);
    } else if ("set" in c) {
      const before = canonical(c["set"]);
      assert.equal(canonical(set(c["set"], c["path"], c["to"] ?? undefined)), canonical(c["is"]), JSON.stringify(c));
      assert.equal(canonical(c["set"]), before, "a value was changed in place");
    } else if ("valid" in c) {
      assert.equal(validPath(c["valid"]), c["is"], c["valid"]);
    } else {
      assert.equal(contains(c["outer"], c["inner"]), c["is"], JSON.stringify(c));
    }
  }
});

test("diffs are the Go package's and lead to the other body", () => {
  for (const c of cases("diff")) {
    const edits = diff(c["a"], c["b"], atomicIn(c));
    assert.deepEqual(edits.map(wire), c["edits"]);
    assert.deepEqual(edits.map((e) => wire({ ...e, was: seen(e.was as Value | undefined) })), c["sent"]);
    assert.equal(canonical(apply(c["a"], edits)), canonical(c["b"]));
  }
});

test("the preview of a merge is what the Go package judges", () => {
  for (const c of cases("merge")) {
    const out = judge(c["body"], (c["edits"] as Case[]).map(edit), atomicIn(c));
    for (const name of ["applied", "merged", "clashes"] as const) {
      assert.deepEqual(wired(out[name]), (c[name] as Case[]).map((e) => canonical(e as Body)).sort(), `${name} of ${JSON.stringify(c)}`);
    }
    assert.equal(out.divided, c["divided"]);
    assert.equal(canonical(out.body), canonical(c["after"]));
  }
});

test("lines and own mutations come out as in Go", () => {
  for (const c of cases("patch")) {
    const before: Held | undefined = c["before"] ? held(c["before"]) : undefined;
    const own: Own[] = c["mutation"] ? [{ mutation: mutation(c["mutation"]), seq: c["seq"] }] : [];
    const { after, whole } = bring(before, own, c["line"] ? [docLine(c["line"])] : []);
    assert.equal(whole, c["whole"]);
    assert.deepEqual(after, c["after"] ? held(c["after"]) : undefined);
  }
});

test("checksums are the Go package's", () => {
  for (const c of cases("checksum")) {
    let sum = 0n;
    for (const d of c["docs"] as Case[]) {
      assert.equal(hexSum(share(d["id"], held(d))), d["share"]);
      sum = shift(sum, share(d["id"], held(d)));
    }
    assert.equal(hexSum(sum), c["sum"]);
  }
});

test("segments come out as what the server has", () => {
  for (const c of cases("segments")) {
    const documents = new Map<string, Held>((c["before"] as Case[]).map((d) => [d["id"], held(d)]));
    const from = seqOf(c["from"]);
    const to = seqOf(c["cursor"]);
    const folds = (c["own"] as Case[]).map((o) => ({ mutation: mutation(o["mutation"]), seq: o["seq"] as number })).filter((o) => o.seq > from && o.seq <= to);
    const lines = (c["lines"] as string[]).map(docLine);
    const need: string[] = [];
    for (const id of new Set([...folds.map((f) => f.mutation.doc), ...lines.map((l) => l.doc)])) {
      const { after, whole } = bring(documents.get(id), folds.filter((f) => f.mutation.doc === id), lines.filter((l) => l.doc === id));
      if (after) documents.set(id, after);
      else documents.delete(id);
      if (!whole) need.push(id);
    }
    assert.deepEqual(need, c["need"]);
    assert.deepEqual([...documents].sort(([a], [b]) => (a < b ? -1 : 1)), (c["after"] as Case[]).map((d) => [d["id"], held(d)]));
    if (c["sum"]) assert.equal(hexSum([...documents].reduce((sum, [id, d]) => shift(sum, share(id, d)), 0n)), c["sum"]);
  }
});

test("word merges and differences are the Go package's", () => {
  for (const c of cases("words")) {
    assert.deepEqual(diffWords(c["base"], c["ours"]), c["runs"]);
    assert.deepEqual(mergeWords(c["base"], c["ours"], c["theirs"]), c["proposal"]);
  }
});

function held(d: Case): Held {
  return { type: d["type"], version: d["version"], raw: d["body"] };
}

function docLine(text: string): DocLine {
  const line = decodeLine(text);
  assert.equal(line.kind, "doc");
  return (line as { doc: DocLine }).doc;
}

/** Reads a mutation, and checks that it would be written just so. */
function mutation(text: string): Mutation {
  const m = JSON.parse(text) as Mutation;
  assert.equal(encode(m), text);
  return m;
}
