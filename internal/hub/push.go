package hub

import (
	"context"

	"thidua/sync"
)

// Codes of mutations that the hub itself decides.
const (
	codeDisabled sync.Code = "person_disabled"
)

// Pushed is what became of the mutations of a request.
type Pushed struct {
	Acks []sync.Ack // in the order of the mutations
	mine map[sync.Scope]*own
	org  *sync.Reference // as of the request; nil: read it

	marks map[sync.Scope]Mark // of scopes, as of the request
}

// own says for each document that this request changed which of its commits did
// so only by what the phone sent and knows, so that it need not be sent back.
type own struct {
	docs        map[sync.DocID]map[int64]bool
	first, last int64 // the commits, if they follow each other and changed nothing else; else 0
}

// Push judges the mutations of a request, scope by scope, in their order, and
// appends them durably. A mutation that cannot be applied is kept; only an
// error of the store fails the request, which the phone then repeats.
func (h *Hub) Push(ctx context.Context, c Caller, req *sync.Request) (*Pushed, error) {
	p := &Pushed{Acks: make([]sync.Ack, len(req.Mutations)), mine: map[sync.Scope]*own{}, marks: map[sync.Scope]Mark{}}
	if len(req.Mutations) == 0 {
		return p, nil
	}
	org, err := h.reference(ctx)
	if err != nil {
		return nil, err
	}
	p.org = org
	writable := h.writable(org, c, req)
	batches, order := h.batches(c, req, writable)
	for _, scope := range order {
		parts := batches[scope].split(req)
		jobs := make([]*job, len(parts))
		for i, b := range parts {
			jobs[i] = &job{author: c.Author, offset: h.offset(req.Clock), org: org, docs: b.docs(req), mutations: b.ids(req)}
			jobs[i].act = func(d *sync.Draft, known map[sync.MutationID]StoredReceipt) error {
				h.judge(d, c, req, b, known, p)
				return nil
			}
		}
		h.queue(scope, jobs...)
		for i, j := range jobs {
			commit, err := h.wait(ctx, j)
			if err != nil {
				return nil, err
			}
			p.note(commit, req, parts[i])
			if mark, ok := h.recent.get(scope); ok && commit != nil && mark.Seq >= commit.Seq {
				p.marks[scope] = mark
			}
		}
	}
	return p, nil
}

// Bounds of what goes into one commit. A phone can keep an answer up to the end
// of a commit only, so commits must be small for a connection that dies soon.
const (
	commitMutations = 50
	commitBytes     = 4 << 10
)

// split cuts a batch into parts that are one commit each.
func (b *batch) split(req *sync.Request) []*batch {
	var parts []*batch
	size := 0
	for n, i := range b.index {
		m := &req.Mutations[i]
		bytes := len(m.Raw)
		if m.Fault == nil {
			bytes = len(m.Encode())
		}
		if len(parts) == 0 || size+bytes > commitBytes || len(parts[len(parts)-1].index) >= commitMutations {
			parts, size = append(parts, &batch{scope: b.scope}), 0
		}
		last := parts[len(parts)-1]
		last.index, last.refuse = append(last.index, i), append(last.refuse, b.refuse[n])
		size += bytes
	}
	return parts
}

// maxOffset bounds what is noted of a device's clock: a hundred years. A number
// beyond 2^53 could not be read back from the log.
const maxOffset = 100 * 366 * 24 * 3600 * 1000

// offset returns how far a device's clock is behind, 0 if it does not say.
func (h *Hub) offset(clock int64) int64 {
	if clock == 0 {
		return 0
	}
	return min(max(h.milli()-clock, -maxOffset), maxOffset)
}

// A batch is the part of a request that one commit of a scope will answer:
// indices of mutations, and for each why it is refused whatever it says, if it is.
type batch struct {
	scope  sync.Scope
	index  []int
	refuse []sync.Code
}

func (b *batch) ids(req *sync.Request) []sync.MutationID {
	ids := make([]sync.MutationID, 0, len(b.index))
	for _, i := range b.index {
		if id := req.Mutations[i].ID; id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

func (b *batch) docs(req *sync.Request) []sync.DocID {
	set := map[sync.DocID]bool{}
	for _, i := range b.index {
		if id := req.Mutations[i].Doc; id != "" {
			set[id] = true
		}
	}
	return keys(set)
}

// writable reports for each mutation whether it may be judged where it wants
// to be: in a scope that its author may read now, or might when it was made;
// there the rules decide.
func (h *Hub) writable(org *sync.Reference, c Caller, req *sync.Request) []bool {
	writable := make([]bool, len(req.Mutations))
	if c.UploadOnly {
		return writable
	}
	now := h.domain.Readable(c.Author, h.milli(), org)
	for i := range req.Mutations {
		m := &req.Mutations[i]
		made := m.Made()
		writable[i] = contains(now, m.Scope) || made != 0 && contains(h.domain.Readable(c.Author, made, org), m.Scope)
	}
	return writable
}

// batches sorts mutations by the scope whose log will answer them; what may
// not be judged where it wants to be is kept in its author's own scope.
func (h *Hub) batches(c Caller, req *sync.Request, writable []bool) (map[sync.Scope]*batch, []sync.Scope) {
	batches := map[sync.Scope]*batch{}
	var order []sync.Scope
	for i := range req.Mutations {
		m := &req.Mutations[i]
		scope, refuse := m.Scope, sync.Code("")
		if !writable[i] {
			scope = sync.UserScope(c.Person)
			switch {
			case c.UploadOnly:
				refuse = codeDisabled
			case m.Fault == nil:
				refuse = sync.CodeForbiddenScope
			}
		}
		if batches[scope] == nil {
			batches[scope] = &batch{scope: scope}
			order = append(order, scope)
		}
		batches[scope].index = append(batches[scope].index, i)
		batches[scope].refuse = append(batches[scope].refuse, refuse)
	}
	return batches, order
}

// judge fills a draft with the mutations of a batch and acknowledges them. It
// may run several times; the last run counts.
func (h *Hub) judge(d *sync.Draft, c Caller, req *sync.Request, b *batch, known map[sync.MutationID]StoredReceipt, p *Pushed) {
	inBatch := map[sync.MutationID]sync.Receipt{}
	for n, i := range b.index {
		m := req.Mutations[i]
		ack := sync.Ack{Mutation: m.ID, Index: i}
		stored, isKnown := known[m.ID]
		if r, ok := inBatch[m.ID]; ok {
			stored, isKnown = StoredReceipt{Receipt: r, Scope: b.scope, Seq: d.Seq(), Author: c.Person}, true
		}
		switch {
		case m.ID == "":
			ack.Outcome, ack.Code = sync.Rejected, m.Fault.Code
			ack.Kept = d.KeepRejected(m, m.Fault.Code)
		case isKnown && (stored.Content != m.Content() || stored.Author != c.Person):
			ack.Outcome, ack.Code = sync.Rejected, sync.CodeIDReused
			ack.Kept = d.KeepRejected(m, sync.CodeIDReused)
		case isKnown:
			ack.Outcome, ack.Code, ack.Kept, ack.Seq, ack.Duplicate = stored.Outcome, stored.Code, stored.Kept, stored.Seq, true
			if stored.Scope != m.Scope {
				ack.Scope = stored.Scope
			}
		default:
			var r sync.Receipt
			switch {
			case b.refuse[n] != "":
				r = d.Refuse(m, b.refuse[n])
			case Redirect(d.Document(m.Doc)) != "" && m.Fault == nil:
				r = d.Refuse(m, CodeMerged)
			default:
				r = d.Judge(m)
			}
			inBatch[m.ID] = r
			ack.Outcome, ack.Code, ack.Kept, ack.Seq = r.Outcome, r.Code, r.Kept, d.Seq()
		}
		if ack.Outcome != sync.Applied {
			ack.Message = h.Message(ack.Code)
		}
		p.Acks[i] = ack
	}
}

// note completes the acknowledgements of a batch and remembers what the phone
// itself did to the letter.
func (p *Pushed) note(commit *sync.Commit, req *sync.Request, b *batch) {
	for _, i := range b.index {
		if ack := &p.Acks[i]; !ack.Duplicate && b.scope != req.Mutations[i].Scope {
			ack.Scope = b.scope
		}
	}
	if commit == nil {
		return
	}
	o := p.mine[b.scope]
	if o == nil {
		o = &own{docs: map[sync.DocID]map[int64]bool{}, first: commit.Seq, last: commit.Seq - 1}
		p.mine[b.scope] = o
	}
	unlike := map[sync.DocID]bool{}
	for _, r := range commit.Receipts {
		if r.Outcome != sync.Applied {
			unlike[r.Doc] = true
		}
	}
	for _, ch := range commit.Changes {
		if ch.By < 0 {
			unlike[ch.Doc] = true
		}
	}
	for _, ch := range commit.Changes {
		if o.docs[ch.Doc] == nil {
			o.docs[ch.Doc] = map[int64]bool{}
		}
		o.docs[ch.Doc][commit.Seq] = !unlike[ch.Doc]
	}
	if o.last+1 == commit.Seq && len(unlike) == 0 {
		o.last = commit.Seq
	} else {
		o.first, o.last = 0, 0
	}
}
