package emulation

import (
	"strconv"
	"strings"
	"time"
)

// FormatNumber writes an integer as Vietnamese readers do: 33776 as "33.776".
func FormatNumber(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// FormatPercent writes tenths of a percent: 965 as "96,5 %".
func FormatPercent(tenths int64) string { return decimal(tenths, 10, false) + " %" }

// FormatPoints writes hundredths of a point without trailing zeros: 750 as "7,5".
func FormatPoints(hundredths int64) string { return decimal(hundredths, 100, true) }

// decimal writes n divided by a power of ten, with all decimals or without
// trailing zeros.
func decimal(n, unit int64, trim bool) string {
	sign := ""
	if n < 0 {
		sign = "-"
	}
	whole, rest := n/unit, n%unit
	if rest < 0 {
		rest = -rest
	}
	if whole < 0 {
		whole = -whole
	}
	decimals := strconv.FormatInt(unit+rest, 10)[1:]
	if trim {
		decimals = strings.TrimRight(decimals, "0")
	}
	if decimals != "" {
		decimals = "," + decimals
	}
	return sign + FormatNumber(whole) + decimals
}

// FormatDate writes a day (YYYY-MM-DD) as dd/mm/yyyy; what is no day stays as it is.
func FormatDate(day string) string {
	t, err := time.Parse(dayLayout, day)
	if err != nil {
		return day
	}
	return t.Format("02/01/2006")
}

// FormatTime writes a time in milliseconds since 1970 as it is read where the
// people are: dd/mm/yyyy hh:mm.
func FormatTime(milli int64) string {
	return time.UnixMilli(milli).In(zone()).Format("02/01/2006 15:04")
}
