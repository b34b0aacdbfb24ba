package emulation

import "time"

// Quiet hours of somebody who has not said otherwise, in minutes of the day
// where the people are.
const (
	quietFrom = 21 * 60
	quietTo   = 6*60 + 30
)

// Awake returns when the listener may be told something from a time on: then,
// or when the quiet hours are over, if it is in them and not on the very day
// that is concerned (YYYY-MM-DD, "" for none). Times are milliseconds since 1970.
func (l Listener) Awake(at int64, day string) int64 {
	from, to := l.minute("quiet_from", quietFrom), l.minute("quiet_to", quietTo)
	minute := (at/time.Minute.Milliseconds() + zoneSeconds/60) % (24 * 60)
	quiet := from <= minute && minute < to
	if from > to { // over midnight
		quiet = from <= minute || minute < to
	}
	if !quiet || DayOf(at) == day {
		return at
	}
	wait := (to - minute + 24*60) % (24 * 60)
	return at - at%time.Minute.Milliseconds() + wait*time.Minute.Milliseconds()
}

func (l Listener) minute(key string, otherwise int64) int64 {
	if n, said := l.Preferences[key].(int64); said {
		return n
	}
	return otherwise
}

// dayLength is a day: there is no summer time where the people are. It also
// bounds how much later than planned quiet hours let somebody be told.
const dayLength = int64(24 * time.Hour / time.Millisecond)

// A window is the time after from up to and with to, in milliseconds since 1970.
type window struct{ from, to int64 }

func (w window) has(at int64) bool { return w.from < at && at <= w.to }

// near reports whether something planned between two times may fall into the
// window, quiet hours and all.
func (w window) near(first, last int64) bool { return first <= w.to && last+dayLength > w.from }
