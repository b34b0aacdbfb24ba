// thidua-sync: a phone in the browser. Begin with open() and the interface
// Client in types.ts; README.md shows an example.

export { open } from "./client.ts";
export * from "./types.ts";
export { nameID, validID } from "./id.ts";
export { canonical, equal, hashOf } from "./value.ts";
export { get, set } from "./pointer.ts";
export { apply, diff } from "./edit.ts";
export { judge } from "./judge.ts";
export { atomic, fieldAt, validate } from "./schema.ts";
export { diffWords, mergeWords } from "./words.ts";
