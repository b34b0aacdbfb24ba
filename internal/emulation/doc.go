// Package emulation is the domain: what units, clusters and their conferences
// record, who may write it, and what follows from it. It gives the engine its
// schema and rules, the hub its scopes and derived documents, and everyone the
// computations (percentages, quorum, totals, rankings) as pure functions over
// documents. Rules that change from year to year are data in documents, never
// constants here.
//
// Where each type lives, and who writes it:
//
//	scope         types                                            content written by
//	org           unit, unit_link, succession, cluster,            admin
//	              membership, term, criteria
//	              period, dispatch                                 admin, officer
//	unit:desk     registration, pledge, report, indicator, sheet   people of the unit
//	              verification (once sent; the unit sees it)       officer
//	unit          meeting, movement, indicator, award, handover    people of the unit
//	cluster       meeting, movement, handover                      people of the members, officer
//	              recommendation                                   head, deputy, officer
//	              ranking (announced)                              head, deputy
//	              tracker (derived)                                the server
//	cluster:desk  review                                           head, deputy; never of the own unit
//	              ranking (draft), award (proposal)                head, deputy, officer
//	user          notice                                           the server; its reader marks it read
//
// A union is a unit, and what it honours lives in its unit scope. The rights
// stand in rights.go, the ways from state to state in states.go, what binds
// both together in rules.go. A document without a state is in the first one of
// its type. Admins and officers also look into scopes that are on none of their
// phones (oversees.go). Deadlines with their grace, reasons asked for steps
// back, quotas, and what happens to sheets when criteria or memberships change
// under them belong to the workflow, which grows in states.go.
package emulation
