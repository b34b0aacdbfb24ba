// Writes down what a build was made from, so that a test without Node can tell
// whether what is committed is what the sources come to.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin } from "vite";

/** Files and directories, from the repository's root, of which every byte may change the build. */
export const roots = [
  "internal/web/app",
  "internal/web/shared",
  "internal/web/package-lock.json",
  "internal/web/package.json",
  "internal/web/sources.ts",
  "internal/web/tsconfig.json",
  "internal/web/vite.config.ts",
  "sync/js/package-lock.json",
  "sync/js/package.json",
  "sync/js/src",
];

function files(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => files(join(path, name)));
}

function sums(root: string, paths: string[]): Record<string, string> {
  const all = paths.flatMap((p) => files(join(root, p))).map((f) => [relative(root, f), createHash("sha256").update(readFileSync(f)).digest("hex")] as const);
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Writes `sources.json` beside what was built, once everything else is there. */
export function sources(repository: string, built: string): Plugin {
  return {
    name: "sources",
    apply: "build",
    closeBundle: {
      order: "post",
      sequential: true,
      handler() {
        const made = { sources: sums(repository, roots), built: sums(built, ["app"]) };
        writeFileSync(join(built, "sources.json"), JSON.stringify(made, null, 1) + "\n");
      },
    },
  };
}
