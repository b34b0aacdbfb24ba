package spreadsheet

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"
)

const dayLayout = "2006-01-02"

// clean returns a cell's text as it is stored: NFC, without spaces around it,
// lines divided by a newline alone.
func clean(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s))
}

// plain matches what a spreadsheet program writes for a number, grouped and
// comma what people write; a point with three digits behind it may be either
// and is neither.
type numerals struct{ plain, grouped, comma, unclear *regexp.Regexp }

func newNumerals() numerals {
	return numerals{
		plain:   regexp.MustCompile(`^-?\d+(\.\d+)?([eE][-+]?\d+)?$`),
		grouped: regexp.MustCompile(`^-?\d{1,3}([. ]\d{3})+(,\d+)?$`),
		comma:   regexp.MustCompile(`^-?\d+,\d+$`),
		unclear: regexp.MustCompile(`^-?\d{1,3}[.,]\d{3}$`),
	}
}

// float reads a number as people and programs write it: 7,5 and 7.5 are the
// same, 1.234.567 and 1.000,5 are grouped.
func (n numerals) float(s string) (float64, bool) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\u00a0", " "), "−", "-")
	switch {
	case n.unclear.MatchString(s):
		return 0, false
	case n.grouped.MatchString(s):
		s = strings.NewReplacer(".", "", " ", "", ",", ".").Replace(s)
	case n.comma.MatchString(s):
		s = strings.ReplaceAll(s, ",", ".")
	case !n.plain.MatchString(s):
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && math.Abs(f) < 1<<40
}

// scaled reads a number as an integer of 1/unit; what does not fit is no such
// number, except for the traces of binary fractions that programs leave.
func (n numerals) scaled(s string, unit float64) (int64, bool) {
	f, ok := n.float(s)
	whole := math.Round(f * unit)
	return int64(whole), ok && math.Abs(f*unit-whole) < 1e-6
}

// firstSerial is the least number taken for a day (in 1927): smaller ones are
// years somebody wrote without a day.
const firstSerial = 10_000

// dayOf reads a day (YYYY-MM-DD) from dd/mm/yyyy, from that with dashes or
// points, from YYYY-MM-DD, and from the number by which a program keeps it.
func dayOf(s string, from1904 bool) (string, bool) {
	if serial, err := strconv.ParseFloat(s, 64); err == nil {
		if serial < firstSerial || serial > 2_900_000 {
			return "", false
		}
		t, err := excelize.ExcelDateToTime(math.Floor(serial), from1904)
		return t.Format(dayLayout), err == nil
	}
	for _, layout := range []string{"2/1/2006", "2-1-2006", "2.1.2006", dayLayout} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1900 {
			return t.Format(dayLayout), true
		}
	}
	return "", false
}
