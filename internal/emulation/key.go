package emulation

import (
	"strconv"

	"thidua/sync"
)

// keyFields returns the fields a document of a type is named after, nil for
// types whose documents get an identifier of their own. A tracker and a notice
// are named too, but by the server.
func keyFields(typ string) []string {
	switch typ {
	case TypeSheet, TypeRegistration, TypePledge:
		return []string{"unit", "period"}
	case TypeReport:
		return []string{"unit", "period", "kind"}
	case TypeIndicator:
		return []string{"unit", "period", "code"}
	case TypeReview, TypeVerification:
		return []string{"sheet"}
	case TypeTerm:
		return []string{"cluster", "year"}
	case TypePreferences:
		return []string{"person"}
	}
	return nil
}

// KeyOf returns the identifier a document with this body must have, and false
// if its type leaves that to its creator. Phones and the server compute the
// same, so what two of them create offline is one document.
func KeyOf(typ string, body sync.Object) (sync.DocID, bool) {
	names := keyFields(typ)
	if typ == TypeAward && body["place"] != nil {
		names = placeFields() // whoever takes a place under a quota takes the same document
	}
	if names == nil {
		return "", false
	}
	parts := []string{typ}
	for _, k := range names {
		part := str(body, k)
		if n, ok := body[k].(int64); ok {
			part = strconv.FormatInt(n, 10)
		}
		parts = append(parts, part)
	}
	return sync.DocID(sync.NameID(parts...)), true
}

// fixed reports whether a top-level field says what a document is about.
func fixed(t *sync.Type, key string) bool {
	for _, k := range keyFields(t.Name) {
		if k == key {
			return true
		}
	}
	switch key {
	case "unit", "period", "cluster", "criteria", "sheet":
		return t.Body.Fields[key] != nil && t.Body.Fields[key].Required
	}
	return false
}
