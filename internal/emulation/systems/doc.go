// Package systems holds five real systems as data, each taken from one public
// report: a year-end cluster review (A), a mid-year bloc review (B), a year-end
// review by dispatch (C), a staff conference (D) and a five-year commendation
// (E). Load returns their documents; Compute reads the documents back and
// computes what each system must be able to tell. What a report does not say is
// absent, or marked as an example where something is needed to compute with.
// People appear by role and unit, never by name.
package systems
