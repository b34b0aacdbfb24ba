package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// One test for each row of the table of conflicts that really arise, with
// phones over real HTTP. The names read like the table.

const (
	novemberDay = "2022-11-21 08:00"
	firstSelf   = sync.Pointer("/entries/I-1/self")
	secondSelf  = sync.Pointer("/entries/I-2/self")
	firstBlock  = sync.Pointer("/minutes/b1/text")
)

func TestDifferentFieldsOrBlocksOfTheSameMinutesMerge(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a, b := c.staff("a", "u"), c.staff("b", "w")
	a.write(cluster(), key("meeting"), firstBlock, "Khai mạc lúc 8 giờ.")
	b.write(cluster(), key("meeting"), "/minutes/b2/text", "Thảo luận sôi nổi.")
	b.write(cluster(), key("meeting"), "/place", "Hội trường")
	a.sends(cluster(), sync.Applied, "")
	b.sends(cluster(), sync.Applied, "")
	for _, h := range []*hand{a, b} {
		body := h.sees(cluster(), key("meeting")).Body()
		if sync.Get(body, firstBlock) != "Khai mạc lúc 8 giờ." || sync.Get(body, "/minutes/b2/text") != "Thảo luận sôi nổi." || body["place"] != "Hội trường" {
			t.Errorf("a phone shows %v", body)
		}
	}
}

func TestSameBlockOfOpenMinutesWithDifferentTextWaitsForAPerson(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a, b := c.staff("a", "u"), c.staff("b", "w")
	a.write(cluster(), key("meeting"), firstBlock, "Khai mạc lúc 8 giờ.")
	b.write(cluster(), key("meeting"), firstBlock, "Đồng chí chủ tọa: Khai mạc.")
	a.sends(cluster(), sync.Applied, "")
	conflict := b.sends(cluster(), sync.Queued, sync.CodeChanged)
	if side(conflict, firstBlock) != "Đồng chí chủ tọa: Khai mạc." {
		t.Errorf("the conflict keeps %v", side(conflict, firstBlock))
	}
	if got := a.value(cluster(), key("meeting"), firstBlock); got != "Khai mạc lúc 8 giờ." {
		t.Errorf("the minutes say %v", got)
	}
	if open, err := a.client.Conflicts(); err != nil || len(open) != 1 {
		t.Errorf("the other phone sees %d conflicts, %v", len(open), err)
	}
	screen := c.officer().console()
	question := screen.asked(cluster(), key("meeting"))
	const merged = "Đồng chí chủ tọa: Khai mạc lúc 8 giờ."
	if p := question.Proposals; len(p) != 1 || p[0].Path != firstBlock || !p[0].Proposal.Clean || p[0].Proposal.Text != merged {
		t.Fatalf("proposed is %+v", p)
	}
	screen.decides(cluster(), question, map[string]any{"take": sync.TakeValue, "value": question.Proposals[0].Proposal.Text})
	for _, h := range []*hand{a, b} {
		if got := h.value(cluster(), key("meeting"), firstBlock); got != merged {
			t.Errorf("after the decision a phone shows %v", got)
		}
	}
}

func TestAttendanceExtendedOnTwoPhonesIsUnitedByPerson(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a, b := c.staff("a", "u"), c.staff("b", "w")
	somebody := sync.Object{"role": "member", "present": true}
	a.write(cluster(), key("meeting"), "/attendance/u-lanh-dao", somebody)
	a.write(cluster(), key("meeting"), "/attendance/thu-ky", somebody)
	b.write(cluster(), key("meeting"), "/attendance/w-lanh-dao", somebody)
	b.write(cluster(), key("meeting"), "/attendance/thu-ky", somebody)
	a.sends(cluster(), sync.Applied, "")
	b.sends(cluster(), sync.Merged, sync.CodeAlready)
	if got, _ := a.value(cluster(), key("meeting"), "/attendance").(sync.Object); len(got) != 3 {
		t.Errorf("attendance %v", got)
	}
}

func TestMinutesEditedAfterSigningAreRefusedAndOfferedAsAnAddendum(t *testing.T) {
	c := newCouncil(t, novemberDay)
	head, a := c.leader("head", "v"), c.staff("a", "u")
	head.step(cluster(), key("meeting"), "signed", "")
	a.write(cluster(), key("meeting"), firstBlock, "Khai mạc lúc 9 giờ.")
	head.sends(cluster(), sync.Applied, "")
	rejection := a.sends(cluster(), sync.Rejected, emulation.CodeMinutesSigned)
	if got := sync.Get(rejection.Body(), sync.Pointer("/edits/"+sync.PathKey(firstBlock)+"/now")); got != "Khai mạc lúc 9 giờ." {
		t.Errorf("the rejection keeps %v", got)
	}
	a.write(cluster(), key("meeting"), "/addenda/a1", sync.Object{"on": "2022-11-21", "text": "Khai mạc lúc 9 giờ."})
	a.sends(cluster(), sync.Applied, "")
}

func TestSameCriterionSelfScoredTwiceEquallyMerges(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a, b := c.staff("a", "u"), c.staff("b", "u")
	a.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	b.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	a.sends(deskOf("u"), sync.Applied, "")
	b.sends(deskOf("u"), sync.Merged, sync.CodeAlready)
}

func TestSameCriterionSelfScoredTwiceDifferentlyWaitsAndBlocksTheSubmission(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a, b := c.staff("a", "u"), c.leader("b", "u")
	a.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	b.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2600))
	a.sends(deskOf("u"), sync.Applied, "")
	conflict := b.sends(deskOf("u"), sync.Queued, sync.CodeChanged)
	if side(conflict, firstSelf) != int64(2600) || b.value(deskOf("u"), sheetOf("u"), firstSelf) != int64(2500) {
		t.Errorf("kept %v", side(conflict, firstSelf))
	}
	b.step(deskOf("u"), sheetOf("u"), "submitted", "")
	b.sends(deskOf("u"), sync.Rejected, emulation.CodeConflictOpen)
}

// submitted is a council whose unit u has submitted, with somebody who did not see it.
func submitted(t *testing.T) (c *council, leader, offline *hand) {
	t.Helper()
	c = newCouncil(t, novemberDay)
	leader, offline = c.leader("leader", "u"), c.staff("offline", "u")
	leader.step(deskOf("u"), sheetOf("u"), "submitted", "")
	leader.sends(deskOf("u"), sync.Applied, "")
	return c, leader, offline
}

func TestSelfScoreEditedAfterSubmissionIsRefusedUntilItIsWithdrawn(t *testing.T) {
	_, leader, offline := submitted(t)
	offline.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	offline.sends(deskOf("u"), sync.Rejected, emulation.CodeWithdrawFirst)
	leader.step(deskOf("u"), sheetOf("u"), "draft", "Chấm thiếu I.1")
	leader.sends(deskOf("u"), sync.Applied, "")
	offline.sync()
	offline.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	offline.sends(deskOf("u"), sync.Applied, "")
}

func TestWithdrawalWithoutAReasonIsRefused(t *testing.T) {
	_, leader, _ := submitted(t)
	leader.step(deskOf("u"), sheetOf("u"), "draft", "")
	leader.sends(deskOf("u"), sync.Rejected, sync.CodeReason)
}

// crossChecked is a council whose unit u was cross-checked at 9 o'clock, with
// somebody who did not see it and may have recorded something before.
func crossChecked(t *testing.T, before func(offline *hand)) (*council, *hand) {
	t.Helper()
	c, _, offline := submitted(t)
	head := c.leader("head", "v")
	before(offline)
	c.moveTo("2022-11-21 09:00")
	head.step(deskOf("u"), sheetOf("u"), "cross_checked", "")
	head.sends(deskOf("u"), sync.Applied, "")
	c.moveTo("2022-11-21 10:00")
	return c, offline
}

func TestSelfScoreMadeBeforeTheCrossCheckWaitsForAPerson(t *testing.T) {
	_, offline := crossChecked(t, func(h *hand) { h.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500)) })
	conflict := offline.sends(deskOf("u"), sync.Queued, emulation.CodeCrossCheckedSince)
	if side(conflict, firstSelf) != int64(2500) || offline.value(deskOf("u"), sheetOf("u"), firstSelf) != int64(2000) {
		t.Errorf("kept %v", side(conflict, firstSelf))
	}
}

func TestSelfScoreMadeAfterTheCrossCheckIsRefusedAndOfferedAsAnExplanation(t *testing.T) {
	for name, sees := range map[string]bool{"which its author had seen": true, "which its author had not seen": false} {
		t.Run(name, func(t *testing.T) {
			_, late := crossChecked(t, func(*hand) {})
			if sees {
				late.sync()
			}
			late.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
			rejection := late.sends(deskOf("u"), sync.Rejected, emulation.CodeCrossChecked)
			if got := sync.Get(rejection.Body(), sync.Pointer("/edits/"+sync.PathKey(firstSelf)+"/now")); got != int64(2500) {
				t.Errorf("the rejection keeps %v", got)
			}
			late.write(deskOf("u"), sheetOf("u"), "/entries/I-1/explanation", "Còn thiếu số liệu quý IV.")
			late.sends(deskOf("u"), sync.Applied, "")
			if got := late.value(deskOf("u"), sheetOf("u"), firstSelf); got != int64(2000) {
				t.Errorf("the sheet says %v", got)
			}
		})
	}
}

func TestSelfScoreMadeAfterTheCrossCheckByAClockNobodyBelievesWaits(t *testing.T) {
	_, offline := crossChecked(t, func(*hand) {})
	offline.behind = 2 * time.Hour
	offline.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	if got := side(offline.sends(deskOf("u"), sync.Queued, emulation.CodeCrossCheckedSince), firstSelf); got != int64(2500) {
		t.Errorf("kept %v", got)
	}
}

func review(unit string, cross int64) sync.Object {
	return sync.Object{
		"sheet": string(sheetOf(unit)), "sheet_version": int64(1), "unit": string(key(unit)), "period": string(key("2022")), "cluster": string(key("c")),
		"criteria": string(key("criteria-1")), "entries": sync.Object{"I-1": sync.Object{"cross": cross}},
	}
}

func TestHeadAndDeputyCrossCheckingTheSameEntryDifferentlyWaits(t *testing.T) {
	c, _, _ := submitted(t)
	head, deputy := c.staff("head", "v"), c.staff("deputy", "w")
	id := emulation.ReviewID(sheetOf("u"))
	head.create(clusterDesk(), emulation.TypeReview, id, review("u", 1900))
	deputy.create(clusterDesk(), emulation.TypeReview, id, review("u", 1800))
	head.sends(clusterDesk(), sync.Applied, "")
	conflict := deputy.sends(clusterDesk(), sync.Queued, sync.CodeChanged)
	if got := side(conflict, "/entries/I-1/cross"); got != int64(1800) {
		t.Errorf("kept %v", got)
	}
	if got := deputy.value(clusterDesk(), id, "/entries/I-1/cross"); got != int64(1900) {
		t.Errorf("the review says %v", got)
	}
}

func TestTheHeadsSheetIsCrossCheckedByTheDeputyOnly(t *testing.T) {
	c := newCouncil(t, novemberDay)
	head, deputy := c.staff("head", "v"), c.staff("deputy", "w")
	id := emulation.ReviewID(sheetOf("v"))
	head.create(clusterDesk(), emulation.TypeReview, id, review("v", 3000))
	head.sends(clusterDesk(), sync.Rejected, emulation.CodeOwnSheet)
	deputy.create(clusterDesk(), emulation.TypeReview, id, review("v", 1800))
	deputy.sends(clusterDesk(), sync.Applied, "")
}

func TestEditAfterTheLockIsRefusedAsLate(t *testing.T) {
	c, _, offline := submitted(t)
	head, officer := c.leader("head", "v"), c.officer()
	offline.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	head.step(deskOf("u"), sheetOf("u"), "cross_checked", "")
	head.sends(deskOf("u"), sync.Applied, "")
	for _, to := range []string{"verified", "locked"} {
		officer.sync()
		officer.step(deskOf("u"), sheetOf("u"), to, "")
		officer.sends(deskOf("u"), sync.Applied, "")
	}
	offline.sends(deskOf("u"), sync.Rejected, emulation.CodeLate)
}

func TestMadeBeforeTheDeadlineAndReceivedWithinGraceCounts(t *testing.T) {
	c := newCouncil(t, "2022-12-01 20:00")
	a := c.staff("a", "u")
	a.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	c.moveTo("2022-12-04 20:00")
	a.sends(deskOf("u"), sync.Applied, "")
}

func TestMadeBeforeTheDeadlineAndReceivedAfterGraceWaits(t *testing.T) {
	c := newCouncil(t, "2022-12-01 20:00")
	a := c.staff("a", "u")
	a.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	c.moveTo("2022-12-05 00:30")
	if got := side(a.sends(deskOf("u"), sync.Queued, emulation.CodeAfterGrace), firstSelf); got != int64(2500) {
		t.Errorf("kept %v", got)
	}
}

func TestMadeBeforeTheDeadlineByAClockNobodyBelievesWaits(t *testing.T) {
	c := newCouncil(t, "2022-11-21 20:00")
	a := c.staff("a", "u")
	c.moveTo("2022-12-01 08:00")
	a.behind = 2 * time.Hour
	a.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	c.moveTo("2022-12-02 08:00")
	a.sends(deskOf("u"), sync.Queued, emulation.CodeClockDoubtful)
}

func TestMadeAfterTheDeadlineIsLate(t *testing.T) {
	c := newCouncil(t, "2022-12-02 08:00")
	a := c.staff("a", "u")
	a.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	a.sends(deskOf("u"), sync.Rejected, emulation.CodeLate)
}

func TestTheSameMeetingCreatedTwiceIsKeptTwiceAndAskedAbout(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a, b, head := c.staff("a", "u"), c.staff("b", "w"), c.staff("head", "v")
	held := func(title string) sync.Object {
		return sync.Object{"kind": "mid_year", "title": title, "held_on": "2022-07-08"}
	}
	first := a.create(cluster(), emulation.TypeMeeting, "", held("Sơ kết 6 tháng"))
	second := b.create(cluster(), emulation.TypeMeeting, "", held("Hội nghị sơ kết"))
	a.sends(cluster(), sync.Applied, "")
	b.sends(cluster(), sync.Applied, "")
	if a.sees(cluster(), first) == nil || a.sees(cluster(), second) == nil {
		t.Fatal("one of them is gone")
	}
	c.must(c.srv.hub.Derive(t.Context()))
	question, _ := head.value(clusterDesk(), emulation.DuplicatesID(cluster()), "/groups/mid_year-2022-07-08/meetings").(sync.Object)
	if question[string(first)] == nil || question[string(second)] == nil || len(question) != 2 {
		t.Fatalf("asked about %v", question)
	}
	b.write(cluster(), second, "/distinct", true) // keep
	b.sends(cluster(), sync.Applied, "")
	c.must(c.srv.hub.Derive(t.Context()))
	if head.sees(clusterDesk(), emulation.DuplicatesID(cluster())) != nil {
		t.Error("it is still asked")
	}
}

func TestDeletedHereEditedThereTheEditSurvivesAndWaits(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a, b := c.staff("a", "u"), c.staff("b", "u")
	a.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	c.must(b.client.Delete(deskOf("u"), sheetOf("u")))
	a.sends(deskOf("u"), sync.Applied, "")
	b.sends(deskOf("u"), sync.Queued, sync.CodeDeletedEdited)
	if got := b.value(deskOf("u"), sheetOf("u"), firstSelf); got != int64(2500) {
		t.Errorf("the sheet says %v", got)
	}
}

func TestDeletedThereFirstTheEditIsKeptAndWaits(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a, b := c.staff("a", "u"), c.staff("b", "u")
	c.must(b.client.Delete(deskOf("u"), sheetOf("u")))
	a.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	b.sends(deskOf("u"), sync.Applied, "")
	if got := side(a.sends(deskOf("u"), sync.Queued, sync.CodeDeletedEdited), firstSelf); got != int64(2500) {
		t.Errorf("kept %v", got)
	}
}

func TestAnUntouchedDraftJustGoes(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a, b := c.staff("a", "u"), c.staff("b", "u")
	c.must(b.client.Delete(deskOf("u"), sheetOf("u")))
	b.sends(deskOf("u"), sync.Applied, "")
	if a.sees(deskOf("u"), sheetOf("u")) != nil {
		t.Error("it is still there")
	}
}

// replaced is a council where somebody scores offline while the criteria are
// replaced: the first criterion stays as it was, the second has another maximum.
func replaced(t *testing.T, score func(offline *hand)) (*council, *hand) {
	t.Helper()
	c := newCouncil(t, novemberDay)
	offline := c.staff("offline", "u")
	score(offline)
	c.criteria(2, 3000, 5000)
	sheet := c.staff("office", "u").sees(deskOf("u"), sheetOf("u")).Body()
	former := sync.Object{"criteria": string(key("criteria-1")), "self": int64(3500)}
	sheet = sync.Set(sync.Set(sync.Set(sheet, "/criteria", string(key("criteria-2"))), secondSelf, nil), "/entries/I-2/former", former)
	c.put(deskOf("u"), emulation.TypeSheet, sheetOf("u"), sheet)
	return c, offline
}

func TestCriteriaReplacedWhileASheetIsFilledTheSameCriterionMerges(t *testing.T) {
	_, offline := replaced(t, func(h *hand) { h.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500)) })
	offline.sends(deskOf("u"), sync.Applied, "")
}

func TestCriteriaReplacedWhileASheetIsFilledAChangedOneIsKeptAndAskedForAgain(t *testing.T) {
	c, offline := replaced(t, func(h *hand) { h.write(deskOf("u"), sheetOf("u"), secondSelf, int64(3600)) })
	if got := side(offline.sends(deskOf("u"), sync.Queued, emulation.CodeCriteriaReplaced), secondSelf); got != int64(3600) {
		t.Errorf("kept %v", got)
	}
	if got := offline.value(deskOf("u"), sheetOf("u"), "/entries/I-2/former/self"); got != int64(3500) {
		t.Errorf("the former points are %v", got)
	}
	leader := c.leader("leader", "v") // without a question open it is the missing points that hold it up
	sheet := sync.Set(leader.sees(deskOf("v"), sheetOf("v")).Body(), "/criteria", string(key("criteria-2")))
	sheet = sync.Set(sync.Set(sheet, secondSelf, nil), "/entries/I-2/former", sync.Object{"criteria": string(key("criteria-1")), "self": int64(3500)})
	c.put(deskOf("v"), emulation.TypeSheet, sheetOf("v"), sheet)
	leader.sync()
	leader.step(deskOf("v"), sheetOf("v"), "submitted", "")
	leader.sends(deskOf("v"), sync.Rejected, emulation.CodeReenter)
	leader.write(deskOf("v"), sheetOf("v"), secondSelf, int64(4800))
	leader.step(deskOf("v"), sheetOf("v"), "submitted", "")
	leader.sends(deskOf("v"), sync.Applied, "")
}

func TestCriteriaReplacedUnderACrossCheckedSheetWait(t *testing.T) {
	c, offline := crossChecked(t, func(h *hand) { h.write(deskOf("u"), sheetOf("u"), secondSelf, int64(3600)) })
	c.criteria(2, 3000, 5000)
	var report struct{ Sheets []emulation.Migration }
	c.admin().console().call(http.MethodPost, fmt.Sprintf("/v1/criteria/%s/migrate", key("criteria-2")), map[string]any{
		"period": key("2022"), "from": key("criteria-1"), "reason": "Ban hành bộ tiêu chí mới",
	}, &report)
	outcomes := map[sync.DocID]string{}
	for _, m := range report.Sheets {
		outcomes[m.Unit] = m.Outcome
	}
	if outcomes[key("u")] != emulation.MigratedQueued || outcomes[key("v")] != emulation.MigratedReentry {
		t.Fatalf("reported %v", outcomes)
	}
	officer := c.officer()
	stands := func(criteria string, second sync.Value) {
		t.Helper()
		body := officer.sees(deskOf("u"), sheetOf("u")).Body()
		if body["criteria"] != string(key(criteria)) || sync.Get(body, firstSelf) != int64(2000) || sync.Get(body, secondSelf) != second || body["state"] != "cross_checked" {
			t.Fatalf("the sheet is %v", body)
		}
	}
	stands("criteria-1", int64(3500))
	officer.step(deskOf("u"), sheetOf("u"), "verified", "")
	officer.sends(deskOf("u"), sync.Rejected, emulation.CodeConflictOpen)
	screen := officer.console()
	screen.decides(deskOf("u"), screen.asked(deskOf("u"), sheetOf("u")), map[string]any{"take": sync.TakeSide, "side": key("criteria-2")})
	stands("criteria-2", nil)
	if got := side(offline.sends(deskOf("u"), sync.Queued, emulation.CodeCriteriaReplaced), secondSelf); got != int64(3600) {
		t.Errorf("kept %v", got)
	}
	stands("criteria-2", nil)
}

func TestRightExpiredOnTheWayWaitsIfItWasValidWhenMadeElseIsRefused(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a := c.phone("a", sync.Grant{Role: emulation.UnitStaff, Subject: sync.ID(key("u")), To: onDay("2022-11-23 00:00")})
	a.write(deskOf("u"), sheetOf("u"), firstSelf, int64(2500))
	c.moveTo("2022-11-22 08:00")
	a.write(deskOf("u"), sheetOf("u"), secondSelf, int64(3600))
	c.moveTo("2022-11-24 08:00")
	a.write(deskOf("u"), sheetOf("u"), "/note", "muộn")
	if report := a.sync(); report.Conflicts() != 2 || report.Rejections() != 1 {
		t.Errorf("%+v", report)
	}
	owner := c.leader("b", "u")
	open, err := owner.client.Conflicts()
	c.must(err)
	if len(open) != 1 || side(open[0], firstSelf) != int64(2500) || side(open[0], secondSelf) != int64(3600) {
		t.Errorf("the unit sees %v", open)
	}
	if got := owner.value(deskOf("u"), sheetOf("u"), firstSelf); got != int64(2000) {
		t.Errorf("the sheet says %v", got)
	}
}

func TestTermOverOnNewYearsDayWhatItsHeadMadeBeforeWaits(t *testing.T) {
	c, _, _ := submitted(t)
	head := c.staff("head", "v")
	c.moveTo("2022-12-31 20:00")
	head.sync()
	head.create(clusterDesk(), emulation.TypeReview, emulation.ReviewID(sheetOf("u")), review("u", 1900))
	c.moveTo("2023-01-01 08:00")
	if report := head.sync(); report.Conflicts() != 1 {
		t.Errorf("%+v", report)
	}
	head.create(clusterDesk(), emulation.TypeReview, emulation.ReviewID(sheetOf("w")), review("w", 1900))
	if report := head.sync(); report.Rejections() != 1 {
		t.Errorf("%+v", report)
	}
}

func TestTwoPeopleSubmitTheSameSheetTheSecondIsToldItWasSubmitted(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a, b := c.leader("a", "u"), c.leader("b", "u")
	a.step(deskOf("u"), sheetOf("u"), "submitted", "")
	b.step(deskOf("u"), sheetOf("u"), "submitted", "")
	a.sends(deskOf("u"), sync.Applied, "")
	b.sends(deskOf("u"), sync.Merged, emulation.CodeAlreadySubmitted)
}

func TestRankingAgreedAtTheConferenceAndTheComputedOneBothStandAndWait(t *testing.T) {
	c := newCouncil(t, novemberDay)
	head := c.leader("head", "v")
	row := func(rank int64) sync.Object { return sync.Object{"scored": true, "score": 5500 - rank, "rank": rank} }
	body := sync.Object{
		"cluster": string(key("c")), "period": string(key("2022")), "seq": int64(1), "meeting": string(key("meeting")),
		"rows":   sync.Object{string(key("u")): row(1), string(key("v")): row(2), string(key("w")): row(3)},
		"agreed": sync.Object{string(key("u")): sync.Object{"rank": int64(2)}, string(key("v")): sync.Object{"rank": int64(1)}, string(key("w")): sync.Object{"rank": int64(3)}},
	}
	unfounded := sync.Set(body, "/meeting", nil)
	head.create(cluster(), emulation.TypeRanking, "", unfounded)
	head.sends(cluster(), sync.Rejected, emulation.CodeMinutesMissing)
	id := head.create(cluster(), emulation.TypeRanking, "", body)
	head.sends(cluster(), sync.Applied, "")
	head.step(cluster(), id, "announced", "")
	conflict := head.sends(cluster(), sync.Queued, emulation.CodeRankingDiffers)
	member := c.staff("member", "u")
	if got := member.sees(cluster(), id).Body(); got["agreed"] == nil || got["rows"] == nil || got["state"] != nil {
		t.Errorf("the members see %v", got)
	}
	admin := hub.Caller{Author: sync.Author{Person: "admin", Grants: []sync.Grant{{Role: emulation.Admin}}}}
	sides, _ := sync.Get(conflict.Body(), sync.Pointer("/items/"+sync.PathKey("/state")+"/sides")).(sync.Object)
	for mutation := range sides {
		_, err := c.srv.hub.Resolve(t.Context(), admin, cluster(), sync.Decision{
			Conflict: conflict.ID, Version: conflict.Version, Reason: "Theo biên bản, giữ kết quả tính điểm.",
			Choices: map[sync.Pointer]sync.Choice{"/state": {Take: sync.TakeSide, Side: sync.MutationID(mutation)}},
		})
		c.must(err)
	}
	if got := member.value(cluster(), id, "/state"); got != "announced" {
		t.Errorf("after the decision it is %v", got)
	}
}

func TestBallotTallyEditedAfterCloseIsRefused(t *testing.T) {
	c := newCouncil(t, novemberDay)
	a, b := c.staff("a", "u"), c.staff("b", "w")
	tally := func(yes int64) sync.Object {
		return sync.Object{"for": yes, "against": 3 - yes, "abstain": int64(0), "invalid": int64(0), "returned": int64(3), "issued": int64(3)}
	}
	a.write(cluster(), key("meeting"), "/ballots/flag", sync.Object{"kind": "award", "subject": "Cờ thi đua", "unit": string(key("u")), "tally": tally(3)})
	a.sends(cluster(), sync.Applied, "")
	b.sync()
	a.write(cluster(), key("meeting"), "/ballots/flag/closed", true)
	a.sends(cluster(), sync.Applied, "")
	b.write(cluster(), key("meeting"), "/ballots/flag/tally", tally(2))
	b.sends(cluster(), sync.Rejected, emulation.CodeBallotClosed)
	b.write(cluster(), key("meeting"), "/ballots/flag/closed", nil)
	b.sends(cluster(), sync.Rejected, emulation.CodeBallotClosed)
}
