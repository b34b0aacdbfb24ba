package emulation

import "thidua/sync"

// Honours counts rows of awards, or of hand-overs, that have a number. Rows
// whose number is only a word stand apart: a word is not a number, and
// guessing one would make the sum a lie.
type Honours struct {
	Count      int64            // all that can be counted
	Recipients map[string]int64 // by kind: collective, individual, not_split
	Forms      map[string]int64
	Words      []string // the rows that cannot, as stated
}

// CountAwards counts the decided awards of a period; proposals are none yet.
// An empty period counts those of every period.
func CountAwards(period sync.DocID, docs []*sync.Document) Honours {
	return countRows(docs, func(d *sync.Document) bool {
		b := d.Body()
		return d.Type == TypeAward && str(b, "state") == "decided" && (period == "" || doc(b, "period") == period)
	})
}

// CountHandovers counts what was handed over at a meeting for merit. Flags and
// flowers for a new head are no honour. Hand-overs and awards are never added
// up: the same certificate may be in both.
func CountHandovers(meeting sync.DocID, docs []*sync.Document) Honours {
	return countRows(docs, func(d *sync.Document) bool {
		b := d.Body()
		kind := str(b, "kind")
		return d.Type == TypeHandover && doc(b, "meeting") == meeting && (kind == "award" || kind == "prize")
	})
}

func countRows(docs []*sync.Document, counts func(*sync.Document) bool) Honours {
	h := Honours{Recipients: map[string]int64{}, Forms: map[string]int64{}}
	seen := map[sync.DocID]bool{}
	for _, d := range docs {
		if d.Gone || seen[d.ID] || !counts(d) {
			continue
		}
		seen[d.ID] = true
		b := d.Body()
		n, isNumber := b["count"].(int64)
		if !isNumber {
			h.Words = append(h.Words, str(b, "count_text"))
			continue
		}
		h.Count += n
		h.Recipients[str(b, "recipients")] += n
		h.Forms[str(b, "form")] += n
	}
	return h
}

// FlagProposals returns the proposals for an emulation flag about a period:
// awards on their way that are neither decided nor rejected. They are records
// of their own; no ranking makes one.
func FlagProposals(period sync.DocID, docs []*sync.Document) []*sync.Document {
	var found []*sync.Document
	for _, d := range docs {
		if d.Gone || d.Type != TypeAward || str(d.Body(), "form") != "emulation_flag" || doc(d.Body(), "period") != period {
			continue
		}
		switch str(d.Body(), "state") {
		case "voted", "proposed", "appraised", "approved":
			found = append(found, d)
		}
	}
	return found
}
