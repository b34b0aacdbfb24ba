// Meetings in words, and who may do what to one. Rights as internal/emulation/workflow.go has them.

import type { Body, Doc, Scope, Text } from "thidua-sync";
import type { Capacity } from "./capacity.ts";
import { str } from "./value.ts";

export const KINDS: Record<string, Text> = {
  year_end: { vi: "Tổng kết năm", en: "Year-end review" },
  mid_year: { vi: "Sơ kết 6 tháng", en: "Mid-year review" },
  staff_conference: { vi: "Hội nghị cán bộ, viên chức, người lao động", en: "Staff conference" },
  commendation: { vi: "Biểu dương, khen thưởng", en: "Commendation" },
  other: { vi: "Hội nghị khác", en: "Other meeting" },
};

export const ATTENDEES: Record<string, Text> = {
  member: { vi: "Đại biểu chính thức", en: "Member" },
  invited: { vi: "Khách mời", en: "Invited guest" },
  observer: { vi: "Dự thính", en: "Observer" },
};

export const BALLOTS: Record<string, Text> = {
  head: { vi: "Bầu trưởng cụm", en: "Head" },
  deputy: { vi: "Bầu phó cụm", en: "Deputy" },
  award: { vi: "Bình xét khen thưởng", en: "Award" },
  tie_break: { vi: "Phân định bằng điểm", en: "Tie-break" },
  other: { vi: "Việc khác", en: "Other" },
};

export const TALLY: Record<string, Text> = {
  issued: { vi: "Số phiếu phát ra", en: "Issued" },
  returned: { vi: "Số phiếu thu vào", en: "Returned" },
  for: { vi: "Tán thành", en: "For" },
  against: { vi: "Không tán thành", en: "Against" },
  abstain: { vi: "Không có ý kiến", en: "Abstained" },
  invalid: { vi: "Không hợp lệ", en: "Invalid" },
};

export const FOLLOW_UPS: Record<string, Text> = {
  open: { vi: "Chưa thực hiện", en: "Open" },
  carried: { vi: "Chuyển kỳ sau", en: "Carried over" },
  done: { vi: "Đã thực hiện", en: "Done" },
  declined: { vi: "Không thực hiện", en: "Declined" },
};

/** What somebody may do to a meeting as it stands. `why` says why its content may not be written. */
export interface May { write: boolean; sign: boolean; addend: boolean; why?: Text }

export function signed(meeting: Body): boolean {
  return str(meeting, "state") === "signed";
}

export function mayRecord(who: Set<Capacity>, scope: Scope): boolean {
  return scope.startsWith("cluster:") ? who.has("member") || who.has("head") || who.has("officer") : who.has("staff");
}

export function may(who: Set<Capacity>, doc: Doc): May {
  const records = mayRecord(who, doc.scope);
  const open = !signed(doc.body);
  const signs = doc.scope.startsWith("cluster:") ? who.has("head") : who.has("leader");
  const why: Text | undefined = !open
    ? { vi: "Biên bản đã ký, không sửa được nữa. Có thể bổ sung bằng phụ lục.", en: "The minutes are signed and cannot be changed. An addendum may be added." }
    : !records
      ? { vi: "Bạn chỉ được xem hội nghị này.", en: "You may only read this meeting." }
      : undefined;
  return { write: open && records, sign: open && signs, addend: !open && records, ...(why ? { why } : {}) };
}
