package sync

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func ExampleMergeWords() {
	p := MergeWords(
		"Hội nghị có 8 đơn vị dự, bắt đầu lúc 14 giờ.",
		"Hội nghị có 7 đơn vị dự, bắt đầu lúc 14 giờ.",
		"Hội nghị có 8 đơn vị dự, bắt đầu lúc 14 giờ 30.",
	)
	fmt.Println(p.Clean, p.Text)
	for _, part := range p.Parts {
		if part.Kind != PartKept {
			fmt.Printf("%s: %q, %q, %q\n", part.Kind, part.Base, part.Ours, part.Theirs)
		}
	}
	// Output:
	// true Hội nghị có 7 đơn vị dự, bắt đầu lúc 14 giờ 30.
	// ours: "8", "7", "8"
	// theirs: "", "", " 30"
}

func ExampleDiffWords() {
	for _, run := range DiffWords("Tổng điểm 96,5 xếp nhì", "Tổng điểm 97,5 xếp nhất") {
		fmt.Printf("%s %q\n", run.Kind, run.Text)
	}
	// Output:
	// kept "Tổng điểm "
	// removed "96"
	// added "97"
	// kept ",5 xếp "
	// removed "nhì"
	// added "nhất"
}

func TestMergeOfTwoVersions(t *testing.T) {
	for _, c := range []struct {
		name, base, ours, theirs, text string
		clean                          bool
	}{
		{"distant words join", "một hai ba", "MỘT hai ba", "một hai BA", "MỘT hai BA", true},
		{"neighbouring words clash", "hai mươi người", "ba mươi người", "hai chục người", "ba mươi hai chục người", false},
		{"the same correction is one", "họp ngày 15", "họp ngày 16", "họp ngày 16", "họp ngày 16", true},
		{"different corrections are both kept", "có 8 đơn vị", "có 7 đơn vị", "có 9 đơn vị", "có 7 9 đơn vị", false},
		{"day and year of one date clash", "ngày 16/12/2022 họp", "ngày 17/12/2022 họp", "ngày 16/12/2023 họp", "ngày 17/12/2022 16/12/2023 họp", false},
		{"digit groups of one number clash", "đạt 33.776.500 lượt", "đạt 34.776.500 lượt", "đạt 33.776.900 lượt", "đạt 34.776.500 33.776.900 lượt", false},
		{"two sentences appended keep one space", "Họp.", "Họp. Sáng.", "Họp. Chiều.", "Họp. Sáng. Chiều.", false},
		{"deleting what another corrects clashes", "ai cũng đồng ý cả", "ai cũng cả", "ai cũng không đồng ý cả", "ai cũng không đồng ý cả", false},
		{"deleting it all keeps the other's words", "đồng ý", "", "không đồng ý", "không đồng ý", false},
		{"both write into an empty block", "", "sáng", "chiều", "sáng chiều", false},
		{"deletions of distant words join", "một hai ba bốn năm", "một ba bốn năm", "một hai ba bốn", "một ba bốn", true},
		{"an insertion beside a change clashes", "một hai ba", "một HAI ba", "một hai rưỡi ba", "một HAI hai rưỡi ba", false},
		{"nothing at all", "", "", "", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := MergeWords(c.base, c.ours, c.theirs)
			if p.Text != c.text || p.Clean != c.clean {
				t.Errorf("got %q, clean %v; want %q, clean %v", p.Text, p.Clean, c.text, c.clean)
			}
		})
	}
}

func TestProposalIsWrittenInLowerCaseWithoutNulls(t *testing.T) {
	for want, p := range map[string]Proposal{
		`{"text":"","clean":true,"parts":[]}`:                                                    MergeWords("", "", ""),
		`{"text":"b","clean":true,"parts":[{"kind":"ours","base":"a","ours":"b","theirs":"a"}]}`: MergeWords("a", "b", "a"),
	} {
		got, err := json.Marshal(p)
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
	if got, err := json.Marshal(DiffWords("", "")); err != nil || string(got) != "[]" {
		t.Errorf("got %s, %v; want []", got, err)
	}
}

func TestTokensAreWordsSpaceAndSinglePunctuation(t *testing.T) {
	got := tokens("Điểm:  96,5 %…\n\xff\xfeQuả\u0301 là\u00a0😀!!")
	want := []string{
		"Điểm", ":", "  ", "96", ",", "5", " ", "%", "…", "\n", "\xff", "\xfe",
		"Quả\u0301", " ", "là", "\u00a0", "😀", "!", "!",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTokensJoinedGiveTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText().Draw(t, "text")
		all := tokens(text)
		if got := strings.Join(all, ""); got != text {
			t.Fatalf("got %q from %q", got, text)
		}
		if slices.Contains(all, "") {
			t.Fatalf("empty token in %q", all)
		}
	})
}

func TestMergeLawsHoldForAnyThreeTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := anyText().Draw(t, "base")
		ours := editOf(base).Draw(t, "ours")
		theirs := editOf(base).Draw(t, "theirs")
		checkMerge(t, base, ours, theirs)
		checkDiff(t, base, ours)
		checkDiff(t, ours, theirs)
	})
}

func TestEditsWithAWholeWordBetweenThemJoin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 40).Draw(t, "words")
		var base, ours, theirs, both []string
		last, gap := 0, 1 // author of the last edit, words kept since
		for i := range n {
			word := fmt.Sprint("từ", i)
			author := rapid.IntRange(0, 2).Draw(t, "author")
			if author != 0 && author != last && gap == 0 {
				author = 0
			}
			version := [3]string{word, word, word}
			if author == 0 {
				gap++
			} else {
				version[author], last, gap = fmt.Sprint("sửa", i), author, 0
				version[0], word = word, version[author]
			}
			base, both = append(base, version[0]), append(both, word)
			ours, theirs = append(ours, version[1]), append(theirs, version[2])
		}
		p := MergeWords(strings.Join(base, " "), strings.Join(ours, " "), strings.Join(theirs, " "))
		if want := strings.Join(both, " "); !p.Clean || p.Text != want {
			t.Fatalf("got %q, clean %v; want %q", p.Text, p.Clean, want)
		}
	})
}

// TestDiffIsAShortestOne compares the search with the textbook table.
func TestDiffIsAShortestOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.Int32Range(0, 3), 0, 30)
		a, b := ids.Draw(t, "a"), ids.Draw(t, "b")
		hunks, _ := diffTokens(a, b)
		edits, aAt, bAt := 0, 0, 0
		for _, h := range hunks {
			if !slices.Equal(a[aAt:h.a0], b[bAt:h.b0]) {
				t.Fatalf("tokens before %v differ", h)
			}
			edits += h.a1 - h.a0 + h.b1 - h.b0
			aAt, bAt = h.a1, h.b1
		}
		if !slices.Equal(a[aAt:], b[bAt:]) {
			t.Fatalf("tokens after %v differ", hunks)
		}
		if want := editDistance(a, b); edits != want {
			t.Fatalf("%d edits in %v; want %d", edits, hunks, want)
		}
	})
}

func TestHostileTextsTakeBoundedWork(t *testing.T) {
	const size = 64 << 10
	random := func(seed uint32) string {
		signs := make([]byte, size)
		for i := range signs {
			seed = seed*1664525 + 1013904223
			signs[i] = "!?"[seed>>31]
		}
		return string(signs)
	}
	same := strings.Repeat("!", size-2000)
	for _, c := range []struct {
		name, a, b string
		stopped    bool
	}{
		{"nothing in common", strings.Repeat("a ", size/2), strings.Repeat("!", size), true},
		{"random signs", random(1), random(2), true},
		{"one sign over and over", "(" + same + "(", ")" + same + strings.Repeat("!", 1500) + ")", false},
		{"a word in place of a text", same, "một", true},
		{"equal", same, same, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ids := make(map[string]int32)
			a, b := splitWords(c.a, ids), splitWords(c.b, ids)
			hunks, steps := diffTokens(a.id, b.id)
			// The last diagonal visited may run to the end of the texts.
			if limit := maxWordSteps + size + 1; steps > limit {
				t.Errorf("%d steps; want at most %d", steps, limit)
			}
			if stopped := steps > maxWordSteps; stopped != c.stopped || stopped && len(hunks) != 1 {
				t.Errorf("stopped %v after %d steps with %d hunks", stopped, steps, len(hunks))
			}
			checkDiff(t, c.a, c.b)
		})
	}
}

// tb is what *testing.T and *rapid.T share.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkMerge asserts what holds for the merge of any three texts.
func checkMerge(t tb, base, ours, theirs string) {
	t.Helper()
	for _, c := range []struct{ law, ours, theirs, want string }{
		{"only theirs changed", base, theirs, theirs},
		{"only ours changed", ours, base, ours},
		{"both changed alike", ours, ours, ours},
	} {
		if p := MergeWords(base, c.ours, c.theirs); p.Text != c.want || !p.Clean {
			t.Fatalf("%s: got %q, clean %v; want %q", c.law, p.Text, p.Clean, c.want)
		}
	}

	p, swapped := MergeWords(base, ours, theirs), MergeWords(base, theirs, ours)
	if p.Clean != swapped.Clean || p.Clean && p.Text != swapped.Text || len(p.Parts) != len(swapped.Parts) {
		t.Fatalf("order of authors matters: %+v and %+v", p, swapped)
	}
	var all [3]string
	clean := true
	for i, part := range p.Parts {
		if part.Base+part.Ours+part.Theirs == "" {
			t.Fatalf("part %d of %+v is empty", i, p)
		}
		if want := kindOf(part); part.Kind != want {
			t.Fatalf("part %d of %+v should be %s", i, p, want)
		}
		all[0], all[1], all[2] = all[0]+part.Base, all[1]+part.Ours, all[2]+part.Theirs
		clean = clean && part.Kind != PartClash
	}
	if all != [3]string{base, ours, theirs} || clean != p.Clean {
		t.Fatalf("parts of %+v do not add up to %q, %q, %q", p, base, ours, theirs)
	}
	for _, version := range []string{ours, theirs} {
		rest := p.Text
		for _, run := range DiffWords(base, version) {
			if run.Kind != WordAdded {
				continue
			}
			_, after, found := strings.Cut(rest, run.Text)
			if !found {
				t.Fatalf("%q, added by an author, is not in its place in %q", run.Text, p.Text)
			}
			rest = after
		}
	}
}

// kindOf returns the kind that the texts of a part call for.
func kindOf(p Part) PartKind {
	switch {
	case p.Ours == p.Base && p.Theirs == p.Base:
		return PartKept
	case p.Theirs == p.Base:
		return PartOurs
	case p.Ours == p.Base:
		return PartTheirs
	case p.Ours == p.Theirs:
		return PartBoth
	}
	return PartClash
}

// checkDiff asserts what holds for the differences of any two texts.
func checkDiff(t tb, a, b string) {
	t.Helper()
	var from, to strings.Builder
	last := WordKind("")
	for _, run := range DiffWords(a, b) {
		if run.Text == "" || run.Kind == last || run.Kind == WordRemoved && last == WordAdded {
			t.Fatalf("run %q (%s) after a %s one", run.Text, run.Kind, last)
		}
		if last = run.Kind; last != WordAdded {
			from.WriteString(run.Text)
		}
		if last != WordRemoved {
			to.WriteString(run.Text)
		}
	}
	if from.String() != a || to.String() != b {
		t.Fatalf("runs give %q and %q; want %q and %q", from.String(), to.String(), a, b)
	}
}

func tokens(text string) []string {
	w := splitWords(text, make(map[string]int32))
	var all []string
	for i := range w.len() {
		all = append(all, w.slice(i, i+1))
	}
	return all
}

// anyText draws texts of few different tokens, which meet often, and any strings at all.
func anyText() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"họp", "điểm", "16", "/", ".", ", ", " ", "  ", "\n", "\xff", "u\u0301"})
	spaced := rapid.SampledFrom([]string{"họp ", "điểm ", "nhất ", "đơn ", "vị. "})
	return rapid.OneOf(rapid.String(), joined(piece), joined(spaced))
}

func joined(pieces *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(pieces, 0, 25), func(all []string) string { return strings.Join(all, "") })
}

// editOf draws versions of a text: other ones, and the same with a few tokens replaced.
func editOf(text string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		all := tokens(text)
		if len(all) == 0 || rapid.IntRange(0, 4).Draw(t, "rewrite") == 0 {
			return anyText().Draw(t, "rewritten")
		}
		for range rapid.IntRange(0, 3).Draw(t, "edits") {
			all[rapid.IntRange(0, len(all)-1).Draw(t, "at")] = rapid.SampledFrom([]string{"", " ", "nhì", "nhì ba", "họp"}).Draw(t, "becomes")
		}
		return strings.Join(all, "")
	})
}

// editDistance counts the fewest insertions and deletions from a to b.
func editDistance(a, b []int32) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			best := min(row[j], row[j+1]) + 1
			if a[i] == b[j] {
				best = diagonal
			}
			diagonal, row[j+1] = row[j+1], best
		}
	}
	return row[len(b)]
}
