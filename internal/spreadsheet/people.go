package spreadsheet

import (
	"strings"
	"time"
	"unicode"

	"thidua/internal/emulation"
	"thidua/sync"
)

const maxLogin = 64 // bytes

// dayZone is where days begin and end.
func dayZone() *time.Location { return time.FixedZone("UTC+7", 7*60*60) }

// takePeople makes people of their rows.
func (c *catalogue) takePeople(rows map[string][]row) ([]*sync.Document, []Person) {
	f := peopleForm()
	var people []Person
	index := map[string]int{}
	for _, w := range rows[sheetPeople] {
		login := strings.ToLower(w.str("login"))
		if login == "" {
			continue
		}
		odd := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }
		if len(login) > maxLogin || strings.ContainsFunc(login, odd) {
			c.at(f, w, "login", CodeBadLogin)
			continue
		}
		if len(w.str("name")) > 200 {
			c.at(f, w, "name", sync.CodeTooLong)
		}
		i, known := index[login]
		if !known {
			i = len(people)
			index[login], people = i, append(people, Person{Login: login, Name: w.str("name")})
		} else if w.str("name") != people[i].Name {
			c.at(f, w, "name", CodeContradicts)
		}
		g, ok := c.grant(f, w)
		switch {
		case !ok:
		case has(people[i].Grants, g):
			c.at(f, w, "login", CodeDuplicate)
		default:
			people[i].Grants = append(people[i].Grants, g)
		}
	}
	return nil, people
}

func has(grants []sync.Grant, g sync.Grant) bool {
	for _, h := range grants {
		if g == h {
			return true
		}
	}
	return false
}

// grant reads the right a row gives.
func (c *catalogue) grant(f form, w row) (sync.Grant, bool) {
	g := sync.Grant{Role: sync.Role(w.str("role"))}
	switch g.Role {
	case "":
		return g, false
	case emulation.Admin:
		if w.str("subject") != "" {
			c.at(f, w, "subject", CodeNoSubject)
			return g, false
		}
	case emulation.UnitStaff, emulation.UnitLeader:
		g.Subject = sync.ID(c.refer(f, w, "subject", c.units))
	default:
		g.Subject = sync.ID(c.refer(f, w, "subject", c.clusters))
	}
	if g.Role != emulation.Admin && g.Subject == "" {
		if w.raw["subject"] == "" {
			c.at(f, w, "subject", sync.CodeRequired)
		}
		return g, false
	}
	c.reversed(f, w)
	g.From, g.To = beginning(w.str("from"), 0), beginning(w.str("to"), 1)
	return g, true
}

// beginning returns when a day, or the one after so many more, begins where
// the people are, in milliseconds since 1970; 0 for none.
func beginning(day string, more int) int64 {
	t, err := time.ParseInLocation(dayLayout, day, dayZone())
	if err != nil {
		return 0
	}
	return t.AddDate(0, 0, more).UnixMilli()
}

// dayAt returns the day of a time less so many days, "" for 0.
func dayAt(milli int64, less int) string {
	if milli == 0 {
		return ""
	}
	return time.UnixMilli(milli).In(dayZone()).AddDate(0, 0, -less).Format(dayLayout)
}
