// Package spreadsheet speaks with the people of the field in the form they pass
// around: .xlsx workbooks. It reads units with their clusters and memberships,
// people, and sets of criteria from a workbook and names every problem by sheet
// and cell (Read); it writes the same forms, so that what was exported can be
// imported again, and reports that print well on A4: score matrix, ranking,
// trackers, award lists. It stores nothing and asks nobody: documents in,
// workbook out, or the other way round.
//
// The worksheets of the import are declared once, in forms.go; reading and
// writing follow the same table. Codes, not identifiers, stand in the cells: a
// code that is known keeps its document, a new one gets the identifier that
// follows from it, so importing twice changes nothing. Fields that a form does
// not show stay as they are.
package spreadsheet
