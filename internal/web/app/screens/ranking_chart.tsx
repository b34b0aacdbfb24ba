import { points } from "../../shared/format.ts";
import { t } from "../../shared/text.ts";

const rowHeight = 44;
const width = 320;
const figures = 56; // room for the number behind the longest bar

/** A bar for each unit, from nought: what is little apart looks so. For screen readers it is an image; the table says the same. */
export function Chart({ bars }: { bars: { key: string; label: string; value: number; ours: boolean }[] }) {
  const most = Math.max(1, ...bars.map((b) => b.value));
  const room = width - figures;
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${bars.length * rowHeight}`} role="img" aria-label={t({ vi: "Điểm của {n} đơn vị, số liệu như trong bảng", en: "Points of {n} units, as in the table" }, { n: bars.length })}>
      {bars.map((b, i) => (
        <g key={b.key} class={b.ours ? "ours" : ""} transform={`translate(0 ${i * rowHeight})`}>
          <text x="0" y="16">{b.label}</text>
          <rect class="bar-back" x="0" y="22" width={room} height="12" rx="3" />
          <rect class="bar-of" x="0" y="22" width={Math.max(0, (b.value / most) * room)} height="12" rx="3" />
          <text x={width} y="33" text-anchor="end">{points(b.value)}</text>
        </g>
      ))}
    </svg>
  );
}
