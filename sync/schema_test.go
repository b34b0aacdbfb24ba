package sync

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDatesAreTheDaysOfTheCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.StringMatching(`[0-9]{4}-[0-9]{2}-[0-9]{2}`),
			rapid.StringMatching(`(19|20|21)[0-9]{2}-0[0-9]-[0-3][0-9]`),
			rapid.StringMatching(`(1900|2000|2023|2024|2100)-02-(28|29|30)`),
			rapid.String(),
		).Draw(t, "date")
		_, err := time.Parse(time.DateOnly, s)
		if validDate(s) != (err == nil) {
			t.Fatalf("%q: %v here, %v by the standard library", s, validDate(s), err)
		}
	})
}
