package main

import (
	"encoding/binary"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// The rows of the table of conflicts that are settled in the office, over the
// same HTTP.

// office signs somebody in at a desk.
func (c *council) office(login string, grants ...sync.Grant) *office {
	c.t.Helper()
	o := &office{url: c.url, login: login, password: "mat-khau-cua-" + login}
	_, err := c.srv.auth.AddPerson(c.t.Context(), operator, hub.Person{Login: login, Name: login, Grants: grants}, o.password)
	c.must(err)
	c.signIn(o)
	return o
}

// signIn gives an office a new session: its access ends as days go by.
func (c *council) signIn(o *office) {
	c.t.Helper()
	var session struct{ Access string }
	device := sync.MakeID(c.now().UnixMilli(), 0, binary.BigEndian.Uint64([]byte(key(o.login))))
	o.access = ""
	c.must(o.call(c.t.Context(), http.MethodPost, "/v1/sign-in", map[string]any{"login": o.login, "password": o.password, "device": device, "platform": "web"}, &session))
	o.access = session.Access
}

// waiting returns the open conflicts about a document as an office sees them,
// after what follows from the last changes was derived.
func (c *council) waiting(o *office, about sync.DocID) (found []conflictView) {
	c.t.Helper()
	c.must(c.srv.hub.Derive(c.t.Context()))
	all, err := o.list(c.t.Context())
	c.must(err)
	for _, v := range all {
		if v.Body.About == about {
			found = append(found, v)
		}
	}
	return found
}

// moved is the council after unit u went over to cluster d, which x heads, on
// 23 November.
func moved(t *testing.T) *council {
	t.Helper()
	c, _, _ := submitted(t)
	c.put(sync.Org, emulation.TypeUnit, key("x"), sync.Object{"code": "x", "names": sync.Object{"n": sync.Object{"name": "Đơn vị x"}}})
	c.member("x", "d", "2022-01-01", "")
	c.put(sync.Org, emulation.TypeTerm, emulation.TermID(key("d"), 2022), sync.Object{"cluster": string(key("d")), "year": int64(2022), "head": string(key("x"))})
	return c
}

func (c *council) moves() {
	c.member("u", "c", "2022-01-01", "2022-11-22")
	c.member("u", "d", "2022-11-23", "")
	c.moveTo("2022-11-24 08:00")
}

func TestUnitMovedMidPeriodTheOldHeadsEditsAreRefusedAndItsSheetStays(t *testing.T) {
	c := moved(t)
	head := c.leader("head", "v")
	before := head.create(clusterDesk(), emulation.TypeReview, emulation.ReviewID(sheetOf("u")), review("u", 1900))
	head.sends(clusterDesk(), sync.Applied, "")
	head.write(clusterDesk(), before, "/entries/I-1/cross", int64(1800)) // offline, while it was a member
	c.moves()
	head.sends(clusterDesk(), sync.Rejected, emulation.CodeUnitMoved)
	head.write(clusterDesk(), before, "/entries/I-1/reason", "Xem lại.")
	head.sends(clusterDesk(), sync.Rejected, emulation.CodeUnitMoved)
	staff := c.staff("staff", "u")
	if got := staff.value(deskOf("u"), sheetOf("u"), "/cluster"); got != string(key("c")) {
		t.Errorf("the sheet is with cluster %v", got)
	}
}

func TestUnitMovedMidPeriodAnAdminMayTransferItsSheetToTheNewHead(t *testing.T) {
	c := moved(t)
	oldHead, admin := c.leader("old", "v"), c.office("admin", sync.Grant{Role: emulation.Admin})
	transfer := func(o *office) error {
		var sheet struct{ Version int64 }
		return o.call(t.Context(), http.MethodPost, "/v1/units/"+string(key("u"))+"/transfer", map[string]any{"period": key("2022"), "cluster": key("d"), "reason": "Theo quyết định điều chuyển"}, &sheet)
	}
	refused := func(err error, code sync.Code) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), `"code":"`+string(code)+`"`) {
			t.Errorf("%v, want %s", err, code)
		}
	}
	refused(transfer(admin), emulation.CodeNotMember) // it has not moved yet
	oldHead.create(clusterDesk(), emulation.TypeReview, emulation.ReviewID(sheetOf("u")), review("u", 1900))
	c.moves()
	oldHead.sends(clusterDesk(), sync.Rejected, emulation.CodeUnitMoved)
	c.signIn(admin)
	refused(transfer(c.office("officer", sync.Grant{Role: emulation.Officer, Subject: sync.ID(key("d"))})), hub.CodeForbidden)
	ranked := func(of string) map[sync.DocID]bool {
		t.Helper()
		var view struct{ Ranking emulation.Ranking }
		c.must(admin.call(t.Context(), http.MethodGet, "/v1/rankings?cluster="+string(key(of))+"&period="+string(key("2022")), nil, &view))
		rows := map[sync.DocID]bool{}
		for _, r := range view.Ranking.Rows {
			rows[r.Unit] = r.Score != nil
		}
		return rows
	}
	if c, d := ranked("c"), ranked("d"); !c[key("u")] || len(c) != 3 || len(d) != 1 {
		t.Errorf("before the transfer: %v and %v", c, d)
	}
	for range 2 { // again is a success
		c.must(transfer(admin))
	}
	if c, d := ranked("c"), ranked("d"); len(c) != 2 || !d[key("u")] || len(d) != 2 {
		t.Errorf("after the transfer: %v and %v", c, d)
	}
	newHead, desk := c.leader("new", "x"), sync.ClusterDesk(key("d"))
	newHead.create(desk, emulation.TypeReview, emulation.ReviewID(sheetOf("u")), sync.Set(review("u", 1900), "/cluster", string(key("d"))))
	newHead.sends(desk, sync.Applied, "")
	newHead.step(deskOf("u"), sheetOf("u"), "cross_checked", "")
	newHead.sends(deskOf("u"), sync.Applied, "")
}

// reopening is a council whose head has announced a ranking and proposed unit u
// for the flag on it, and whose period was closed.
func reopening(t *testing.T) (c *council, head *hand, ranking, proposal sync.DocID) {
	t.Helper()
	c = newCouncil(t, novemberDay)
	head = c.leader("head", "v")
	ranking = head.create(cluster(), emulation.TypeRanking, "", rankingNo(1))
	flag := flagFor("u", 1)
	flag["ranking"] = string(ranking)
	proposal, _ = emulation.KeyOf(emulation.TypeAward, flag)
	head.create(clusterDesk(), emulation.TypeAward, proposal, flag)
	head.step(clusterDesk(), proposal, "voted", "")
	head.sends(clusterDesk(), sync.Applied, "")
	return c, head, ranking, proposal
}

func rankingNo(seq int64) sync.Object {
	return sync.Object{"cluster": string(key("c")), "period": string(key("2022")), "seq": seq, "state": "announced"}
}

func flagFor(unit string, place int64) sync.Object {
	return sync.Object{
		"cluster": string(key("c")), "period": string(key("2022")), "unit": string(key(unit)), "form": "emulation_flag", "authority": "provincial_committee",
		"recipients": "collective", "count": int64(1), "place": place,
	}
}

// reopens closes the period and opens it again.
func (c *council) reopens(admin *hand) {
	c.t.Helper()
	period := admin.sees(sync.Org, key("2022")).Body()
	c.put(sync.Org, emulation.TypePeriod, key("2022"), sync.Set(period, "/state", "closed"))
	admin.sync()
	admin.step(sync.Org, key("2022"), "open", "Có đơn vị chấm sai")
	admin.sends(sync.Org, sync.Rejected, emulation.CodeReopenUncounted)
	c.must(admin.client.Transition(sync.Org, key("2022"), func(b sync.Object) sync.Object {
		return sync.Set(sync.Set(sync.Set(b, "/state", "open"), "/state_reason", "Có đơn vị chấm sai"), "/reopened", int64(1))
	}))
	admin.sends(sync.Org, sync.Applied, "")
}

func TestPeriodReopenedAfterARankingMakesItStaleAndItsProposalsAreAskedAbout(t *testing.T) {
	c, head, first, proposal := reopening(t)
	officer := c.office("officer", sync.Grant{Role: emulation.Officer, Subject: sync.ID(key("c"))})
	if got := c.waiting(officer, proposal); len(got) != 0 {
		t.Fatalf("asked while the ranking stands: %+v", got)
	}
	c.reopens(c.admin())
	open := c.waiting(officer, proposal)
	if len(open) != 1 || open[0].Scope != clusterDesk() {
		t.Fatalf("asked %+v", open)
	}
	for _, item := range open[0].Body.Items {
		if item.Code != emulation.CodeRankingStale {
			t.Errorf("%s is asked about with %s", item.Path, item.Code)
		}
	}
	if head.sync(); head.sees(clusterDesk(), open[0].ID) == nil {
		t.Error("the head does not see it")
	}
	if others := c.waiting(c.office("stranger", sync.Grant{Role: emulation.Officer, Subject: sync.ID(key("d"))}), proposal); len(others) != 0 {
		t.Errorf("another cluster's officer sees %v", others)
	}
	head.step(cluster(), first, "submitted", "")
	head.sends(cluster(), sync.Rejected, emulation.CodeRankingStale)
	head.step(clusterDesk(), proposal, "proposed", "")
	head.sends(clusterDesk(), sync.Rejected, emulation.CodeConflictOpen)

	body := rankingNo(2)
	body["reopened"] = int64(1)
	second := head.create(cluster(), emulation.TypeRanking, "", body)
	head.step(cluster(), second, "submitted", "")
	head.sends(cluster(), sync.Applied, "")
	head.step(cluster(), first, "superseded", "Đã xếp hạng lại")
	head.sends(cluster(), sync.Applied, "")
	open = c.waiting(officer, proposal)
	if len(open) != 1 {
		t.Fatalf("asked again about the ranking: %+v", open)
	}
	keep := map[sync.Pointer]any{}
	for _, item := range open[0].Body.Items {
		keep[item.Path] = map[string]any{"take": "present"}
		for side := range item.Sides {
			if item.Path != "" {
				keep[item.Path] = map[string]any{"take": "side", "side": side}
			}
		}
	}
	c.must(officer.resolve(t.Context(), open[0], keep, "Vẫn đứng đầu sau khi chấm lại"))
	if left := c.waiting(officer, proposal); len(left) != 0 {
		t.Errorf("still asked: %+v", left)
	}
	if got := head.value(clusterDesk(), proposal, "/ranking"); got != string(second) {
		t.Errorf("it rests on %v, not on %s", got, second)
	}
	head.step(clusterDesk(), proposal, "proposed", "")
	head.sends(clusterDesk(), sync.Applied, "")
}

func TestARankingSupersededUnderAProposalIsAskedAboutAndTheProposalMayBeWithdrawn(t *testing.T) {
	c, head, first, proposal := reopening(t)
	admin := c.office("admin", sync.Grant{Role: emulation.Admin})
	head.step(cluster(), first, "superseded", "Tính sai")
	head.sends(cluster(), sync.Applied, "")
	open := c.waiting(admin, proposal)
	if len(open) != 1 {
		t.Fatalf("asked %+v", open)
	}
	withdraw := map[sync.Pointer]any{}
	for _, item := range open[0].Body.Items {
		withdraw[item.Path] = map[string]any{"take": "present"}
		for side := range item.Sides {
			if item.Path == "" {
				withdraw[item.Path] = map[string]any{"take": "side", "side": side}
			}
		}
	}
	var foreseen map[string]any
	c.must(admin.call(t.Context(), http.MethodPost, "/v1/conflicts/"+url.PathEscape(string(open[0].Scope))+"/"+string(open[0].ID)+"/effect", map[string]any{"version": open[0].Version, "choices": withdraw}, &foreseen))
	if foreseen["document"] != nil {
		t.Errorf("it would become %v", foreseen["document"])
	}
	c.must(admin.resolve(t.Context(), open[0], withdraw, "Lập lại sau khi xếp hạng"))
	if head.sees(clusterDesk(), proposal) != nil || len(c.waiting(admin, proposal)) != 0 {
		t.Error("it is still there, or asked about")
	}
	head.create(clusterDesk(), emulation.TypeAward, proposal, flagFor("w", 1)) // its place is free
	head.sends(clusterDesk(), sync.Applied, "")
}

func TestOneUnitGivenTwoPlacesByTwoPhonesKeepsTheFirst(t *testing.T) {
	for name, places := range map[string][2]int64{"in order": {1, 2}, "the second first": {2, 1}} {
		t.Run(name, func(t *testing.T) {
			c := newCouncil(t, novemberDay)
			head, deputy := c.staff("head", "v"), c.staff("deputy", "w")
			for i, h := range []*hand{head, deputy} {
				flag := flagFor("u", places[i])
				id, _ := emulation.KeyOf(emulation.TypeAward, flag)
				h.create(clusterDesk(), emulation.TypeAward, id, flag)
			}
			head.sends(clusterDesk(), sync.Applied, "")
			kept := deputy.sends(clusterDesk(), sync.Rejected, emulation.CodeProposedTwice)
			if got := sync.Get(kept.Body(), "/create/place"); got != places[1] {
				t.Errorf("the rejection keeps place %v", got)
			}
		})
	}
}
