package fsck

import (
	"context"

	"thidua/internal/hub"
	"thidua/sync"
)

// walk reads the log up to the head and folds it.
func (p *pass) walk(ctx context.Context) error {
	var last hub.Mark
	for last.Seq < p.head.Seq && !p.broken {
		commits, err := p.Store.Commits(ctx, p.scope, last.Seq, int(min(commitPage, p.head.Seq-last.Seq)))
		if err != nil {
			p.broken = true
			return p.unreadable(ctx, LogUnreadable, last.Seq+1, err)
		}
		if len(commits) == 0 {
			p.broken = true
			p.find(LogGap, last.Seq+1, "", nil, "the log ends before its head %d", p.head.Seq)
			return nil
		}
		for i := range commits {
			if last = p.commit(&commits[i], last); p.broken {
				break
			}
		}
		if err := p.lookUpReceipts(ctx, commits); err != nil {
			return err
		}
		p.compact(commits)
		p.tell(p)
	}
	if p.broken {
		return nil
	}
	if last != p.head {
		p.find(HeadDiffers, last.Seq, "", nil, "the store says %s, checksum %016x", p.head.Hash, p.head.Checksum)
	}
	if p.mark.Seq > p.head.Seq {
		p.find(MarkBeyond, p.mark.Seq, "", &mend{mark: true, from: p.mark, to: last}, "the log ends at %d", p.head.Seq)
	}
	return nil
}

// commit checks one commit against what came before, and folds it.
func (p *pass) commit(c *sync.Commit, last hub.Mark) hub.Mark {
	switch {
	case c.Seq > last.Seq+1:
		p.broken = true
		p.find(LogGap, last.Seq+1, "", nil, "the next one is %d", c.Seq)
		return last
	case c.Seq != last.Seq+1 || c.Scope != p.scope || c.Prev != last.Hash:
		p.broken = true
		p.find(LogBroken, last.Seq+1, "", nil, "it says it is %s/%d after %.16q", c.Scope, c.Seq, c.Prev)
		return last
	}
	p.commits++
	p.authors[string(c.Author)] = true
	p.authors[string(c.Device)] = true
	sum := last.Checksum
	for _, ch := range c.Changes {
		before := p.docs[ch.Doc]
		after := sync.Fold(before, p.scope, ch, c.Seq)
		if after == nil {
			p.find(ChangeBaseless, c.Seq, ch.Doc, nil, "")
			continue
		}
		sum += after.Sum() - before.Sum()
		p.docs[ch.Doc] = after
		p.noteChange(ch.Doc, c.Seq)
	}
	if sum != c.Checksum {
		p.find(ChecksumWrong, c.Seq, "", nil, "it says %016x, it is %016x", c.Checksum, sum)
	}
	for _, ch := range c.Changes {
		if s := p.stored[ch.Doc]; s != nil && s.version == c.Seq && p.docs[ch.Doc] != nil {
			s.right = s.digest == digest(p.docs[ch.Doc])
		}
	}
	for _, r := range c.Receipts {
		if r.Kept != "" && p.docs[r.Kept] == nil {
			p.find(KeptMissing, c.Seq, r.Kept, nil, "mutation %s", r.Mutation)
		}
	}
	now := hub.Mark{Seq: c.Seq, Hash: c.Hash(), Checksum: c.Checksum}
	if c.Seq == p.mark.Seq && now != p.mark {
		p.find(MarkDiffers, c.Seq, "", &mend{mark: true, from: p.mark, to: now}, "it says %s, checksum %016x", p.mark.Hash, p.mark.Checksum)
	}
	return now
}

// noteChange remembers that a commit changed a document.
func (p *pass) noteChange(id sync.DocID, seq int64) {
	if seqs := p.changed[id]; len(seqs) == 0 || seqs[len(seqs)-1] != seq {
		p.changed[id] = append(seqs, seq)
	}
	if seq <= p.due {
		p.dueAt[id] = seq
	}
}

// compact forgets the decoded bodies of what commits changed: their text is a
// fraction of it.
func (p *pass) compact(commits []sync.Commit) {
	for i := range commits {
		for _, ch := range commits[i].Changes {
			if d := p.docs[ch.Doc]; d != nil {
				p.docs[ch.Doc] = sync.LoadDocument(*d, d.Raw())
			}
		}
	}
}
