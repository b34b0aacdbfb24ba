// The one client of this page, and hooks that draw again what it observes.

import { useEffect, useState } from "preact/hooks";
import { open } from "thidua-sync";
import type { Client, Doc, ID, Progress, Query, Recorded, Schema, Scope, Status } from "thidua-sync";

let opened: Promise<Client> | undefined;

/** The same for all tabs: they share its database. */
export function phone(): Promise<Client> {
  return (opened ??= open({ name: "thidua" }));
}

/** Documents of a query as they are now; undefined before the first answer. `key` says when the query is another one. */
export function useDocs(query: Query, key: string): Doc[] | undefined {
  const [docs, set] = useState<{ key: string; docs: Doc[] }>();
  useEffect(() => {
    let stop: (() => void) | undefined;
    let gone = false;
    void phone().then((client) => {
      if (!gone) stop = client.observe(query, (docs) => set({ key, docs }));
    });
    return () => {
      gone = true;
      stop?.();
    };
  }, [key]);
  return docs?.key === key ? docs.docs : undefined;
}

/** One document; null if there is none, undefined before that is known. */
export function useDoc(scope: Scope, id: ID): Doc | null | undefined {
  const docs = useDocs({ scope, id }, `${scope}/${id}`);
  return docs && (docs[0] ?? null);
}

export function useStatus(): Status | undefined {
  const [status, set] = useState<Status>();
  useEffect(() => {
    let stop: (() => void) | undefined;
    let gone = false;
    void phone().then((client) => {
      if (!gone) stop = client.observeStatus(set);
    });
    return () => {
      gone = true;
      stop?.();
    };
  }, []);
  return status;
}

/** What this device recorded, newest first: all that wait or are on the way, and those of the last 30 days. */
export function useRecorded(): Recorded[] | undefined {
  const [recorded, set] = useState<Recorded[]>();
  useEffect(() => {
    let stop: (() => void) | undefined;
    let gone = false;
    void phone().then((client) => {
      if (gone) return;
      stop = client.observeStatus(() => void client.recorded().then((all) => gone || set(all)));
    });
    return () => {
      gone = true;
      stop?.();
    };
  }, []);
  return recorded;
}

/** The types, for the words of their fields; asked of the server where they are not on the device yet. */
export function useSchema(): Schema | undefined {
  const [schema, set] = useState<Schema>();
  useEffect(() => {
    let gone = false;
    void phone()
      .then((client) => client.schema() ?? client.fetchSchema())
      .then((known) => gone || set(known))
      .catch(() => undefined); // fields are called by their keys until there is a network
    return () => {
      gone = true;
    };
  }, []);
  return schema;
}

const watching = new Set<(p: Progress | undefined) => void>();

/** Syncs now and tells every `useProgress` how far it is. */
export async function syncNow(): Promise<void> {
  const client = await phone();
  try {
    await client.sync({ progress: (p) => watching.forEach((tell) => tell(p)) });
  } finally {
    watching.forEach((tell) => tell(undefined));
  }
}

export function useProgress(): Progress | undefined {
  const [progress, set] = useState<Progress>();
  useEffect(() => {
    watching.add(set);
    return () => void watching.delete(set);
  }, []);
  return progress;
}
