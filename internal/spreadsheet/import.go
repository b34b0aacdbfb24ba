package spreadsheet

import (
	"errors"
	"fmt"
	"io"

	"thidua/sync"
)

// A Person as the form tells of one: with rights and without a password.
type Person struct {
	Login  string // lower case, NFC
	Name   string
	Grants []sync.Grant // with the identifiers of units and clusters
}

// A Part is what one kind of sheets holds: units with clusters and
// memberships, or criteria, or people. A part with problems has nothing to store.
type Part struct {
	Sheets   []string
	Docs     []*sync.Document // of scope org, version 0: bodies as they are to be
	People   []Person
	Problems []Problem
}

// An Import is what a workbook holds.
type Import struct {
	Units, Criteria, People Part
	Ignored                 []string // worksheets that are no form
}

// Problems returns those of all parts, in order of reading.
func (i *Import) Problems() []Problem {
	all := append([]Problem(nil), i.Units.Problems...)
	all = append(all, i.Criteria.Problems...)
	return append(all, i.People.Problems...)
}

// Read reads a workbook to be imported beside the organisation's reference
// data, which may be nil. What it finds wrong is in the parts; the error says
// why the workbook as a whole cannot be read, ErrTooLarge and ErrNoForm among others.
func Read(in io.Reader, org *sync.Reference) (imp *Import, err error) {
	r, err := open(in)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.file.Close()) }()
	rows := map[string][]row{}
	imp = &Import{}
	known := map[string]bool{}
	for _, f := range forms() {
		if name := r.sheetOf(f); name != "" {
			known[name] = true
		}
	}
	for _, name := range r.file.GetSheetList() {
		if !known[name] {
			imp.Ignored = append(imp.Ignored, name)
		}
	}
	if len(known) == 0 {
		return nil, ErrNoForm
	}
	book := newCatalogue(r, org)
	for _, part := range []struct {
		into  *Part
		forms []form
		take  func(map[string][]row) ([]*sync.Document, []Person)
	}{
		{&imp.Units, []form{unitForm(), clusterForm(), memberForm()}, book.takeUnits},
		{&imp.Criteria, []form{setForm(), criterionForm()}, book.takeCriteria},
		{&imp.People, []form{peopleForm()}, book.takePeople},
	} {
		r.problems = nil
		for _, f := range part.forms {
			if rows[f.sheet], err = r.rows(f); err != nil {
				return nil, fmt.Errorf("workbook: %w", err)
			}
			if r.sheetOf(f) != "" {
				part.into.Sheets = append(part.into.Sheets, f.sheet)
			}
		}
		docs, people := part.take(rows)
		if part.into.Problems = r.problems; len(r.problems) == 0 {
			part.into.Docs, part.into.People = docs, people
		}
		book.faulty = book.faulty || part.into == &imp.Units && len(r.problems) > 0
	}
	return imp, nil
}
