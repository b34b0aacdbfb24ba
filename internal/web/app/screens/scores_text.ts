// Words that several screens of scores use.

import type { Body, Text } from "thidua-sync";
import type { Criterion } from "../../shared/criteria.ts";
import { day, daysBetween, points } from "../../shared/format.ts";
import { dueOf } from "../../shared/milestone.ts";
import type { Org } from "../../shared/org.ts";
import type { Stage } from "../../shared/reconcile.ts";
import type { ScoreFault } from "../../shared/score.ts";
import { type SheetState, stateNames } from "../../shared/sheet.ts";
import { t } from "../../shared/text.ts";
import type { Dispute, Wording } from "./dispute.tsx";

export const stageNames: Record<Stage, Text> = {
  self: { vi: "Tự chấm", en: "Self" },
  cross: { vi: "Chấm chéo", en: "Cross-check" },
  recheck: { vi: "Chấm lại", en: "Recheck" },
  verified: { vi: "Thẩm định", en: "Verified" },
};

export const sayFault = (f: ScoreFault | undefined): string | undefined => f && t(f.text, f.values);

/** What a criterion asks for: its maximum and how it is scored. */
export function asks(c: Criterion): string {
  const parts = [t({ vi: "tối đa {max}", en: "at most {max}" }, { max: points(c.max) })];
  switch (c.type) {
    case "quantitative":
      parts.push(t({ vi: "theo kết quả đạt được", en: "by what was reached" }));
      break;
    case "achieved":
      parts.push(c.levels.length ? t({ vi: "các mức {levels}", en: "levels {levels}" }, { levels: c.levels.map(points).join("; ") }) : t({ vi: "đạt hoặc không đạt", en: "achieved or not" }));
      break;
    case "count":
      parts.push(c.each ? t({ vi: "{each} điểm mỗi kết quả", en: "{each} for each result" }, { each: points(c.each) }) : t({ vi: "theo số lượng", en: "by count" }));
      break;
    case "plus_minus":
      parts.push(t({ vi: "có cộng, trừ điểm", en: "with points given and taken" }));
      break;
    default:
      parts.push(t({ vi: "theo nhận xét", en: "as judged" }));
  }
  const text = parts.join(", ");
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** Until when, and how far that is: "Hạn 04/12/2026, còn 12 ngày". "" without a deadline. */
export function sayDue(period: Body, kind: string, body: Body, today: string): string {
  const due = dueOf(period, kind, body)?.due;
  if (!due) return "";
  const left = daysBetween(today, due);
  const date = day(due);
  if (left < 0) return t({ vi: "Đã quá hạn {date}", en: "Overdue since {date}" }, { date });
  if (left === 0) return t({ vi: "Hạn hôm nay ({date})", en: "Due today ({date})" }, { date });
  if (left === 1) return t({ vi: "Hạn {date}, còn 1 ngày", en: "Due {date}, 1 day left" }, { date });
  return t({ vi: "Hạn {date}, còn {left} ngày", en: "Due {date}, {left} days left" }, { date, left });
}

/** How disputes about a sheet or a review name values that are words of the program. */
export function wording(org: Org, day: string): Wording {
  return (v) => {
    const state = stateNames[v as SheetState] ?? (v === "sent" ? { vi: "Đã gửi", en: "Sent" } : undefined);
    return state ? t(state) : org.name(v, day) || v;
  };
}

/** A paper that states no state is in the first one. */
export function stated(disputes: readonly Dispute[]): Dispute[] {
  return disputes.map((d) => (d.path === "/state" && d.present === undefined ? { ...d, present: "draft" } : d));
}

/** With its sign: +1,5 or −1,5. */
export function signed(hundredths: number): string {
  return hundredths > 0 ? `+${points(hundredths)}` : `−${points(-hundredths)}`.replace(/^−0$/, "0");
}
