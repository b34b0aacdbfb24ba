// Words of rankings.

import type { Text } from "thidua-sync";

export const rankingStates: Record<string, Text> = {
  provisional: { vi: "Tạm tính", en: "Provisional" },
  announced: { vi: "Đã công bố", en: "Announced" },
  submitted: { vi: "Đã trình", en: "Submitted" },
  confirmed: { vi: "Đã xác nhận", en: "Confirmed" },
  superseded: { vi: "Đã thay thế", en: "Superseded" },
};

/** What decided between a row and one of equal total. */
export const tieNames: Record<string, Text> = {
  base: { vi: "bằng điểm, xét điểm chưa tính thưởng", en: "equal points, decided by points without bonus" },
  first_section: { vi: "bằng điểm, xét điểm mục đầu tiên", en: "equal points, decided by the first section" },
  penalties: { vi: "bằng điểm, xét điểm trừ", en: "equal points, decided by penalties" },
  ballots: { vi: "bằng điểm, xét theo phiếu bầu", en: "equal points, decided by ballot" },
  shared: { vi: "đồng hạng", en: "shared rank" },
};
