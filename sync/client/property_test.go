package client_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thidua/sync"
)

// TestPhonesConvergeWhateverTheNetworkDoes has two phones record what they
// like over links that do what they like. When the links are well again, both
// phones are equal to the server, body by body, and every mutation has exactly
// one receipt.
func TestPhonesConvergeWhateverTheNetworkDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		w := newWorld(rt, dir)
		defer w.close()
		w.perSegment = rapid.IntRange(1, 4).Draw(rt, "perSegment")
		phones := []*phone{w.phone(rt, binh), w.phone(rt, chau)}
		for range rapid.IntRange(5, 25).Draw(rt, "steps") {
			p := rapid.SampledFrom(phones).Draw(rt, "phone")
			switch rapid.IntRange(0, 9).Draw(rt, "step") {
			case 0, 1, 2, 3, 4:
				p.act(rt)
			case 5, 6:
				p.link.faults(drawFaults(rt)...)
				p.sync()
			case 7:
				p.dies(drawFault(rt))
			case 8:
				w.clock.advance(time.Duration(rapid.IntRange(0, 20).Draw(rt, "minutes")) * time.Minute)
			case 9:
				if n := int64(len(w.ledger(unit).commits)); n > 0 && rapid.IntRange(0, 3).Draw(rt, "lose history") == 0 {
					w.forget(unit, rapid.Int64Range(0, n-1).Draw(rt, "history"))
				}
			}
		}
		for range 2 { // what one sends in the first round the other gets in the second
			for _, p := range phones {
				p.link.plan = nil
				w.clock.advance(2 * time.Hour) // the loop guard counts by the hour
				p.sync()
			}
		}
		for _, p := range phones {
			p.sync()
			p.equal()
		}
	})
}

// act records something at random.
func (p *phone) act(rt *rapid.T) {
	docs, err := p.List(unit, "note")
	p.must(err)
	kind := rapid.IntRange(0, 9).Draw(rt, "act")
	if len(docs) == 0 || kind == 0 {
		p.create(sync.Object{"title": fmt.Sprint(rapid.IntRange(0, 2).Draw(rt, "title")), "state": "draft"})
		return
	}
	doc := rapid.SampledFrom(docs).Draw(rt, "doc").ID
	switch kind {
	case 1:
		p.must(p.Delete(unit, doc))
	case 2:
		state := rapid.SampledFrom([]string{"draft", "sent"}).Draw(rt, "state")
		p.must(p.Transition(unit, doc, func(b sync.Object) sync.Object { return sync.Set(b, "/state", state) }))
	case 3: // two phones make the document of one name
		id := sync.DocID(sync.NameID("note", fmt.Sprint(rapid.IntRange(0, 2).Draw(rt, "name"))))
		if d, _, _ := p.View(unit, id); d == nil {
			_, err := p.Create(unit, "note", id, sync.Object{"score": rapid.Int64Range(0, 2).Draw(rt, "score")})
			p.must(err)
		}
	default:
		path := rapid.SampledFrom([]sync.Pointer{
			"/title", "/score", "/place/lat", "/place/long", "/people/p1", "/people/p1/name", "/people/p2/role", "/people", "/text",
		}).Draw(rt, "path")
		p.set(doc, path, drawValue(rt, path))
	}
}

func drawValue(rt *rapid.T, path sync.Pointer) sync.Value {
	n := rapid.Int64Range(-1, 2).Draw(rt, "value")
	person := sync.Object{"name": fmt.Sprint(n)}
	switch {
	case n < 0:
		return nil
	case path == "/people":
		return sync.Object{"p1": person, fmt.Sprint("p", 2+n): person}
	case path == "/people/p1":
		return person
	case path == "/score" || path == "/place/lat" || path == "/place/long":
		return n
	case path == "/text":
		return fmt.Sprintf("%200d", n) // long enough to be sent as a hash when replaced
	}
	return fmt.Sprint(n)
}

func drawFaults(rt *rapid.T) []fault {
	list := make([]fault, rapid.IntRange(0, 4).Draw(rt, "faults"))
	for i := range list {
		list[i] = drawFault(rt)
	}
	return list
}

func drawFault(rt *rapid.T) fault {
	switch rapid.IntRange(0, 5).Draw(rt, "fault") {
	case 0:
		return fault{refuse: true}
	case 1:
		return fault{lose: true}
	case 2:
		return fault{twice: true}
	case 3:
		return fault{bytes: rapid.IntRange(1, 1500).Draw(rt, "bytes")}
	case 4:
		return fault{lines: rapid.IntRange(-1, 25).Draw(rt, "lines")}
	}
	return fault{}
}
