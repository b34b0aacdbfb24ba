package emulation

import (
	"math"
	"time"

	"thidua/sync"
)

// digestMinute is the minute of the day, where the people are, at which the
// digest is made up.
const digestMinute = 7*60 + 30

// Digests returns the daily summaries, due in (from, to] (milliseconds since
// 1970), of the conflicts that wait for admins and officers: one a day for each
// who may decide any. Open are the conflicts that are open now, of any scopes;
// each counts from when it was opened on. What it takes grows with the days of
// the window, which its callers bound. Muted ones have a Skip.
func (d *Domain) Digests(org *sync.Reference, listeners []Listener, open []*sync.Document, from, to int64) []Notice {
	w, waiting, first := window{from, to}, map[sync.Scope][]int64{}, int64(math.MaxInt64)
	for _, c := range open {
		if _, state, opened, ok := c.About(); ok && !c.Gone && c.Type == sync.TypeConflict && state == sync.StateOpen {
			waiting[c.Scope] = append(waiting[c.Scope], opened)
			first = min(first, opened)
		}
	}
	if len(waiting) == 0 {
		return nil
	}
	var notices []Notice
	for at := minuteOf(max(first, from-dayLength), digestMinute); at <= to; at += dayLength {
		for _, l := range listeners {
			due := l.Awake(at, "")
			if !w.has(due) {
				continue
			}
			if n := d.toDecide(l, due, at, waiting, org); n > 0 {
				digest := Notice{Kind: NoticeConflictsOpen, Until: at + dayLength, Args: map[string]int64{"n": n}}
				notices = append(notices, digest.to(l, at, DayOf(at), "0"))
			}
		}
	}
	return byKey(notices)
}

// toDecide counts the conflicts opened before a time that somebody may decide when told of them.
func (d *Domain) toDecide(l Listener, told, before int64, waiting map[sync.Scope][]int64, org *sync.Reference) int64 {
	decides := false
	for _, g := range l.Grants {
		decides = decides || (g.Role == Admin || g.Role == Officer) && g.ValidAt(told)
	}
	if !decides {
		return 0
	}
	n := int64(0)
	for scope, opened := range waiting {
		if !d.Oversees(l.author(), told, scope, org) {
			continue
		}
		for _, at := range opened {
			if at <= before {
				n++
			}
		}
	}
	return n
}

// minuteOf returns the first time, from a given one on, that it is a minute of
// the day where the people are.
func minuteOf(from int64, minute int) int64 {
	t := time.UnixMilli(from).In(zone())
	at := time.Date(t.Year(), t.Month(), t.Day(), 0, minute, 0, 0, zone()).UnixMilli()
	if at < from {
		at += dayLength
	}
	return at
}
