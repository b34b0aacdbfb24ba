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
//	both desks    duplicates (derived)                             the server
//	cluster:desk  conflict about a proposal whose ranking fell     the server, once
//	unit:desk     review_copy (derived from a review once sent)    the server
//	user          notice                                           the server; its reader marks it read
//	              preferences                                      their owner
//
// A union is a unit, and what it honours lives in its unit scope. A document
// without a state is in the first one of its type. Admins and officers also
// look into scopes that are on none of their phones (oversees.go).
//
// To learn the rules, read workflow.go from top to bottom: rights, steps, locks,
// seals and deadlines are tables there. rules.go judges by them in that order,
// rights.go says what somebody is in relation to a scope, values.go what values
// must stand beside, deadline.go what a clock is worth, quota.go how many
// proposals there may be, matrix.go what all that comes to for each role.
// What people are told, and when, is a table in reminder.go and a list of
// happenings in tiding.go.
// Three things bring a question for a person rather than an answer: a right
// that ended on the way, a cross-check or criteria that came in between and that
// the author could not have known, and a deadline that passed on the way.
package emulation
