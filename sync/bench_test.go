package sync

import (
	"fmt"
	"testing"
)

// eightKB returns a body of about 8 KB, such as minutes with attendance.
func eightKB() Object {
	body := Object{"title": "Hội nghị tổng kết Cụm thi đua", "count": int64(1), "place": Object{"name": "hội trường", "room": int64(2)}}
	people, cells := Object{}, Object{}
	for i := range 60 {
		key := fmt.Sprintf("p%02d", i)
		people[key] = Object{"name": "Đại diện đơn vị " + key, "present": i%3 == 0, "role": "member"}
		cells[key] = "Các đơn vị thống nhất nội dung báo cáo."
	}
	body["people"], body["cells"] = people, cells
	return body
}

// Everything the engine does for one mutation: reading it, judging it against
// a document as read from a store, and the commit with its hash.
func BenchmarkMergeOneMutationInto8KBDocument(b *testing.B) {
	w := newWorld(b)
	body := eightKB()
	raw := Canonical(body)
	b.Logf("a document of %d bytes", len(raw))
	sent := w.edit("/people/p07/present", `false`, `true`)
	text := sent.Encode()
	stored := Document{ID: theDoc, Type: "note", Scope: w.scope, Version: 1, Touched: map[Pointer]int64{"": 1}}
	sum := Sum(theDoc, 1, raw)
	b.ReportAllocs()
	for b.Loop() {
		state := NewState(w.scope, 1, HashOf("commit"), sum, []*Document{LoadDocument(stored, raw)})
		d := NewDraft(DraftConfig{State: state, Rules: w.rules, Author: an, Received: 1})
		if r := d.Judge(DecodeMutation(text)); r.Outcome != Applied {
			b.Fatalf("receipt %+v", r)
		}
		d.Seal(nil).Hash()
	}
}

func BenchmarkCanonical8KB(b *testing.B) {
	body := eightKB()
	b.SetBytes(int64(len(Canonical(body))))
	b.ReportAllocs()
	for b.Loop() {
		Canonical(body)
	}
}

func BenchmarkParse8KB(b *testing.B) {
	raw := Canonical(eightKB())
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, f := ParseObject(raw); f != nil {
			b.Fatal(f)
		}
	}
}
