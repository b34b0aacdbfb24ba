package mongo

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"thidua/internal/hub"
	"thidua/internal/mongo/mongotest"
	"thidua/sync"
)

// keys are more than a body may have: what is in a database one day must come
// back whatever the rules are then.
func keys() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "a", "4.1", ".", "..", "$", "$set", "a$b", "%", "%%", "%2E", "%24", "\x00", "a\x00b", "#", "__proto__", "_id", "ồ", "o\u0302\u0300"}),
		rapid.StringN(0, 6, -1),
	)
}

func values(depth int) *rapid.Generator[sync.Value] {
	scalar := rapid.OneOf(
		rapid.Map(rapid.OneOf(rapid.SampledFrom([]string{"", "họp", "\"\\\n\x00\u2028", "96,5 %", "𝄢", "o\u0302\u0300"}), rapid.String()), func(s string) sync.Value { return s }),
		rapid.Map(rapid.OneOf(rapid.SampledFrom([]int64{0, 1, -1, 1 << 31, sync.MaxNumber, -sync.MaxNumber}), rapid.Int64Range(-sync.MaxNumber, sync.MaxNumber)), func(n int64) sync.Value { return n }),
		rapid.Map(rapid.Bool(), func(b bool) sync.Value { return b }),
	)
	if depth == 0 {
		return scalar
	}
	object := rapid.Map(objects(depth-1), func(o sync.Object) sync.Value { return o })
	return rapid.OneOf(scalar, object, rapid.Map(rapid.SliceOfN(rapid.OneOf(scalar, object), 0, 3), func(a []sync.Value) sync.Value { return a }))
}

func objects(depth int) *rapid.Generator[sync.Object] {
	return rapid.MapOfN(keys(), values(depth), 0, 4)
}

// through returns what is read after something was written.
func through[T any](t interface{ Fatal(...any) }, stored T) (read T) {
	b, err := bson.Marshal(stored)
	if err == nil {
		err = bson.Unmarshal(b, &read)
	}
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestDocumentsComeBackToTheByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := sync.NewDocument("d", "minutes", "unit:a", rapid.Int64Range(1, 9).Draw(t, "version"), objects(3).Draw(t, "body"))
		d.Gone = rapid.Bool().Draw(t, "gone")
		for path, version := range rapid.MapOfN(keys(), rapid.Int64Range(-9, 9), 0, 5).Draw(t, "touched") {
			d.Touched[sync.Pointer(path)] = version
		}
		stored, err := storeDocument(d)
		if err != nil {
			t.Fatal(err)
		}
		read := through(t, stored)
		got, err := read.document()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Raw(), d.Raw()) || got.Sum() != d.Sum() || !sync.Equal(got.Body(), d.Body()) {
			t.Fatalf("%s came back as %s", d.Raw(), got.Raw())
		}
		if diff := cmp.Diff(d.Touched, got.Touched); diff != "" {
			t.Fatal(diff)
		}
	})
}

func commits() *rapid.Generator[sync.Commit] {
	return rapid.Custom(func(t *rapid.T) sync.Commit {
		word := rapid.SampledFrom([]string{"", "x", "y"})
		number := rapid.Int64Range(-3, 3)
		c := sync.Commit{
			Scope: "unit:a", Seq: rapid.Int64Range(1, sync.MaxNumber).Draw(t, "seq"), Prev: sync.Hash(word.Draw(t, "prev")), Author: sync.PersonID(word.Draw(t, "author")),
			Device: sync.DeviceID(word.Draw(t, "device")), At: number.Draw(t, "at"), Offset: number.Draw(t, "offset"), Reason: word.Draw(t, "reason"),
			Checksum: rapid.Uint64().Draw(t, "checksum"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "receipts") {
			c.Receipts = append(c.Receipts, sync.Receipt{
				Mutation: sync.MutationID(word.Draw(t, "mutation")), Content: sync.Hash(word.Draw(t, "content")), Outcome: sync.Outcome(word.Draw(t, "outcome")),
				Code: sync.Code(word.Draw(t, "code")), Doc: sync.DocID(word.Draw(t, "doc")), Kept: sync.DocID(word.Draw(t, "kept")),
			})
		}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			ch := sync.Change{Doc: sync.DocID(word.Draw(t, "changed")), Type: "minutes", By: rapid.IntRange(-1, 2).Draw(t, "by")}
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				ch.Create = objects(2).Draw(t, "create")
			case 1:
				ch.Delete = true
			case 2:
				ch.Edits = []sync.Edit{}
				for range rapid.IntRange(0, 3).Draw(t, "edits") {
					value := rapid.OneOf(rapid.Just(sync.Value(nil)), values(2))
					ch.Edits = append(ch.Edits, sync.Edit{Path: sync.Pointer(keys().Draw(t, "path")), Was: value.Draw(t, "was"), Now: value.Draw(t, "now")})
				}
			}
			c.Changes = append(c.Changes, ch)
		}
		return c
	})
}

func TestCommitsComeBackToTheByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := commits().Draw(t, "commit")
		stored, err := storeCommit(&c)
		if err != nil {
			t.Fatal(err)
		}
		read := through(t, stored)
		got, err := read.commit()
		if err != nil {
			t.Fatal(err)
		}
		if string(got.Encode()) != string(c.Encode()) || got.Hash() != c.Hash() || read.mark() != (hub.Mark{Seq: c.Seq, Hash: c.Hash(), Checksum: c.Checksum}) {
			t.Fatalf("%s came back as %s", c.Encode(), got.Encode())
		}
		if scope, seq, err := keyedCommit(stored.Key); scope != c.Scope || seq != c.Seq || err != nil {
			t.Fatalf("key %q: %q, %d, %v", stored.Key, scope, seq, err)
		}
	})
}

func TestKeysAreEscapedWithoutAmbiguity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := keys().Draw(t, "a"), keys().Draw(t, "b")
		if unescape(escape(a)) != a || (a == b) != (escape(a) == escape(b)) {
			t.Fatalf("%q is written %q, %q %q", a, escape(a), b, escape(b))
		}
		for _, bad := range []string{".", "$", "\x00"} {
			if bytes.Contains([]byte(escape(a)), []byte(bad)) {
				t.Fatalf("%q is written %q", a, escape(a))
			}
		}
	})
}

func TestServerTakesEveryKey(t *testing.T) {
	s, err := Open(t.Context(), Config{URI: mongotest.URI(t), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	body := sync.Object{}
	for _, key := range []string{"", "4.1", ".", "$", "$set", "a$b", "%", "%2E", "\x00", "__proto__", "_id", "ồ", "o\u0302\u0300"} {
		body[key] = sync.Object{key: []any{sync.Object{key: int64(1) << 52}, "", false, int64(0)}}
	}
	want := sync.NewDocument("d", "minutes", "unit:a", 1, body)
	if err := s.Project(t.Context(), "unit:a", []*sync.Document{want}, hub.Mark{}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Documents(t.Context(), "unit:a", []sync.DocID{"d"})
	if err != nil || len(got) != 1 || !bytes.Equal(got[0].Raw(), want.Raw()) {
		t.Fatalf("%s came back as %v, %v", want.Raw(), got, err)
	}
	// As DESIGN.md tells people to write it in mongosh.
	found, err := all[storedDocument](t.Context(), s, s.documents, bson.D{{Key: "body.4%2E1.4%2E1", Value: ""}}, nil)
	if err != nil || len(found) != 1 {
		t.Errorf("a query by path found %d, %v", len(found), err)
	}
}

func TestWhatSomebodyPutThereByHandIsAnError(t *testing.T) {
	for _, v := range []any{1.5, int32(1), nil, bson.NewObjectID(), bson.A{bson.A{2.5}}} {
		b, err := bson.Marshal(bson.D{{Key: "k", Value: v}})
		if err != nil {
			t.Fatal(err)
		}
		if o, err := objectOf(b); err == nil {
			t.Errorf("%v was read as %v", v, o)
		}
	}
}
