package sync

import "testing"

func FuzzMergeWords(f *testing.F) {
	for _, seed := range [][3]string{
		{"", "", ""},
		{"họp ngày 16/12/2022", "họp ngày 17/12/2022", "họp sáng ngày 16/12/2023"},
		{"một hai ba bốn năm", "một ba bốn năm", "một hai ba bốn"},
		{"a b\nc", "\xff a b c", "a\u0301 b, c"},
		{"! ! ! !", "! !", "! ! ! ! ! !"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, base, ours, theirs string) {
		checkMerge(t, base, ours, theirs)
		checkDiff(t, base, ours)
		checkDiff(t, ours, theirs)
	})
}
