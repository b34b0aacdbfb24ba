// Writing to a document from a screen, with what went wrong said on it.

import { useState } from "preact/hooks";
import type { Body, Client, Doc } from "thidua-sync";
import { phone } from "./phone.ts";
import { say } from "./screens/signin.tsx";

export interface Recorder {
  /** One mutation with what `change` alters. */
  edit: (change: (body: Body) => Body | void) => void;
  /** Anything else that records. */
  run: (work: (client: Client) => Promise<unknown>) => void;
  /** Why the last could not be recorded; "" if it was. */
  problem: string;
}

export function useRecorder(doc: Pick<Doc, "scope" | "id">): Recorder {
  const [problem, set] = useState("");
  const run: Recorder["run"] = (work) => {
    phone()
      .then(work)
      .then(() => set(""), (e: unknown) => set(say(e)));
  };
  return { problem, run, edit: (change) => run((client) => client.update(doc.scope, doc.id, change)) };
}
