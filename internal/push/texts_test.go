package push

import (
	"strings"
	"testing"
	"time"

	"thidua/internal/emulation"
)

// arguments returns what a notice of a kind has to fill in, as its constant says.
func arguments(kind string) map[string]int64 {
	switch kind {
	case emulation.NoticeSheetDue, emulation.NoticeSheetOverdue, emulation.NoticeSheetEscalated:
		return map[string]int64{"done": 1234, "all": 33776}
	case emulation.NoticeCrossCheckDue, emulation.NoticeCrossCheckOverdue:
		return map[string]int64{"left": 7}
	case emulation.NoticeOfficialDiffers, emulation.NoticeConflictsOpen, emulation.NoticeUnsynced:
		return map[string]int64{"n": 3}
	case emulation.NoticeTermHandover:
		return map[string]int64{"year": 2027}
	}
	return nil
}

// dated are the kinds that always name a day; of the others some may.
func dated(kind string) bool {
	switch kind {
	case emulation.NoticeOfficialDiffers, emulation.NoticeCriteriaChanged, emulation.NoticeRankingAnnounced, emulation.NoticePeriodReopened,
		emulation.NoticeConflictSettled, emulation.NoticeRejectionKept, emulation.NoticeConflictsOpen, emulation.NoticeUnsynced, kindTest,
		emulation.NoticeSheetReturned, emulation.NoticeCrossCheckAssigned, emulation.NoticeExplanationRequested:
		return false
	}
	return true
}

func loaded(t *testing.T) *texts {
	t.Helper()
	all, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryKindSaysEverythingInBothLanguages(t *testing.T) {
	all := loaded(t)
	day := time.Date(2026, 12, 20, 3, 0, 0, 0, time.UTC)
	for _, kind := range append(emulation.Kinds(), kindTest) {
		days := []string{"2026-12-20"}
		if !dated(kind) {
			days = append(days, "")
		}
		said := map[string]string{}
		for _, lang := range languages() {
			for _, day14 := range days {
				for _, before := range []int{0, 1, 14, -1} {
					n := emulation.Notice{Kind: kind, Day: day14, Args: arguments(kind)}
					s, err := all.of(n, lang, day.AddDate(0, 0, -before).UnixMilli())
					if err != nil {
						t.Errorf("%s, day %q: %v", kind, day14, err)
						continue
					}
					for _, part := range []string{s.title, s.body} {
						if part == "" || strings.Contains(part, "{{") || strings.Contains(part, "<no value>") || strings.Contains(part, "  ") || strings.Contains(part, "()") {
							t.Errorf("%s in %s, day %q, %d days before: %q", kind, lang, day14, before, part)
						}
					}
					if dated(kind) && !strings.Contains(s.body, "20/12/2026") {
						t.Errorf("%s in %s does not name its day: %q", kind, lang, s.body)
					}
					said[lang] = s.body
				}
			}
		}
		if said["vi"] == said["en"] {
			t.Errorf("%s says the same in both languages: %q", kind, said["vi"])
		}
	}
}

func TestDatesAndNumbersReadAsPeopleWriteThem(t *testing.T) {
	all := loaded(t)
	n := emulation.Notice{Kind: emulation.NoticeSheetDue, Day: "2026-12-20", Args: arguments(emulation.NoticeSheetDue)}
	noon := time.Date(2026, 12, 19, 5, 0, 0, 0, time.UTC).UnixMilli()
	for lang, want := range map[string]string{
		"vi": "Còn 1 ngày đến hạn nộp bảng tự chấm điểm (20/12/2026). Đã chấm 1.234/33.776 tiêu chí.",
		"en": "1 day to the self-score deadline (20/12/2026). 1.234/33.776 criteria done.",
	} {
		if s, err := all.of(n, lang, noon); err != nil || s.body != want {
			t.Errorf("%s: %q, %v", lang, s.body, err)
		}
	}
}

func TestAPlaceholderThatIsNotFilledIsAnError(t *testing.T) {
	if _, err := loaded(t).of(emulation.Notice{Kind: emulation.NoticeSheetDue, Day: "2026-12-20"}, "vi", 0); err == nil {
		t.Error("half a sentence was told")
	}
	if _, err := loaded(t).of(emulation.Notice{Kind: "nothing"}, "en", 0); err == nil {
		t.Error("a kind without texts was told")
	}
}
