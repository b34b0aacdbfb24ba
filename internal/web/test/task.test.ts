import assert from "node:assert/strict";
import { test } from "node:test";
import { nameID, type Body, type Doc } from "thidua-sync";
import type { Me } from "../shared/capacity.ts";
import { Org } from "../shared/org.ts";
import { tasksOf } from "../shared/task.ts";

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const [unit, other, cluster, period, criteria] = [id(1), id(2), id(3), id(4), id(5)] as [string, string, string, string, string];
const now = Date.UTC(2026, 10, 22, 3); // the 22nd in Vietnam

const doc = (docID: string, type: string, body: Body, scope = "org"): Doc => ({ id: docID, scope, type, version: 1, body, status: "synced", pending: 0, conflicts: [] });

function org(milestones: Record<string, string>, state = "open"): Org {
  return new Org([
    doc(cluster, "cluster", { name: "Cụm 6" }),
    ...[unit, other].map((u, i) => doc(id(10 + i), "membership", { unit: u, cluster, from: "2026-01-01" })),
    doc(nameID("term", cluster, "2026"), "term", { cluster, year: 2026, head: unit }),
    doc(criteria, "criteria", { sections: { I: { order: 1, max: 20 } }, criteria: { "I-1": { section: "I", order: 1, code: "I.1", max: 10 }, "I-2": { section: "I", order: 2, code: "I.2", max: 10 } } }),
    doc(period, "period", { title: "Năm 2026", cluster, criteria, state, from: "2026-01-01", to: "2026-12-31", milestones: Object.fromEntries(Object.entries(milestones).map(([kind, due]) => [kind, { kind, due }])) }),
  ]);
}

const me: Me = { person: id(9), name: "An", grants: [{ role: "unit_leader", subject: unit }] };
const sheetOf = (u: string, body: Body) => doc(nameID("sheet", u, period), "sheet", { unit: u, period, cluster, criteria, ...body }, `unit:${u}:desk`);

test("days are counted in Vietnam's time, the nearest first", () => {
  const tasks = tasksOf(org({ sheet: "2026-12-04", pledge: "2026-11-21", registration: "2026-11-22" }), me, [], now);
  assert.deepEqual(tasks.map((t) => [t.kind, t.days]), [["pledge", -1], ["registration", 0], ["sheet", 12]]);
  const late = Date.UTC(2026, 10, 22, 17); // midnight is over there
  assert.equal(tasksOf(org({ registration: "2026-11-22" }), me, [], late)[0]?.days, -1);
});

test("a sheet says how far it is until it is out of its author's hands", () => {
  const draft = sheetOf(unit, { entries: { "I-1": { self: 0 } } });
  assert.deepEqual(tasksOf(org({ sheet: "2026-12-04" }), me, [draft], now).map((t) => [t.done, t.of]), [[1, 2]]);
  assert.deepEqual(tasksOf(org({ sheet: "2026-12-04" }), me, [sheetOf(unit, { state: "submitted" })], now), []);
  assert.equal(tasksOf(org({ sheet: "2026-12-04" }), me, [sheetOf(unit, { state: "returned" })], now).length, 1);
});

test("a sheet that was given more time is due later", () => {
  const given = sheetOf(unit, { state: "returned", extended_to: "2026-12-09" });
  assert.equal(tasksOf(org({ sheet: "2026-12-04" }), me, [given], now)[0]?.due, "2026-12-09");
});

test("cross-checking is for those who lead, and never of their own sheet", () => {
  const papers = [sheetOf(unit, { state: "submitted" }), sheetOf(other, { state: "submitted" })];
  const due = org({ cross_check: "2026-12-10" });
  assert.deepEqual(tasksOf(due, me, papers, now).map((t) => [t.kind, t.done, t.of]), [["cross_check", 0, 1]]);
  const follower: Me = { ...me, grants: [{ role: "unit_staff", subject: other }] };
  assert.deepEqual(tasksOf(due, follower, papers, now), []);
});

test("nothing is due in a period that is planned or closed, or too far away", () => {
  assert.deepEqual(tasksOf(org({ sheet: "2026-12-04" }, "closed"), me, [], now), []);
  assert.deepEqual(tasksOf(org({ sheet: "2026-12-04" }, "planned"), me, [], now), []);
  assert.deepEqual(tasksOf(org({ sheet: "2027-03-01" }), me, [], now), []);
});
