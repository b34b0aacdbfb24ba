package move_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"thidua/internal/fsck"
	"thidua/internal/hub"
	"thidua/internal/mongo"
	"thidua/internal/move"
	"thidua/internal/sqlite"
	"thidua/sync"
)

func openAt(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func fresh(t *testing.T) *sqlite.Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "store.db"))
}

// extend appends one commit to a log, of some changes, projected or not.
func extend(ctx context.Context, store hub.Store, scope sync.Scope, projected bool, changes ...sync.Change) error {
	head, err := store.Head(ctx, scope)
	if err != nil {
		return err
	}
	c := sync.Commit{
		Scope: scope, Seq: head.Seq + 1, Prev: head.Hash, Checksum: head.Checksum, At: 1_760_000_000_000 + head.Seq, Changes: changes,
		Author: sync.PersonID(sync.NameID("person 1")), Device: sync.DeviceID(sync.NameID("device 1", "a")),
	}
	var docs []*sync.Document
	for i, ch := range changes {
		id := sync.MutationID(sync.NameID(string(scope), fmt.Sprint(c.Seq, i)))
		c.Receipts = append(c.Receipts, sync.Receipt{Mutation: id, Content: sync.HashOf(string(id)), Outcome: sync.Applied, Doc: ch.Doc})
		stored, err := store.Documents(ctx, scope, []sync.DocID{ch.Doc})
		if err != nil {
			return err
		}
		var before *sync.Document
		if len(stored) > 0 {
			before = stored[0]
		}
		after := sync.Fold(before, scope, ch, c.Seq)
		c.Checksum += after.Sum() - before.Sum()
		docs = append(docs, after)
	}
	if !projected {
		docs = nil
	}
	_, err = store.Append(ctx, []sync.Commit{c}, docs)
	return err
}

// fill writes documents in some scopes, each created and some edited or
// deleted, and people with all they have. The last commit is not projected.
func fill(t *testing.T, store move.Store, documents int, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	ctx := t.Context()
	var scopes []sync.Scope
	var err error
	for i := range documents {
		scope := sync.UnitScope(sync.DocID(sync.NameID("unit", fmt.Sprint(i%7))))
		if i < 7 {
			scopes = append(scopes, scope)
		}
		id := sync.DocID(sync.NameID("document", fmt.Sprint(i)))
		text := strings.Repeat("họp thi đua ", 1+random.IntN(60))
		err = errors.Join(err, extend(ctx, store, scope, true, sync.Change{Doc: id, Type: "meeting", Create: sync.Object{"title": text, "n": int64(i)}}))
		switch random.IntN(4) {
		case 0:
			err = errors.Join(err, extend(ctx, store, scope, true, sync.Change{Doc: id, Edits: []sync.Edit{{Path: "/n", Was: int64(i), Now: int64(-i - 1)}}}))
		case 1:
			err = errors.Join(err, extend(ctx, store, scope, true, sync.Change{Doc: id, Delete: true}))
		}
	}
	err = errors.Join(err, extend(ctx, store, scopes[0], true))
	err = errors.Join(err, extend(ctx, store, scopes[1], false, sync.Change{Doc: sync.DocID(sync.NameID("last")), Type: "meeting", Create: sync.Object{"title": "sau cùng"}}))
	for i := range 20 {
		p := hub.Person{ID: sync.PersonID(sync.NameID(fmt.Sprint("person ", i))), Login: fmt.Sprint("login", i), Name: "Tên", Created: int64(i), Disabled: i%5 == 0}
		if i%2 == 0 {
			p.Grants = []sync.Grant{{Role: "officer", Subject: sync.NameID("unit", "1"), From: 1, To: 2}}
		}
		err = errors.Join(err, store.CreatePerson(ctx, p))
		for _, name := range []string{"a", "b"} {
			err = errors.Join(err, store.CreateDevice(ctx, hub.Device{
				ID: sync.DeviceID(sync.NameID(fmt.Sprint("device ", i), name)), Person: p.ID, Name: name, Current: "c", Previous: "p", Secret: []byte(name), Seen: 7,
			}))
		}
		err = errors.Join(err, store.CreateCode(ctx, hub.EnrolmentCode{Hash: fmt.Sprint("hash", i), Person: p.ID, Issuer: p.ID, Expires: 100}))
	}
	err = errors.Join(err, store.RedeemCode(ctx, "hash3", "device", 50),
		store.CreateSigningKey(ctx, hub.SigningKey{ID: "k1", Private: []byte{1, 2}, NotBefore: 1, Expires: 9}),
		store.CreateSigningKey(ctx, hub.SigningKey{ID: "k2", NotBefore: 2, Expires: 9}))
	if err != nil {
		t.Fatal(err)
	}
	fillPush(t, store, scopes)
}

// fillPush writes what push keeps, some of it due at the same moment.
func fillPush(t *testing.T, store move.Store, scopes []sync.Scope) {
	t.Helper()
	ctx := t.Context()
	var told []hub.Told
	for i := range 30 {
		person := sync.PersonID(sync.NameID(fmt.Sprint("person ", i%20)))
		told = append(told, hub.Told{Key: fmt.Sprint("key", i), Kind: "overdue", Person: person, Due: int64(i / 10), State: hub.PushSkipped, Reason: "done", At: 9})
		must(t, store.PutMessage(ctx, hub.Message{
			ID: fmt.Sprint("message", i), Device: "d", Person: person, Title: "Còn 3 ngày", Urgent: i%2 == 0,
			State: []string{hub.PushWaiting, hub.PushSent, hub.PushSkipped}[i%3], Next: int64(i), Attempts: i % 4, Round: 1, Expires: 100,
		}))
	}
	must(t, store.Record(ctx, told))
	for i := range 10 {
		must(t, store.PutToken(ctx, hub.PushToken{
			Device: sync.DeviceID(sync.NameID(fmt.Sprint("device ", i), "a")), Person: sync.PersonID(sync.NameID(fmt.Sprint("person ", i))),
			Platform: "android", Token: fmt.Sprint("token", i), Set: int64(i),
		}))
	}
	for i, scope := range scopes {
		if i > 0 {
			must(t, store.Follow(ctx, scope, 0, 1))
		}
	}
}

// contents is everything a store holds.
type contents struct {
	Commits map[sync.Scope][]string
	Heads   map[sync.Scope]hub.Mark
	People  []hub.Person
	Devices []hub.Device
	Codes   []hub.EnrolmentCode
	Keys    []hub.SigningKey

	Tokens   []hub.PushToken
	Told     []hub.Told
	Messages []hub.Message
	Followed map[sync.Scope]int64
}

func read(t *testing.T, s move.Store) contents {
	t.Helper()
	ctx := t.Context()
	all := contents{Commits: map[sync.Scope][]string{}}
	scopes, err := s.Scopes(ctx, "", 1000)
	must(t, err)
	all.Heads, err = s.Heads(ctx, scopes)
	must(t, err)
	for _, scope := range scopes {
		commits, err := s.Commits(ctx, scope, 0, 100_000)
		must(t, err)
		for i := range commits {
			all.Commits[scope] = append(all.Commits[scope], string(commits[i].Hash())+string(commits[i].Encode()))
		}
	}
	all.People, err = s.People(ctx, "", 1000)
	must(t, err)
	for _, p := range all.People {
		devices, err := s.Devices(ctx, p.ID)
		must(t, err)
		all.Devices = append(all.Devices, devices...)
	}
	all.Codes, err = s.Codes(ctx, "", 1000)
	must(t, err)
	all.Keys, err = s.SigningKeys(ctx)
	must(t, err)
	var people []sync.PersonID
	for _, p := range all.People {
		people = append(people, p.ID)
	}
	all.Tokens, err = s.Tokens(ctx, people)
	must(t, err)
	all.Told, err = s.Told(ctx, 0, 1000, "", 1000)
	must(t, err)
	all.Messages, err = s.Messages(ctx, "", 1000)
	must(t, err)
	all.Followed, err = s.Followed(ctx, scopes)
	must(t, err)
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// moved fails the test unless a store holds exactly what another does, with
// all of it projected. The wire server for tests is too slow to look everything up.
func moved(t *testing.T, from, to move.Store) {
	t.Helper()
	_, quick := to.(*mongo.Store)
	want := read(t, from)
	if diff := cmp.Diff(want, read(t, to), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("the target differs (-source +target):\n%.4000s", diff)
	}
	report, err := fsck.Check(t.Context(), fsck.Config{Store: to, Quick: quick})
	must(t, err)
	if len(report.Findings) > 0 {
		t.Errorf("fsck: %+v", report.Findings)
	}
	for scope, head := range want.Heads {
		marks, err := to.Marks(t.Context(), []sync.Scope{scope})
		must(t, err)
		if marks[scope] != head {
			t.Errorf("%s is projected to %+v, its head is %+v", scope, marks[scope], head)
		}
	}
}
