package emulation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"thidua/sync"
)

// aCircle draws a cluster with people, quiet hours, milestones, papers and meetings.
func aCircle(t *rapid.T) Circle {
	someDay := rapid.Custom(func(t *rapid.T) string {
		return time.Date(2022, 10, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "day")).Format(dayLayout)
	})
	unit := rapid.SampledFrom([]string{"u", "v", "w"})
	var edits []sync.Edit
	for key := range map[string]bool{"r": true, "p": true, "s": true, "c": true} {
		edits = append(edits, sync.Edit{Path: sync.Pointer("/milestones/" + key + "/due"), Now: someDay.Draw(t, key)})
	}
	c := Circle{Org: season(edits...), Cluster: uid("c")}
	for i := range rapid.IntRange(1, 12).Draw(t, "people") {
		l := listener(fmt.Sprint("person ", i), grant(rapid.SampledFrom([]sync.Role{UnitStaff, UnitLeader}).Draw(t, "role"), unit.Draw(t, "unit")))
		if rapid.Bool().Draw(t, "more") {
			l.Grants = append(l.Grants, grant(rapid.SampledFrom([]sync.Role{ClusterHead, Officer}).Draw(t, "role"), "c"))
		}
		if rapid.Bool().Draw(t, "chose") {
			minute := rapid.Int64Range(0, 24*60-1)
			l.Preferences = sync.Object{"quiet_from": minute.Draw(t, "from"), "quiet_to": minute.Draw(t, "to")}
		}
		c.Listeners = append(c.Listeners, l)
	}
	for _, u := range []string{"u", "v", "w"} {
		sheet := sheetBody(u, rapid.SampledFrom([]string{"draft", "submitted", "returned"}).Draw(t, "state"))
		if rapid.Bool().Draw(t, "extended") {
			sheet["extended_to"] = someDay.Draw(t, "to")
		}
		c.Papers = append(c.Papers, paper(TypeSheet, u, 1, sheet))
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "meetings") {
		scope := rapid.SampledFrom([]sync.Scope{sync.ClusterScope(uid("c")), sync.UnitScope(uid("u"))}).Draw(t, "scope")
		c.Papers = append(c.Papers, sync.NewDocument(uid(fmt.Sprint("meeting ", i)), TypeMeeting, scope, 1, sync.Set(meetingBody(""), "/held_on", someDay.Draw(t, "held"))))
	}
	return c
}

func TestNoTwoRemindersHaveOneKeyAndAllFallIntoTheWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := aCircle(t)
		from := rapid.Int64Range(1_660_000_000_000, 1_675_000_000_000).Draw(t, "from")
		to := from + rapid.Int64Range(0, 90*dayLength).Draw(t, "length")
		seen := map[string]bool{}
		for _, n := range New().Reminders(c, from, to) {
			if seen[n.Key] || n.Due <= from || n.Due > to || n.Until <= n.Due || !slices.Contains(Kinds(), n.Kind) {
				t.Fatalf("%+v", n)
			}
			seen[n.Key] = true
			i := slices.IndexFunc(c.Listeners, func(l Listener) bool { return l.Person == n.Person })
			if c.Listeners[i].Awake(n.Due, n.Day) != n.Due {
				t.Fatalf("in the quiet hours: %+v", n)
			}
		}
	})
}

func TestHoweverAWindowIsSplitTheRemindersAreTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, c := New(), aCircle(t)
		from, to := int64(1_660_000_000_000), int64(1_675_000_000_000)
		whole := d.Reminders(c, from, to)
		moments := rapid.Int64Range(from, to)
		if len(whole) > 0 && rapid.Bool().Draw(t, "at a reminder") {
			moments = rapid.Custom(func(t *rapid.T) int64 {
				return rapid.SampledFrom(whole).Draw(t, "reminder").Due + rapid.Int64Range(-1, 1).Draw(t, "beside")
			})
		}
		cuts := append(rapid.SliceOfN(moments, 0, 8).Draw(t, "cuts"), to)
		slices.Sort(cuts)
		var parts []Notice
		for at := from; len(cuts) > 0; at, cuts = cuts[0], cuts[1:] {
			parts = append(parts, d.Reminders(c, at, cuts[0])...)
		}
		if diff := cmp.Diff(whole, byKey(slices.Clone(parts))); diff != "" || len(parts) != len(whole) {
			t.Fatalf("%d of %d\n%s", len(parts), len(whole), diff)
		}
	})
}
