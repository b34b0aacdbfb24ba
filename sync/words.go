package sync

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Proposal is what two people's versions of one text come to when merged
// word by word. It is shown to a person who decides; nothing applies it by itself.
type Proposal struct {
	// Text is the merged text. Where the authors clash it holds the words of both, ours first.
	Text string `json:"text"`
	// Clean reports that no part is a clash.
	Clean bool `json:"clean"`
	// Parts are the pieces of the merge in reading order, none of them empty.
	// Their Base fields joined give the base, and so for Ours and Theirs.
	Parts []Part `json:"parts"`
}

// A Part is a stretch of text as it stands in each of the three versions.
type Part struct {
	Kind   PartKind `json:"kind"`
	Base   string   `json:"base"`
	Ours   string   `json:"ours"`
	Theirs string   `json:"theirs"`
}

// A PartKind says who changed a part.
type PartKind string

// The kinds of part.
const (
	PartKept   PartKind = "kept"   // the same in all three
	PartOurs   PartKind = "ours"   // changed by us alone
	PartTheirs PartKind = "theirs" // changed by them alone
	PartBoth   PartKind = "both"   // changed by both, to the same words
	PartClash  PartKind = "clash"  // changed by both, to different words
)

// A WordChange is a run of text that two versions share or that one of them lacks.
type WordChange struct {
	Kind WordKind `json:"kind"`
	Text string   `json:"text"`
}

// A WordKind says which of two versions a run of text belongs to.
type WordKind string

// The kinds of run.
const (
	WordKept    WordKind = "kept"    // in both versions
	WordRemoved WordKind = "removed" // in the first only
	WordAdded   WordKind = "added"   // in the second only
)

// MergeWords merges two versions of a text that grew from the same base.
//
// Changes of the two authors are combined only where a whole unchanged word
// stands between them. Closer changes clash unless they are equal: half of one
// person's date or number joined to half of another's is a value nobody wrote.
// No words that either author added are left out of the result.
//
// Texts are compared token by token, so they should be in the same Unicode
// normal form. Any strings are accepted and the work is bounded: texts too
// far apart to compare are treated as rewritten between their common ends.
func MergeWords(base, ours, theirs string) Proposal {
	ids := make(map[string]int32)
	b := splitWords(base, ids)
	o, t := newWordSide(b, ours, ids), newWordSide(b, theirs, ids)

	p := Proposal{Clean: true, Parts: []Part{}}
	var text strings.Builder
	at := 0 // tokens of the base consumed
	emit := func(kind PartKind, end int) {
		part := Part{Kind: kind, Base: b.slice(at, end), Ours: o.upTo(end), Theirs: t.upTo(end)}
		at = end
		switch {
		case part.Base == "" && kind == PartKept:
			return
		case kind == PartClash && part.Ours == part.Theirs:
			part.Kind = PartBoth
		case kind == PartClash:
			p.Clean = false
		}
		p.Parts = append(p.Parts, part)
		text.WriteString(part.merged())
	}
	for len(o.hunks)+len(t.hunks) > 0 {
		end := min(o.next(), t.next())
		emit(PartKept, end)
		kind := PartKind("")
		for gathering := true; gathering; {
			switch {
			case o.join(&end):
				kind = kind.with(PartOurs)
			case t.join(&end):
				kind = kind.with(PartTheirs)
			default:
				gathering = false
			}
		}
		emit(kind, end)
	}
	emit(PartKept, b.len())
	p.Text = text.String()
	return p
}

// with returns the kind of a part that author changed too.
func (k PartKind) with(author PartKind) PartKind {
	if k == "" || k == author {
		return author
	}
	return PartClash
}

// merged returns what a part contributes to the text of a proposal.
func (p Part) merged() string {
	switch p.Kind {
	case PartTheirs:
		return p.Theirs
	case PartClash:
		last, _ := utf8.DecodeLastRuneInString(p.Ours)
		first, _ := utf8.DecodeRuneInString(p.Theirs)
		if p.Ours == "" || p.Theirs == "" || unicode.IsSpace(last) || unicode.IsSpace(first) {
			return p.Ours + p.Theirs
		}
		return p.Ours + " " + p.Theirs
	}
	return p.Ours
}

// DiffWords returns the runs of words that lead from a to b, in reading order,
// removed before added. Kept and removed runs joined give a; kept and added
// runs joined give b. Changes with no whole word between them are one change.
// It is bounded as MergeWords is.
func DiffWords(a, b string) []WordChange {
	ids := make(map[string]int32)
	from, to := splitWords(a, ids), splitWords(b, ids)
	runs := []WordChange{}
	emit := func(kind WordKind, text string) {
		if text != "" {
			runs = append(runs, WordChange{Kind: kind, Text: text})
		}
	}
	at := 0
	for _, h := range wordHunks(from, to) {
		emit(WordKept, from.slice(at, h.a0))
		emit(WordRemoved, from.slice(h.a0, h.a1))
		emit(WordAdded, to.slice(h.b0, h.b1))
		at = h.a1
	}
	emit(WordKept, from.slice(at, from.len()))
	return runs
}

// wordClass is the class of a token.
type wordClass byte

const (
	classWord  wordClass = iota // a run of letters, marks and digits
	classSpace                  // a run of white space
	classOther                  // one character of any other kind, or one byte that is not UTF-8
)

func classify(r rune) wordClass {
	switch {
	case unicode.In(r, unicode.L, unicode.M, unicode.Nd):
		return classWord
	case unicode.IsSpace(r):
		return classSpace
	}
	return classOther
}

// wordText is a text cut into tokens that leave nothing out.
type wordText struct {
	text  string
	start []int       // byte offset of each token, then len(text)
	class []wordClass // of each token
	id    []int32     // of each token; equal for equal tokens of texts split with the same map
}

// splitWords cuts text into tokens and numbers them through ids, which it extends.
func splitWords(text string, ids map[string]int32) wordText {
	w := wordText{text: text}
	for i, size := 0, 0; i < len(text); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(text[i:])
		class := classify(r)
		if n := len(w.class); n > 0 && class != classOther && w.class[n-1] == class {
			continue
		}
		w.start, w.class = append(w.start, i), append(w.class, class)
	}
	w.start = append(w.start, len(text))
	w.id = make([]int32, len(w.class))
	for i := range w.id {
		token := w.slice(i, i+1)
		id, known := ids[token]
		if !known {
			id = int32(len(ids))
			ids[token] = id
		}
		w.id[i] = id
	}
	return w
}

func (w wordText) len() int { return len(w.class) }

// slice returns the text of tokens i to j.
func (w wordText) slice(i, j int) string { return w.text[w.start[i]:w.start[j]] }

// separates reports whether a whole word lies among tokens i to j. A word
// with punctuation on both sides, such as the month in 16/12/2022, is a piece
// of something larger and does not count.
func (w wordText) separates(i, j int) bool {
	for ; i < j; i++ {
		open := i == 0 || w.class[i-1] == classSpace ||
			i+1 == w.len() || w.class[i+1] == classSpace
		if open && w.class[i] == classWord {
			return true
		}
	}
	return false
}

// wordSide is one author's version while it is merged.
type wordSide struct {
	wordText
	base  wordText
	hunks []hunk // changes not yet merged
	at    int    // tokens consumed
	shift int    // where the merged changes put a token, less its place in the base
}

func newWordSide(base wordText, text string, ids map[string]int32) *wordSide {
	w := splitWords(text, ids)
	return &wordSide{wordText: w, base: base, hunks: wordHunks(base, w)}
}

// next returns where in the base the next change begins.
func (s *wordSide) next() int {
	if len(s.hunks) == 0 {
		return s.base.len()
	}
	return s.hunks[0].a0
}

// join merges the next change, moving *end behind it, unless a whole word separates the two.
func (s *wordSide) join(end *int) bool {
	if len(s.hunks) == 0 || s.base.separates(*end, s.hunks[0].a0) {
		return false
	}
	h := s.hunks[0]
	s.hunks = s.hunks[1:]
	s.shift += (h.b1 - h.b0) - (h.a1 - h.a0)
	*end = max(*end, h.a1)
	return true
}

// upTo consumes what corresponds to the base before end, where no change is under way.
func (s *wordSide) upTo(end int) string {
	from := s.at
	s.at = end + s.shift
	return s.slice(from, s.at)
}

// hunk says that a[a0:a1] became b[b0:b1].
type hunk struct{ a0, a1, b0, b1 int }

// wordHunks returns the changes from a to b, joined where no whole word separates them.
func wordHunks(a, b wordText) []hunk {
	hunks, _ := diffTokens(a.id, b.id)
	joined := hunks[:0]
	for _, h := range hunks {
		if n := len(joined); n > 0 && !a.separates(joined[n-1].a1, h.a0) {
			joined[n-1].a1, joined[n-1].b1 = h.a1, h.b1
			continue
		}
		joined = append(joined, h)
	}
	return joined
}

// maxWordSteps bounds the comparison of two texts beyond their common ends: the
// diagonals visited and tokens matched, and so the memory, 4 bytes a diagonal.
// It allows for about 2,000 tokens added and removed. Minutes corrected by hand
// stay far below; a text rewritten from end to end reads better as one change anyway.
const maxWordSteps = 2 << 20

// diffTokens returns the fewest insertions and deletions that lead from a to b,
// in order, and the steps that finding them took. Beyond maxWordSteps it
// returns a single hunk between the common prefix and suffix.
func diffTokens(a, b []int32) (hunks []hunk, steps int) {
	prefix := 0
	for prefix < min(len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	aEnd, bEnd := len(a), len(b)
	for aEnd > prefix && bEnd > prefix && a[aEnd-1] == b[bEnd-1] {
		aEnd, bEnd = aEnd-1, bEnd-1
	}
	switch {
	case aEnd == prefix && bEnd == prefix:
		return nil, 0
	case aEnd == prefix || bEnd == prefix:
		return []hunk{{prefix, aEnd, prefix, bEnd}}, 0
	}
	trace, steps := searchEdits(a[prefix:aEnd], b[prefix:bEnd])
	if trace == nil {
		return []hunk{{prefix, aEnd, prefix, bEnd}}, steps
	}
	return traceHunks(trace, prefix, aEnd, bEnd), steps
}

// searchEdits runs the greedy search of Myers (1986). Entry d of the trace
// holds how far x was reached with d edits on each diagonal k = x-y from -d to
// d that d edits can end on, every other one, at index (k+d)/2. The last entry
// reached the end; the trace is nil if that took more than maxWordSteps.
func searchEdits(a, b []int32) (trace [][]int32, steps int) {
	for d := 0; ; d++ {
		reach := make([]int32, d+1)
		trace = append(trace, reach)
		for k := -d; k <= d; k += 2 {
			x := 0
			if d > 0 {
				x, _ = stepBack(trace[d-1], k)
			}
			y := x - k
			for steps++; x < len(a) && y < len(b) && a[x] == b[y]; steps++ {
				x, y = x+1, y+1
			}
			if reach[(k+d)/2] = int32(x); x >= len(a) && y >= len(b) {
				return trace, steps
			}
			if steps > maxWordSteps {
				return nil, steps
			}
		}
	}
}

// stepBack returns the furthest x on diagonal k one edit after reach, and the
// diagonal that the edit left: k+1 by an insertion or k-1 by a deletion.
func stepBack(reach []int32, k int) (x, from int) {
	left := (k+len(reach))/2 - 1 // index of diagonal k-1; that of k+1 follows
	if left < 0 || left+1 < len(reach) && reach[left] < reach[left+1] {
		return int(reach[left+1]), k + 1
	}
	return int(reach[left]) + 1, k - 1
}

// traceHunks walks a trace back from the end and returns its edits as hunks
// in order, adjoining edits as one. The texts compared began at token prefix.
func traceHunks(trace [][]int32, prefix, aEnd, bEnd int) []hunk {
	var hunks []hunk
	k := aEnd - bEnd
	for d := len(trace) - 1; d > 0; d-- {
		x, from := stepBack(trace[d-1], k)
		h := hunk{a0: prefix + x, a1: prefix + x, b0: prefix + x - k, b1: prefix + x - k}
		if from > k {
			h.b0--
		} else {
			h.a0--
		}
		if n := len(hunks); n > 0 && hunks[n-1].a0 == h.a1 && hunks[n-1].b0 == h.b1 {
			hunks[n-1].a0, hunks[n-1].b0 = h.a0, h.b0
		} else {
			hunks = append(hunks, h)
		}
		k = from
	}
	slices.Reverse(hunks)
	return hunks
}
