// The computations of meetings come to what internal/emulation comes to.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Body } from "thidua-sync";
import { fold, freeKey, keyOf } from "../shared/fold.ts";
import { share } from "../shared/format.ts";
import { atEnd, moved, type Placed } from "../shared/order.ts";
import { attended, needed, present, quorum } from "../shared/quorum.ts";
import { passed, tallyFault, tallyOf, unanimous, type Tally } from "../shared/tally.ts";

const tally = (t: Partial<Tally>): Tally => ({ for: 0, against: 0, abstain: 0, invalid: 0, returned: 0, issued: 0, ...t });

test("a tally adds up or says what does not", () => {
  assert.equal(tallyFault(tally({ for: 118, against: 1, abstain: 2, returned: 121, issued: 121 }), 121), undefined);
  assert.equal(tallyFault(tally({ for: 118, against: 1, abstain: 2, returned: 120, issued: 121 }), 121), "sum");
  assert.equal(tallyFault(tally({ for: 121, returned: 121, issued: 120 }), 121), "returned");
  assert.equal(tallyFault(tally({ for: 121, returned: 121, issued: 122 }), 121), "present");
  assert.equal(tallyFault(tally({ for: -1, against: 1 }), 3), "negative");
  assert.equal(tallyFault(unanimous(7), 7), undefined);
  assert.equal(tallyOf({}), undefined);
});

test("a vote passes with more than half of those present", () => {
  assert.equal(passed(tally({ for: 60, returned: 60, issued: 121 }), 121), false);
  assert.equal(passed(tally({ for: 61, returned: 61, issued: 121 }), 121), true);
  assert.equal(passed(tally({ for: 60 }), 120), false);
  assert.equal(passed(tally({}), 0), false);
});

test("a quorum is two thirds of those summoned, and guests make none", () => {
  const staff = (n: number): Body => ({ role: "member", present: true, persons: n });
  const meeting: Body = {
    summoned: 130,
    attendance: { staff: staff(121), guest: { role: "invited", present: true }, away: { role: "member", present: false } },
  };
  assert.equal(present(meeting), 121);
  assert.deepEqual(attended(meeting, "member"), { listed: 122, present: 121 });
  assert.equal(needed(130), 87);
  assert.equal(quorum(meeting), true);
  for (const [summoned, least] of [[1, 1], [2, 2], [3, 2], [4, 3], [9, 6], [10, 7]] as const) {
    assert.equal(needed(summoned), least, `${summoned}`);
    assert.equal(quorum({ summoned, attendance: { a: staff(least) } }), true);
    if (least > 1) assert.equal(quorum({ summoned, attendance: { a: staff(least - 1) } }), false);
  }
  assert.equal(quorum({ attendance: { a: staff(3) } }), undefined);
});

test("the share of a plan is rounded half up to a tenth of a per cent", () => {
  assert.equal(share(33_776, 35_000), 965);
  assert.equal(share(1, 2000), 1); // 0.05 %
  assert.equal(share(1, 2001), 0);
  assert.equal(share(3, 0), undefined);
});

test("an entry moves by one number where there is room, and the least others move where there is none", () => {
  const list: Placed[] = [{ key: "a", order: 1 }, { key: "b", order: 2 }, { key: "c", order: 3 }, { key: "d", order: 9000 }];
  const after = (numbers: Record<string, number>) =>
    list.map((e) => ({ ...e, order: numbers[e.key] ?? e.order })).sort((x, y) => x.order - y.order || (x.key < y.key ? -1 : 1)).map((e) => e.key).join("");
  assert.deepEqual(moved(list, "a", 0), {});
  assert.deepEqual(Object.keys(moved(list, "a", 2)), ["a"]); // between c and d there is room
  for (const e of list) {
    for (let to = 0; to < list.length; to++) {
      const want = list.filter((x) => x.key !== e.key).map((x) => x.key);
      want.splice(to, 0, e.key);
      const numbers = moved(list, e.key, to);
      assert.equal(after(numbers), want.join(""), `${e.key} to ${to}`);
      for (const n of Object.values(numbers)) assert.ok(n >= 0 && Number.isInteger(n));
    }
  }
  assert.ok(atEnd(list) > 9000);
  assert.deepEqual(moved([{ key: "a", order: 0 }, { key: "b", order: 0 }], "b", 0), { b: 999, a: 1999 });
});

test("texts are found and keyed without their marks", () => {
  assert.equal(fold("Hội nghị ĐẢNG bộ"), "hoi nghi dang bo");
  assert.equal(keyOf("Số lượt khám, chữa bệnh"), "so-luot-kham-chua-benh");
  assert.equal(keyOf("…"), "x");
  assert.match(keyOf("a".repeat(100)), /^a{64}$/);
  assert.equal(freeKey("a", (k) => k === "a" || k === "a-2"), "a-3");
});
