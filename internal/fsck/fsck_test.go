package fsck_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"thidua/internal/fsck"
	"thidua/internal/hub"
	"thidua/sync"
)

func TestHealthyDatabaseHasNoFindings(t *testing.T) {
	store := openAt(t, filepath.Join(t.TempDir(), "store.db"))
	build(t, store)
	r := check(t, store, false)
	if len(r.Findings) > 0 {
		t.Errorf("%+v", r.Findings)
	}
	if r.Scopes != 2 || r.Commits != 27 || r.Documents != 5 || r.Receipts != 29 || r.Histories != 5 || r.References != 1 {
		t.Errorf("looked at %+v", r)
	}
}

func TestDamageIsFoundAndProjectionsAreRepaired(t *testing.T) {
	for name, c := range map[string]struct {
		statements []string
		want       []sync.Code
		repairable bool
	}{
		"a commit is gone":         {[]string{`DELETE FROM commits WHERE scope = @scope AND seq = 9`}, []sync.Code{fsck.LogGap}, false},
		"the first commit is gone": {[]string{`DELETE FROM commits WHERE scope = @scope AND seq = 1`}, []sync.Code{fsck.LogGap}, false},
		"a commit was altered": {
			[]string{`UPDATE commits SET body = replace(body, '"now":105', '"now":999') WHERE scope = @scope AND seq = 12`},
			[]sync.Code{fsck.ChecksumWrong, fsck.LogBroken},
			false,
		},
		"the last commit was altered": {
			[]string{`UPDATE commits SET body = replace(body, '"author"', '"authos"') WHERE scope = @scope AND seq = 26`},
			[]sync.Code{fsck.HeadDiffers, fsck.MarkDiffers},
			false,
		},
		"a commit cannot be read": {[]string{`UPDATE commits SET body = '{' WHERE scope = @scope AND seq = 12`}, []sync.Code{fsck.LogUnreadable}, false},
		"a log is gone":           {[]string{`DELETE FROM commits WHERE scope = @scope`}, []sync.Code{fsck.LogMissing}, false},
		"a receipt is gone":       {[]string{`DELETE FROM receipts WHERE scope = @scope AND seq = 7`}, []sync.Code{fsck.ReceiptMissing}, false},
		"a receipt points elsewhere": {
			[]string{`UPDATE receipts SET position = 1 WHERE scope = @scope AND seq = 2 AND position = 0`},
			[]sync.Code{fsck.ReceiptMissing},
			false,
		},
		"history lacks a commit": {[]string{`DELETE FROM history WHERE scope = @scope AND seq = 7`}, []sync.Code{fsck.HistoryDiffers}, false},
		"a body was changed":     {[]string{`UPDATE documents SET body = '{"title":"khác"}' WHERE id = @meeting`}, []sync.Code{fsck.DocumentDiffers}, true},
		"a body is no JSON":      {[]string{`UPDATE documents SET body = '{"' WHERE id = @conflict`}, []sync.Code{fsck.DocumentDiffers}, true},
		"touched was changed":    {[]string{`UPDATE documents SET touched = '{"":1}' WHERE id = @meeting`}, []sync.Code{fsck.DocumentDiffers}, true},
		"a version is too low":   {[]string{`UPDATE documents SET version = version - 1 WHERE id = @meeting`}, []sync.Code{fsck.DocumentDiffers}, true},
		"a version is too high":  {[]string{`UPDATE documents SET version = version + 9 WHERE id = @meeting`}, []sync.Code{fsck.DocumentDiffers}, true},
		"a deletion was undone":  {[]string{`UPDATE documents SET gone = 0 WHERE type = 'movement'`}, []sync.Code{fsck.DocumentDiffers}, true},
		"a document is gone":     {[]string{`DELETE FROM documents WHERE id = @meeting`}, []sync.Code{fsck.DocumentMissing}, true},
		"a document is a ghost": {
			[]string{`INSERT INTO documents (scope, id, version, type, gone, touched, body) VALUES (@scope, @absent, 3, 'meeting', 0, '{}', '{}')`},
			[]sync.Code{fsck.DocumentGhost},
			true,
		},
		"the documents cannot be read": {[]string{`UPDATE documents SET touched = '' WHERE id = @meeting`}, []sync.Code{fsck.DocumentsUnreadable}, false},
		"a conflict is listed as settled": {
			[]string{`UPDATE documents SET state = 'settled' WHERE id = @conflict`},
			[]sync.Code{fsck.ListDiffers},
			true,
		},
		"a settled conflict is listed as open": {[]string{`UPDATE documents SET state = 'open' WHERE id = @settled`}, []sync.Code{fsck.ListDiffers}, true},
		"a conflict is about something else":   {[]string{`UPDATE documents SET about = @absent WHERE id = @conflict`}, []sync.Code{fsck.ListDiffers}, true},
		"a conflict is not listed":             {[]string{`UPDATE documents SET opened = NULL WHERE id = @settled`}, []sync.Code{fsck.ListDiffers}, true},
		"the watermark is beyond the log":      {[]string{`UPDATE marks SET seq = seq + 5 WHERE scope = @scope`}, []sync.Code{fsck.MarkBeyond}, true},
		"the watermark has another hash":       {[]string{`UPDATE marks SET hash = 'x' WHERE scope = @scope`}, []sync.Code{fsck.MarkDiffers}, true},
		"the watermark has a wrong checksum":   {[]string{`UPDATE marks SET checksum = checksum + 1 WHERE scope = @scope`}, []sync.Code{fsck.MarkDiffers}, true},
		"the watermark is ahead of a document": {
			[]string{
				`UPDATE documents SET version = 4, touched = '{"":4}', state = 'open', body = replace(body, 'settled', 'open') WHERE id = @settled`,
			},
			[]sync.Code{fsck.DocumentStale},
			true,
		},
		"everything at once": {
			[]string{
				`UPDATE documents SET body = '{}' WHERE id = @meeting`, `DELETE FROM documents WHERE id = @settled`,
				`UPDATE marks SET seq = seq + 5 WHERE scope = @scope`,
			},
			[]sync.Code{fsck.DocumentDiffers, fsck.DocumentMissing, fsck.MarkBeyond},
			true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := damaged(t, c.statements...)
			r := check(t, store, false)
			if got := codes(r.Findings); !slices.Equal(got, c.want) {
				t.Fatalf("found %v, not %v: %+v", got, c.want, r.Findings)
			}
			for _, f := range r.Findings {
				if f.Says.VI == "" || f.Says.EN == "" || f.Scope == "" {
					t.Errorf("%+v does not say what is wrong, or where", f)
				}
			}
			if !r.Damaged() {
				t.Error("the report does not call it damage")
			}
			r = check(t, store, true)
			if c.repairable && (len(r.Open()) > 0 || r.Damaged()) {
				t.Errorf("not repaired: %+v", r.Open())
			}
			again := check(t, store, false)
			if c.repairable && len(again.Findings) > 0 {
				t.Errorf("after the repair: %+v", again.Findings)
			}
			if !c.repairable && !again.Damaged() {
				t.Error("what cannot be repaired is no longer found")
			}
		})
	}
}

func TestRepairDoesNotTouchTheLog(t *testing.T) {
	store := damaged(t, `DELETE FROM documents WHERE id = @meeting`, `DELETE FROM receipts WHERE seq = 7`)
	before, err := store.Commits(t.Context(), house, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, store, true)
	if got := codes(r.Open()); !slices.Equal(got, []sync.Code{fsck.ReceiptMissing}) {
		t.Errorf("left open: %v", got)
	}
	after, err := store.Commits(t.Context(), house, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(before, after, func(a, b sync.Commit) bool { return a.Hash() == b.Hash() }) {
		t.Error("the log is another one")
	}
}

func TestProjectionBehindItsLogIsNoDamage(t *testing.T) {
	store := damaged(t, `DELETE FROM documents WHERE id = @conflict`, `UPDATE marks SET (seq, hash, checksum) = (SELECT seq, hash, checksum FROM commits
		WHERE commits.scope = @scope AND seq = 2) WHERE scope = @scope`)
	if r := check(t, store, false); len(r.Findings) > 0 {
		t.Errorf("%+v", r.Findings)
	}
}

func TestCommitsOfManyDocumentsAreReadWhole(t *testing.T) {
	store := openAt(t, filepath.Join(t.TempDir(), "store.db"))
	log := &logbook{store: store, scope: house, docs: map[sync.DocID]*sync.Document{}}
	for n := range 3 { // more of one version than a page has
		var many []sync.Change
		for i := range 700 {
			many = append(many, create(docID("many", fmt.Sprint(n, i)), "movement", sync.Object{"n": int64(i)}))
		}
		if err := log.add(t.Context(), "a", many...); err != nil {
			t.Fatal(err)
		}
	}
	r, err := fsck.Check(t.Context(), fsck.Config{Store: store, Quick: true})
	if err != nil || len(r.Findings) > 0 || r.Documents != 2100 || r.Histories != 4 {
		t.Errorf("%v; %d documents, %d histories, %+v", err, r.Documents, r.Histories, r.Findings)
	}
}

func TestMutationInTwoLogsIsFound(t *testing.T) {
	store := openAt(t, filepath.Join(t.TempDir(), "store.db"))
	build(t, store)
	other := sync.UnitDesk(unit)
	log, err := store.Commits(t.Context(), house, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := log[0]
	twin := sync.Commit{Scope: other, Seq: 1, Author: c.Author, Device: c.Device, Receipts: c.Receipts[:1]}
	if _, err := store.Append(t.Context(), []sync.Commit{twin}, nil); err != nil {
		t.Fatal(err)
	}
	r := check(t, store, false)
	if got := codes(r.Findings); !slices.Equal(got, []sync.Code{fsck.MutationTwice}) || r.Findings[0].Scope != other {
		t.Errorf("%+v", r.Findings)
	}
}

func TestCommitsThatCannotBeAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		commit sync.Commit
		want   sync.Code
	}{
		"a wrong checksum":             {sync.Commit{Checksum: 7}, fsck.ChecksumWrong},
		"an edit of nothing":           {sync.Commit{Changes: []sync.Change{edit(absent, "/a", int64(1))}}, fsck.ChangeBaseless},
		"a conflict that is not there": {sync.Commit{Receipts: []sync.Receipt{{Mutation: "m", Outcome: sync.Queued, Kept: absent}}}, fsck.KeptMissing},
	} {
		store := openAt(t, filepath.Join(t.TempDir(), "store.db"))
		c.commit.Scope, c.commit.Seq, c.commit.Author = house, 1, sync.Server
		if _, err := store.Append(t.Context(), []sync.Commit{c.commit}, nil); err != nil {
			t.Fatal(err)
		}
		if got := codes(check(t, store, false).Findings); !slices.Equal(got, []sync.Code{c.want}) {
			t.Errorf("%s: found %v", name, got)
		}
	}
}

func TestReferenceToNothingIsToldButIsNoDamage(t *testing.T) {
	store := openAt(t, filepath.Join(t.TempDir(), "store.db"))
	build(t, store)
	log := &logbook{store: store, scope: sync.UnitDesk(unit), docs: map[sync.DocID]*sync.Document{}}
	sheet := docID("sheet")
	err := log.add(t.Context(), "c", create(sheet, "sheet", sync.Object{"unit": string(unit), "period": string(absent), "cluster": string(meeting)}))
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, store, false)
	if got := codes(r.Findings); !slices.Equal(got, []sync.Code{fsck.ReferenceMissing}) || r.Damaged() || r.Findings[0].Doc != sheet {
		t.Errorf("%+v", r.Findings)
	}
	if r.References != 4 {
		t.Errorf("%d references were looked at", r.References)
	}
}

func TestMendsAreCompareAndSwap(t *testing.T) {
	store := openAt(t, filepath.Join(t.TempDir(), "store.db"))
	mendContract(t, store)
}

func marksOf(t *testing.T, store hub.Store) hub.Mark {
	t.Helper()
	marks, err := store.Marks(t.Context(), []sync.Scope{house})
	if err != nil {
		t.Fatal(err)
	}
	return marks[house]
}
