package sync

import (
	"sort"

	"pgregory.net/rapid"
)

// A pending mutation of a modelled phone, with its answer once that is known.
type pending struct {
	Mutation
	ack *stored
}

// A modelled phone: documents as of a cursor, and its own mutations on top
// until the cursor has passed their receipts.
type phone struct {
	author Author
	base   map[DocID]*Document
	cursor Cursor
	queue  []pending
}

// clone returns an independent copy: another phone restored from this one, or
// this one as a backup has it.
func (p *phone) clone() *phone {
	c := &phone{author: p.author, base: map[DocID]*Document{}, cursor: p.cursor, queue: append([]pending(nil), p.queue...)}
	for id, d := range p.base {
		c.base[id] = d
	}
	return c
}

// view returns a document as its user sees it.
func (p *phone) view(id DocID) *Document {
	d := p.base[id]
	for i := range p.queue {
		if m := &p.queue[i]; m.Doc == id {
			switch {
			case m.Create != nil:
				d = NewDocument(id, m.Type, m.Scope, 0, m.Create)
			case m.Delete != "":
				d = nil
			case d != nil:
				d = NewDocument(id, d.Type, m.Scope, 0, Apply(d.Body(), m.Edits))
			}
		}
	}
	return d
}

// A stored receipt, as a server finds it again.
type stored struct {
	Receipt
	seq int64
}

// A model is one server and some phones on bad connections.
type model struct {
	*world
	t        *rapid.T
	receipts map[DeviceID]map[MutationID]stored
	phones   []*phone
	backups  []*phone // one of each phone
	made     map[MutationID]Mutation
}

func newModel(t *rapid.T) *model {
	m := &model{world: newWorld(t), t: t, receipts: map[DeviceID]map[MutationID]stored{}, made: map[MutationID]Mutation{}}
	for _, name := range []string{"an", "binh", "chi"} {
		p := &phone{author: author(name), base: map[DocID]*Document{}}
		m.phones, m.backups = append(m.phones, p), append(m.backups, p.clone())
	}
	return m
}

func modelDoc(n int) DocID { return DocID(NameID("document", string(rune('0'+n)))) }

// act lets the user of a phone do something offline.
func (m *model) act(p *phone) {
	id := modelDoc(rapid.IntRange(0, 2).Draw(m.t, "document"))
	mut := Mutation{ID: m.id(), Doc: id, Scope: m.scope}
	present := p.view(id)
	if base := p.base[id]; base != nil {
		mut.Base = base.Version
	}
	what := rapid.IntRange(0, 9).Draw(m.t, "act")
	switch {
	case present == nil:
		mut.Type, mut.Create = "note", genBody(m.t, "body")
		if rapid.Bool().Draw(m.t, "with state") {
			mut.Create = Set(mut.Create, "/state", "draft")
		}
	case what == 0:
		mut.Delete = present.Hash()
	default:
		after := genChange(m.t, present.Body())
		switch what {
		case 1:
			after = Set(after, "/state", rapid.SampledFrom([]string{"draft", "submitted"}).Draw(m.t, "state"))
			mut.Attest = present.Hash()
		case 2: // several places at once
			after = genChange(m.t, genChange(m.t, after))
		case 3: // an app that edits whole objects
			if now := after["people"]; now != nil && !Equal(now, present.Body()["people"]) {
				mut.Edits = []Edit{{Path: "/people", Was: present.Body()["people"], Now: now}}
			}
		}
		if mut.Edits == nil {
			mut.Edits = Diff(present.Body(), after, m.rules.schema.Types["note"].Atomic)
		}
		if len(mut.Edits) == 0 {
			return
		}
		if rapid.Bool().Draw(m.t, "hashes") {
			for i := range mut.Edits {
				mut.Edits[i].Was = Seen(mut.Edits[i].Was)
			}
		}
	}
	sent := DecodeMutation(mut.Encode())
	if sent.Fault != nil {
		m.t.Fatalf("a phone's mutation cannot be read: %v", sent.Fault)
	}
	p.queue = append(p.queue, pending{Mutation: sent})
	m.made[sent.ID] = sent
}

// sync is one request: the first mutations not yet answered go up, documents
// come down, all of them or, if the connection is cut, those up to a version.
func (m *model) sync(p *phone, uploads int, lost bool, keep int) {
	acks := map[MutationID]stored{}
	d := m.draft(p.author)
	for _, q := range p.queue {
		if q.ack != nil || len(acks) >= uploads {
			continue
		}
		if known, ok := m.receipts[p.author.Device][q.ID]; ok {
			acks[q.ID] = known
			continue
		}
		before := d.Document(q.Doc)
		r := d.Judge(q.Mutation)
		m.checkKept(d, before, &q.Mutation, r)
		acks[q.ID] = stored{r, d.Seq()}
	}
	mine := map[DocID]map[int64]bool{}
	if c := m.seal(d); c != nil {
		mine = m.note(p, c)
	}
	if lost {
		return
	}
	for i := range p.queue {
		if ack, ok := acks[p.queue[i].ID]; ok {
			p.queue[i].ack = &ack
		}
	}
	cursor := m.answer(p, keep)
	m.receive(p, cursor, mine)
}

// note stores the receipts of a commit and returns the versions at which only
// the phone's own mutations, applied to the letter, changed a document.
func (m *model) note(p *phone, c *Commit) map[DocID]map[int64]bool {
	if m.receipts[c.Device] == nil {
		m.receipts[c.Device] = map[MutationID]stored{}
	}
	mine, unlike := map[DocID]map[int64]bool{}, map[DocID]bool{}
	for _, r := range c.Receipts {
		m.receipts[c.Device][r.Mutation] = stored{r, c.Seq}
		unlike[r.Doc] = unlike[r.Doc] || r.Outcome != Applied
	}
	for _, ch := range c.Changes {
		unlike[ch.Doc] = unlike[ch.Doc] || ch.By < 0
	}
	for _, ch := range c.Changes {
		if !unlike[ch.Doc] {
			mine[ch.Doc] = map[int64]bool{c.Seq: true}
		}
	}
	return mine
}

// news returns the documents that last changed after a version, in that order.
func (m *model) news(after int64) []*Document {
	var docs []*Document
	for _, d := range m.state.Docs {
		if d.Version > after {
			docs = append(docs, d)
		}
	}
	sort.Slice(docs, func(i, j int) bool {
		if docs[i].Version != docs[j].Version {
			return docs[i].Version < docs[j].Version
		}
		return docs[i].ID < docs[j].ID
	})
	return docs
}

// answer returns the last cursor that reaches the phone, given how many
// documents do.
func (m *model) answer(p *phone, keep int) Cursor {
	docs := m.news(p.cursor.Seq)
	if keep >= len(docs) {
		return At(m.state.Seq, m.state.Hash)
	}
	seq := p.cursor.Seq
	if keep > 0 && docs[keep-1].Version < docs[keep].Version {
		seq = docs[keep-1].Version
	}
	return Cursor{Seq: seq, Floor: p.cursor.Floor}
}

// receive does what PROTOCOL.md asks of a phone: own changes that the cursor
// passes first, then the lines.
func (m *model) receive(p *phone, cursor Cursor, mine map[DocID]map[int64]bool) {
	rest := p.queue[:0:0]
	for _, q := range p.queue {
		switch {
		case q.ack == nil || q.ack.seq > cursor.Seq:
			rest = append(rest, q)
		case q.ack.Outcome == Applied && q.ack.seq > p.cursor.Seq:
			p.put(q.Doc, q.Onto(p.base[q.Doc], q.ack.seq))
		}
	}
	p.queue = rest
	for _, d := range m.news(p.cursor.Seq) {
		if d.Version > cursor.Seq {
			break
		}
		if line, news := Patch(d, p.cursor.Floor, mine[d.ID]); news {
			p.put(d.ID, onto(m.t, line, p.base[d.ID], m.scope))
		}
	}
	p.cursor = cursor
}

func (p *phone) put(id DocID, d *Document) {
	if d == nil {
		delete(p.base, id)
		return
	}
	p.base[id] = d
}

// decide lets a person settle a conflict at random; what cannot stand does not.
func (m *model) decide() {
	for _, c := range m.kept(TypeConflict) {
		body := c.Body()
		if str(body, "state") != StateOpen {
			continue
		}
		dec := Decision{Conflict: c.ID, Version: c.Version, Choices: map[Pointer]Choice{}, Reason: "r"}
		items := asObject(body["items"])
		for _, key := range sortedKeys(items) {
			it := asObject(items[key])
			choice := Choice{Take: TakePresent}
			if rapid.Bool().Draw(m.t, "take a side") {
				choice = Choice{Take: TakeSide, Side: MutationID(sortedKeys(asObject(it["sides"]))[0])}
			}
			dec.Choices[Pointer(str(it, "path"))] = choice
		}
		m.world.decide(dec)
		return
	}
}

// settle lets every phone sync until it has nothing to say or to learn.
func (m *model) settle() {
	for round := 0; ; round++ {
		busy := false
		for _, p := range m.phones {
			if len(p.queue) > 0 || p.cursor.Floor != m.state.Seq || p.cursor.Seq != m.state.Seq {
				busy = true
				m.sync(p, 1000, false, 1000)
			}
		}
		if !busy {
			return
		}
		if round > 5 {
			m.t.Fatalf("the phones do not come to rest")
		}
	}
}
