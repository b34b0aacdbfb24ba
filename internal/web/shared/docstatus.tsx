import type { DocStatus, Text } from "thidua-sync";
import { t } from "./text.ts";

const words: Record<DocStatus, { text: Text; kind: string } | undefined> = {
  conflict: { text: { vi: "Có xung đột", en: "In conflict" }, kind: "bad" },
  refused: { text: { vi: "Bị từ chối", en: "Refused" }, kind: "bad" },
  waiting: { text: { vi: "Chưa gửi", en: "Not sent" }, kind: "warn" },
  sent: { text: { vi: "Đã gửi, chờ đối chiếu", en: "Sent, not verified" }, kind: "" },
  merged: { text: { vi: "Đã gộp", en: "Merged" }, kind: "good" },
  synced: undefined, // what is as it should be needs no mark
};

/** How far a document has come, where there is anything to say about it. */
export function StatusBadge({ status }: { status: DocStatus }) {
  const w = words[status];
  return w ? <span class={`badge ${w.kind}`}>{t(w.text)}</span> : null;
}
