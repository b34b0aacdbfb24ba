// Prints an overlay for the Go command that puts the files of one directory in
// the place of another's.

import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

const [place = "", files = ""] = process.argv.slice(2);
const all = (dir: string): string[] => readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? all(join(dir, e.name)) : [join(dir, e.name)]));

const Replace: Record<string, string> = {};
for (const file of all(place)) Replace[file] = ""; // gone
for (const file of all(files)) Replace[join(place, relative(files, file))] = file;
console.log(JSON.stringify({ Replace }));
