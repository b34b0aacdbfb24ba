package emulation

import "time"

// People and deadlines live at UTC+7, which has known no summer time since
// 1975; data is in UTC.
const zoneSeconds = 7 * 60 * 60

const dayLayout = "2006-01-02"

func zone() *time.Location { return time.FixedZone("UTC+7", zoneSeconds) }

// DayOf returns the day (YYYY-MM-DD) it is where the people are at a time in
// milliseconds since 1970 UTC.
func DayOf(milli int64) string { return time.UnixMilli(milli).In(zone()).Format(dayLayout) }

// endOfDay returns when a day (YYYY-MM-DD) is over where the people are,
// exclusive, and false if it is no day of the calendar.
func endOfDay(day string) (int64, bool) {
	t, err := time.ParseInLocation(dayLayout, day, zone())
	if err != nil {
		return 0, false
	}
	return t.AddDate(0, 0, 1).UnixMilli(), true
}

// EndOfDay returns when the day of a time is over where the people are,
// exclusive. Both are milliseconds since 1970.
func EndOfDay(at int64) int64 {
	end, _ := endOfDay(DayOf(at))
	return end
}

// startOfDay returns when a day begins where the people are.
func startOfDay(year, month, day int) int64 {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, zone()).UnixMilli()
}

// Days returns how many days lie between two days (YYYY-MM-DD), negative if
// the second is earlier, and false if one of them is no day of the calendar.
func Days(from, to string) (int, bool) {
	a, errA := time.Parse(dayLayout, from)
	b, errB := time.Parse(dayLayout, to)
	if errA != nil || errB != nil {
		return 0, false
	}
	return int(b.Sub(a) / (24 * time.Hour)), true
}
