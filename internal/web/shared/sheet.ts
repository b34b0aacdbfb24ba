// What may be done with a score sheet, a review or an explanation, in words for
// the place where it cannot be done. As ../../emulation/{workflow,deadline}.go,
// which judge when it comes in.

import { nameID, type Body, type ID, type Text } from "thidua-sync";
import { type Capacity, type Me, valid } from "./capacity.ts";
import { dueOf } from "./milestone.ts";
import { type Org, yearOf } from "./org.ts";
import { str } from "./value.ts";

export const sheetID = (unit: ID, period: ID): ID => nameID("sheet", unit, period);
export const reviewID = (sheet: ID): ID => nameID("review", sheet);
export const verificationID = (sheet: ID): ID => nameID("verification", sheet);
export const reviewCopyID = (cluster: ID, sheet: ID): ID => nameID("review_copy", cluster, sheet);

export type SheetState = "draft" | "submitted" | "cross_checked" | "explained" | "rechecked" | "verified" | "locked" | "returned" | "superseded";

export function sheetState(sheet: Body): SheetState {
  return (str(sheet, "state") || "draft") as SheetState;
}

export const stateNames: Record<SheetState, Text> = {
  draft: { vi: "Đang chấm", en: "Draft" },
  submitted: { vi: "Đã nộp", en: "Submitted" },
  cross_checked: { vi: "Đã chấm chéo", en: "Cross-checked" },
  explained: { vi: "Đã giải trình", en: "Explained" },
  rechecked: { vi: "Đã chấm lại", en: "Rechecked" },
  verified: { vi: "Đã thẩm định", en: "Verified" },
  locked: { vi: "Đã khóa sổ", en: "Locked" },
  returned: { vi: "Bị trả lại", en: "Returned" },
  superseded: { vi: "Đã thay thế", en: "Superseded" },
};

/** Why something cannot be done; undefined: it can. */
export type Barred = Text | undefined;

const closed: Text = { vi: "Kỳ thi đua đã đóng.", en: "The period is closed." };
const notYours: Text = { vi: "Bạn không có quyền ghi ở đơn vị này.", en: "You have no right to write at this unit." };
const leaderOnly: Text = { vi: "Việc này do lãnh đạo đơn vị làm.", en: "A leader of the unit does this." };

/** Why points of the own sheet cannot be written. `today` is the day in Vietnam. */
export function barsScores(who: ReadonlySet<Capacity>, sheet: Body, period: Body, today: string): Barred {
  switch (sheetState(sheet)) {
    case "submitted":
      return { vi: "Bảng điểm đã nộp. Muốn sửa, lãnh đạo đơn vị phải rút lại trước.", en: "The sheet was submitted. To edit it, a leader of the unit withdraws it first." };
    case "cross_checked":
    case "explained":
    case "rechecked":
      return { vi: "Bảng điểm đã được chấm chéo; điểm tự chấm không sửa được nữa.", en: "The sheet was cross-checked; the unit's own points cannot be edited any more." };
    case "verified":
    case "locked":
      return { vi: "Bảng điểm đã thẩm định, không sửa được nữa.", en: "The sheet was verified and cannot be edited any more." };
    case "superseded":
      return { vi: "Bảng điểm này đã được thay bằng bảng khác.", en: "Another sheet has taken the place of this one." };
    case "returned":
    case "draft":
  }
  if (!who.has("staff")) return notYours;
  if (str(period, "state") === "closed") return closed;
  return over(period, "sheet", sheet, today);
}

/** Why explanations cannot be written. */
export function barsExplaining(who: ReadonlySet<Capacity>, sheet: Body, period: Body, today: string): Barred {
  switch (sheetState(sheet)) {
    case "cross_checked":
      if (!who.has("staff")) return notYours;
      if (str(period, "state") === "closed") return closed;
      return over(period, "explanation", sheet, today);
    case "explained":
    case "rechecked":
      return { vi: "Giải trình đã gửi.", en: "The explanation was sent." };
    default:
      return { vi: "Chỉ giải trình sau khi có kết quả chấm chéo.", en: "Explanations follow the cross-check." };
  }
}

/** Why a leader's step cannot be taken, apart from what the sheet still lacks. */
export function barsLeading(who: ReadonlySet<Capacity>, milestone: string, sheet: Body, period: Body, today: string): Barred {
  return who.has("leader") ? over(period, milestone, sheet, today) : leaderOnly;
}

/** Why a deadline stops what is made today. */
export function over(period: Body, milestone: string, sheet: Body, today: string): Barred {
  const due = dueOf(period, milestone, sheet)?.due;
  if (!due || today <= due) return undefined;
  const day = due.split("-").reverse().join("/");
  return { vi: `Đã quá hạn (${day}).`, en: `The deadline is over (${day}).` };
}

/** Why points of a review cannot be written: `cross` before it is sent, `recheck` once the unit explained. */
export function barsReviewing(who: ReadonlySet<Capacity>, own: boolean, sheet: Body, review: Body, period: Body, stage: "cross" | "recheck", today: string): Barred {
  if (own) return { vi: "Không được chấm chéo đơn vị của chính mình.", en: "Nobody cross-checks the own unit." };
  if (!who.has("head")) return { vi: "Chỉ trưởng cụm, phó cụm chấm chéo.", en: "Only head and deputy cross-check." };
  if (str(period, "state") === "closed") return closed;
  const state = sheetState(sheet);
  if (stage === "recheck") {
    if (str(review, "state") !== "sent" || state !== "explained") return { vi: "Chỉ chấm lại sau khi đơn vị gửi giải trình.", en: "Rechecking follows the unit's explanation." };
    return over(period, "recheck", {}, today);
  }
  if (str(review, "state") === "sent") return { vi: "Kết quả chấm chéo đã gửi cho đơn vị.", en: "The cross-check was sent to the unit." };
  if (state !== "submitted") return { vi: "Đơn vị chưa nộp bảng điểm.", en: "The unit has not submitted its sheet." };
  return over(period, "cross_check", {}, today);
}

/** Whether somebody acts for a unit: by a grant for it, or as head or deputy of a cluster that it leads as such. As ofUnit in rights.go. */
export function actsFor(me: Me, unit: ID, at: number, org: Org): boolean {
  return me.grants.some((g) => {
    if (!valid(g, at)) return false;
    const { head, deputy } = org.leaders(g.subject ?? "", yearOf(at));
    return ((g.role === "unit_staff" || g.role === "unit_leader") && g.subject === unit) || (g.role === "cluster_head" && head === unit) || (g.role === "cluster_deputy" && deputy === unit);
  });
}
