package sync_test

import (
	"fmt"

	"thidua/sync"
)

// meetings knows one type and lets everybody do everything.
type meetings struct{}

func (meetings) Schema() *sync.Schema {
	line := &sync.Field{Kind: sync.KindLine}
	body := &sync.Field{Kind: sync.KindObject, Fields: map[string]*sync.Field{"place": line, "host": line}}
	return &sync.Schema{Version: 1, Types: map[string]*sync.Type{"meeting": {Name: "meeting", Scopes: []string{"unit"}, Body: body}}}
}

func (meetings) Allow(sync.Act) sync.Ruling { return sync.Ruling{Verdict: sync.Allow} }

var (
	meeting = sync.DocID(sync.NameID("meeting"))
	scope   = sync.UnitScope(sync.DocID(sync.NameID("unit")))
)

func ids(n uint16) sync.MutationID { return sync.MutationID(sync.MakeID(1_700_000_000_000, n, 0)) }

// commit judges the mutations of one phone and returns the state afterwards.
func commit(state *sync.State, name string, ms ...sync.Mutation) (*sync.State, []sync.Receipt) {
	who := sync.Author{Person: sync.PersonID(sync.NameID(name)), Device: sync.DeviceID(sync.NameID(name, "phone"))}
	d := sync.NewDraft(sync.DraftConfig{State: state, Rules: meetings{}, Author: who, Received: 1_700_000_100_000})
	for _, m := range ms {
		d.Judge(m)
	}
	return d.Next(d.Seal(nil)), d.Receipts()
}

// twoPhones lets two people change the place of a meeting without signal.
func twoPhones() (*sync.State, sync.Receipt) {
	state := sync.NewState(scope, 0, "", 0, nil)
	state, _ = commit(state, "an", sync.Mutation{ID: ids(1), Doc: meeting, Scope: scope, Type: "meeting", Create: sync.Object{"place": "hội trường"}})
	state, _ = commit(state, "an", sync.Mutation{ID: ids(2), Doc: meeting, Scope: scope, Edits: []sync.Edit{{Path: "/place", Was: "hội trường", Now: "phòng họp 1"}}})
	state, receipts := commit(state, "binh", sync.Mutation{ID: ids(3), Doc: meeting, Scope: scope, Edits: []sync.Edit{
		{Path: "/host", Now: "TTYT"},
		{Path: "/place", Was: "hội trường", Now: "sân"},
	}})
	return state, receipts[0]
}

func ExampleDraft_Judge() {
	state, receipt := twoPhones()
	fmt.Println(receipt.Outcome, receipt.Code)
	fmt.Println(string(state.Docs[meeting].Raw()))
	items := sync.Get(state.Docs[receipt.Kept].Body(), "/items").(sync.Object)
	for _, item := range items {
		item := item.(sync.Object)
		fmt.Println(item["path"], "was", item["base"], "and is", item["present"])
		fmt.Println("wanted:", sync.Get(item, sync.Pointer("/sides/"+string(ids(3))+"/value")))
	}
	// Output:
	// conflict changed_by_another
	// {"host":"TTYT","place":"phòng họp 1"}
	// /place was hội trường and is phòng họp 1
	// wanted: sân
}

func ExampleDraft_Resolve() {
	state, receipt := twoPhones()
	admin := sync.Author{Person: sync.PersonID(sync.NameID("admin"))}
	d := sync.NewDraft(sync.DraftConfig{State: state, Rules: meetings{}, Author: admin, Received: 1_700_000_200_000, Reason: "đã hỏi đơn vị"})
	fault := d.Resolve(sync.Decision{
		Conflict: receipt.Kept,
		Version:  state.Docs[receipt.Kept].Version,
		Choices:  map[sync.Pointer]sync.Choice{"/place": {Take: sync.TakeSide, Side: ids(3)}},
		Reason:   "đã hỏi đơn vị",
	})
	c := d.Seal(nil)
	fmt.Println(fault == nil, c.Seq, string(d.Document(meeting).Raw()))
	// Output:
	// true 4 {"host":"TTYT","place":"sân"}
}

func ExampleDiff() {
	before := sync.Object{"place": "hội trường", "people": sync.Object{"a": sync.Object{"present": true}}}
	after := sync.Object{"host": "TTYT", "people": sync.Object{"a": sync.Object{"present": false}, "b": sync.Object{"present": true}}}
	for _, e := range sync.Diff(before, after, nil) {
		fmt.Printf("%s: %s → %s\n", e.Path, sync.Canonical(e.Was), sync.Canonical(e.Now))
	}
	// Output:
	// /host: null → "TTYT"
	// /people/a/present: true → false
	// /people/b: null → {"present":true}
	// /place: "hội trường" → null
}

func ExamplePatch() {
	state, _ := twoPhones()
	// A phone that holds everything up to commit 1 lacks two paths.
	line, news := sync.Patch(state.Docs[meeting], 1, nil)
	fmt.Println(news, line.Version, line.Set == nil, len(line.Body))
	// One that sent commit 3 itself is not told what it did.
	_, news = sync.Patch(state.Docs[meeting], 2, map[int64]bool{3: true})
	fmt.Println(news)
	// Output:
	// true 3 true 2
	// false
}

func ExampleCanonical() {
	fmt.Println(string(sync.Canonical(sync.Object{"b": []any{true, "\t"}, "a": int64(7)})))
	// Output:
	// {"a":7,"b":[true,"\t"]}
}

func ExampleSum() {
	one := sync.Sum(meeting, 3, []byte(`{"place":"sân"}`))
	two := sync.Sum(sync.DocID(sync.NameID("other")), 4, []byte(`{}`))
	fmt.Printf("%016x\n", one)
	fmt.Println(one+two == two+one)
	// Output:
	// 0da642a9ea62d1c5
	// true
}
