package fsck

import (
	"context"
	"slices"

	"thidua/internal/hub"
	"thidua/sync"
)

// lookUpReceipts asks the store for the receipt of every mutation in commits.
// Each stands at one place; a mutation that is found at another is there twice.
func (p *pass) lookUpReceipts(ctx context.Context, commits []sync.Commit) error {
	type act struct {
		device   sync.DeviceID
		mutation sync.MutationID
	}
	seen := map[act]bool{}
	wanted := map[sync.DeviceID][]sync.MutationID{}
	for i := range commits {
		c := &commits[i]
		if p.Quick && c.Seq > sample {
			break
		}
		for _, r := range c.Receipts {
			if a := (act{c.Device, r.Mutation}); seen[a] {
				p.find(MutationTwice, c.Seq, r.Doc, nil, "mutation %s of device %s", r.Mutation, c.Device)
			} else {
				seen[a] = true
				wanted[c.Device] = append(wanted[c.Device], r.Mutation)
			}
		}
	}
	found := map[act]hub.StoredReceipt{}
	for device, ids := range wanted {
		for some := range slices.Chunk(ids, listPage) {
			receipts, err := p.Store.Receipts(ctx, device, some)
			if err != nil {
				return p.unreadable(ctx, ReceiptMissing, commits[0].Seq, err)
			}
			for id, r := range receipts {
				found[act{device, id}] = r
			}
		}
	}
	for i := range commits {
		c := &commits[i]
		for _, r := range c.Receipts {
			a := act{c.Device, r.Mutation}
			if !seen[a] {
				continue
			}
			p.receipts++
			switch at, ok := found[a]; {
			case !ok, at.Scope == c.Scope && at.Seq == c.Seq && (at.Receipt != r || at.Author != c.Author):
				p.find(ReceiptMissing, c.Seq, r.Doc, nil, "mutation %s of device %s", r.Mutation, c.Device)
			case at.Scope != c.Scope || at.Seq != c.Seq:
				p.find(MutationTwice, c.Seq, r.Doc, nil, "mutation %s of device %s is in %s/%d too", r.Mutation, c.Device, at.Scope, at.Seq)
			}
		}
	}
	return nil
}

// lookUp asks the store for the history of every document.
func (p *pass) lookUp(ctx context.Context) error {
	for i, id := range sorted(p.changed) {
		if p.Quick && i == sample {
			break
		}
		p.histories++
		if i%commitPage == 0 {
			p.tell(p)
		}
		seqs, err := p.history(ctx, id)
		if err != nil {
			if err = p.unreadable(ctx, HistoryDiffers, 0, err); err != nil {
				return err
			}
			continue
		}
		slices.Reverse(seqs)
		if !slices.Equal(seqs, p.changed[id]) {
			p.find(HistoryDiffers, p.docs[id].Version, id, nil, "%d commits are found of %d", len(seqs), len(p.changed[id]))
		}
	}
	return nil
}

// history returns the commits that the store says changed a document, newest first.
func (p *pass) history(ctx context.Context, id sync.DocID) ([]int64, error) {
	var seqs []int64
	for before := p.head.Seq + 1; ; {
		commits, err := p.Store.History(ctx, p.scope, id, before, commitPage)
		if err != nil {
			return nil, err
		}
		for i := range commits {
			before = commits[i].Seq
			seqs = append(seqs, before)
		}
		if len(commits) < commitPage {
			return seqs, nil
		}
	}
}
