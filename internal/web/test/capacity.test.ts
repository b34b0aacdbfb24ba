// Names, memberships and rights follow from the reference data as internal/emulation has them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nameID, type Body, type Doc } from "thidua-sync";
import { capacities, unitsOf, type Grant, type Me } from "../shared/capacity.ts";
import { may, mayRecord } from "../shared/meeting.ts";
import { Org } from "../shared/org.ts";

const id = (n: number) => `00000000-0000-8000-8000-${String(n).padStart(12, "0")}`;
const [A, B, C, CLUSTER, OTHER] = [id(1), id(2), id(3), id(11), id(12)] as const;
const doc = (type: string, body: Body, docID = nameID(type, JSON.stringify(body))): Doc => ({ id: docID, scope: "org", type, version: 1, body, status: "synced", pending: 0, conflicts: [] });
const term = (year: number, head: string, deputy: string) => doc("term", { cluster: CLUSTER, year, head, deputy }, nameID("term", CLUSTER, String(year)));

const org = new Org([
  doc("unit", { code: "a", names: { n1: { name: "Bệnh viện A", to: "2020-12-31" }, n2: { name: "Trung tâm Y tế A", short: "TTYT A", from: "2021-01-01" } } }, A),
  doc("unit", { code: "b", names: { n: { name: "Bệnh viện B", from: "2019-01-01" } } }, B),
  doc("cluster", { code: "6", kind: "cluster", name: "Cụm thi đua số 6" }, CLUSTER),
  ...[A, B, C].map((unit) => doc("membership", { unit, cluster: CLUSTER, from: "2022-01-01", ...(unit === C ? { to: "2022-06-30" } : {}) })),
  doc("membership", { unit: C, cluster: OTHER, from: "2022-07-01" }),
  doc("unit_link", { child: A, parent: B, kind: "manages", from: "2021-01-01" }),
  term(2022, A, B),
  term(2023, B, A),
]);
const at = (day: string) => Date.parse(`${day}T12:00:00+07:00`);
const me = (...grants: Grant[]): Me => ({ person: id(99), name: "Thư ký", grants });
const can = (m: Me, scope: string, day: string) => [...capacities(m, scope, at(day), org)].sort().join();

test("a unit is called what it was called that day", () => {
  assert.equal(org.name(A, "2020-06-01"), "Bệnh viện A");
  assert.equal(org.name(A, "2022-06-01"), "Trung tâm Y tế A");
  assert.equal(org.shortName(A, "2022-06-01"), "TTYT A");
  assert.equal(org.name(B, "2000-01-01"), "Bệnh viện B"); // none valid: the earliest
  assert.equal(org.name(id(77), "2022-06-01"), "");
  assert.equal(org.manager(A, "2022-01-01"), B);
  assert.equal(org.scopeName(`cluster:${CLUSTER}`, "2022-06-01"), "Cụm thi đua số 6");
});

test("members are those of the day", () => {
  assert.deepEqual([...org.members(CLUSTER, "2022-06-30")].sort(), [A, B, C]);
  assert.deepEqual([...org.members(CLUSTER, "2022-07-01")].sort(), [A, B]);
  assert.deepEqual(org.clustersOf(C, "2022-07-01"), [OTHER]);
});

test("people of the unit that holds the term are its cluster's head, from 1 January in Vietnam", () => {
  const staff = me({ role: "unit_staff", subject: C });
  assert.equal(can(staff, `unit:${C}`, "2022-03-01"), "staff");
  assert.equal(can(me({ role: "unit_leader", subject: C }), `unit:${C}:desk`, "2022-03-01"), "leader,staff");
  assert.equal(can(staff, `cluster:${CLUSTER}`, "2022-03-01"), "member");
  assert.equal(can(staff, `cluster:${CLUSTER}`, "2022-07-01"), "");
  assert.equal(can(staff, `cluster:${CLUSTER}:desk`, "2022-03-01"), "");
  const head = me({ role: "unit_staff", subject: A });
  assert.equal(can(head, `cluster:${CLUSTER}`, "2022-03-01"), "head,member");
  assert.equal(can(head, `cluster:${CLUSTER}:desk`, "2022-03-01"), "head");
  assert.equal(can(head, `unit:${B}:desk`, "2022-03-01"), "head");
  assert.equal(can(head, `unit:${B}`, "2022-03-01"), "");
  assert.equal(can(head, `cluster:${CLUSTER}`, "2024-01-01"), "member");
});

test("grants hold from and to", () => {
  const m = me({ role: "officer", subject: CLUSTER, from: at("2022-02-01"), to: at("2022-03-01") }, { role: "unit_staff", subject: A });
  assert.equal(can(m, `unit:${B}:desk`, "2022-02-10"), "head,officer");
  assert.equal(can(m, `cluster:${OTHER}`, "2022-02-10"), "");
  assert.equal([...capacities(m, "org", at("2022-02-10"), org)].join(), "officer");
  assert.equal([...capacities(m, "org", at("2022-03-01"), org)].join(), "");
  assert.deepEqual(unitsOf(m, at("2022-03-01")), [A]);
});

test("a meeting is written by its people while open, signed by leader or head, and takes addenda afterwards", () => {
  const meeting = (scope: string, state?: string): Doc => ({ ...doc("meeting", state ? { state } : {}), scope });
  const open = may(new Set(["staff"]), meeting(`unit:${A}`));
  assert.deepEqual([open.write, open.sign, open.addend], [true, false, false]);
  assert.equal(may(new Set(["staff", "leader"]), meeting(`unit:${A}`)).sign, true);
  assert.equal(may(new Set(["member"]), meeting(`cluster:${CLUSTER}`)).sign, false);
  assert.equal(may(new Set(["head"]), meeting(`cluster:${CLUSTER}`)).sign, true);
  const after = may(new Set(["staff", "leader"]), meeting(`unit:${A}`, "signed"));
  assert.deepEqual([after.write, after.sign, after.addend, !!after.why], [false, false, true, true]);
  assert.equal(mayRecord(new Set(["head"]), `unit:${A}`), false);
});
