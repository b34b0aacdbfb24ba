// Many documents, recorded over the protocol as a phone would.

import { randomBytes } from "node:crypto";
import type { Backend } from "./server.ts";

/** A UUID of version 7. */
function newID(): string {
  const b = randomBytes(16);
  b.writeUIntBE(Date.now(), 0, 6);
  b[6] = ((b[6] as number) & 0x0f) | 0x70;
  b[8] = ((b[8] as number) & 0x3f) | 0x80;
  const hex = b.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const kinds = ["year_end", "mid_year", "staff_conference", "commendation", "other"];
const places = ["Thọ Xuân", "Yên Định", "Vĩnh Lộc", "Triệu Sơn", "Nông Cống", "Thiệu Hóa", "Đông Sơn"];

/** Records n meetings of a unit, no two of a kind on one day, so that none is taken for another. */
export async function recordMany(backend: Backend, login: string, n: number): Promise<void> {
  const unit = backend.guest(login).unit as string;
  const scope = `unit:${unit}`;
  for (let from = 0; from < n; from += 250) {
    const mutations = Array.from({ length: Math.min(250, n - from) }, (_, k) => {
      const i = from + k;
      const day = new Date(Date.UTC(2005, 0, 1) + Math.floor(i / kinds.length) * 86_400_000).toISOString().slice(0, 10);
      const place = places[i % places.length] as string;
      return { id: newID(), doc: newID(), scope, type: "meeting", create: { kind: kinds[i % kinds.length], title: `Hội nghị số ${i + 1} tại ${place}`, held_on: day, place: `Hội trường ${place}`, minutes: { b1: { order: 1, heading: "Khai mạc", text: `Nội dung cuộc họp số ${i + 1}, ghi theo biên bản.` } } } };
    });
    await backend.lines(login, "POST", "/v1/sync", { clock: Date.now(), cursors: {}, mutations });
  }
}
