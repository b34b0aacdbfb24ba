// Mutations as they are sent. As ../../mutation.go.

import { validID, validScope } from "./id.ts";
import { contains, validPath } from "./pointer.ts";
import { SyncError, type Mutation, type Value } from "./types.ts";
import { byteLength, canonical } from "./value.ts";

const maxMutation = 160 << 10; // bytes as sent
const maxEdits = 500;

/** The text of a mutation: canonical JSON. Throws a SyncError if the server could not read it: better now, while its author is there. */
export function encode(m: Mutation): string {
  check(m);
  const { base, schema, ...rest } = m;
  const fields: Record<string, unknown> = { ...rest };
  if (base) fields["base"] = base;
  if (schema && schema > 1) fields["schema"] = schema;
  const raw = canonical(fields as unknown as Value);
  if (byteLength(raw) > maxMutation) throw new SyncError("mutation_too_large", `more than ${maxMutation} bytes`);
  return raw;
}

function check(m: Mutation): void {
  if (!validID(m.doc)) throw new SyncError("bad_id", "a document's identifier is a UUID in lower case");
  if (!validScope(m.scope)) throw new SyncError("bad_scope", JSON.stringify(m.scope));
  if (m.create && !m.type) throw new SyncError("bad_mutation", "create needs the type");
  const paths = Object.keys(m.edits ?? {}).sort();
  if (paths.length > maxEdits) throw new SyncError("too_many_edits", `more than ${maxEdits}`);
  paths.forEach((path, i) => {
    if (!validPath(path)) throw new SyncError("bad_path", "a path is /key/key…", { path });
    if (paths.slice(0, i).some((p) => contains(p, path))) throw new SyncError("paths_overlap", "", { path });
  });
}
