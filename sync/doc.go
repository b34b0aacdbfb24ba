// Package sync is the engine of thidua: what a document is, what an edit of it
// says, how edits made apart come together, and what a log of all that looks
// like. It takes values and returns values: no context, no input or output, no
// clock, no goroutine. Whoever runs it (the server, a phone, a simulation, a
// checking tool) gets the same answer from the same values.
//
// A document has a body: a tree of objects without null, without fractions and
// without empty objects, so that it equals the set of its leaves. An edit says
// what its author saw at a place and what it becomes. A mutation is one act of
// one device: some edits of one document, or its creation or deletion. Judging
// compares what the author saw with what is there now, place by place: the
// same, and the edit is applied; already what the author wants, and it merges;
// else both values are kept in a conflict for a person. Clocks decide nothing.
//
// A Draft judges the mutations of one device against a State and seals them,
// with their receipts, into a Commit: the next entry of the scope's log, chained
// to the one before by hash. Documents are the Fold of the log. A phone holds a
// replica of some scopes, remembers a Cursor in each log, and is sent what a
// Patch of each changed document says; a checksum that does not depend on order
// tells whether the replica is right.
//
// PROTOCOL.md describes how all this looks on the wire.
package sync
