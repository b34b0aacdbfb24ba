// What one sync did, as it is counted.

import type { Ack, Progress, Report, Scope } from "./types.ts";

export class Tally {
  readonly acks = { applied: 0, merged: 0, conflict: 0, rejected: 0 };
  readonly verified = new Set<Scope>();
  readonly stuck = new Set<Scope>();
  readonly dropped = new Set<Scope>();
  readonly moving = new Set<Scope>();
  requests = 0;
  bytesUp = 0;
  bytesDown = 0;
  duplicates = 0;
  documents = 0;
  cuts = 0;
  resets = 0;
  rebuilds = 0;

  count(ack: Ack): void {
    if (ack.outcome in this.acks) this.acks[ack.outcome]++;
    if (ack.duplicate) this.duplicates++;
  }

  report(): Report {
    const { acks, requests, bytesUp, bytesDown, duplicates, documents, cuts, resets, rebuilds } = this;
    return {
      acks: { ...acks }, requests, bytesUp, bytesDown, duplicates, documents, cuts, resets, rebuilds,
      verified: [...this.verified], stuck: [...this.stuck], dropped: [...this.dropped],
    };
  }

  progress(unsent: number): Progress {
    const acknowledged = Object.values(this.acks).reduce((a, b) => a + b, 0);
    const { documents, bytesUp, bytesDown } = this;
    return { acknowledged, unsent, documents, bytesUp, bytesDown, verified: [...this.verified], moving: [...this.moving] };
  }
}
