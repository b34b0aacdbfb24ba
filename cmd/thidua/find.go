package main

import (
	"fmt"
	"slices"
	"strings"

	"thidua/sync"
)

// maxNamed is how many names an error lists for somebody who gave a wrong one.
const maxNamed = 20

// find returns the identifier of reference data of a type, which people name
// by its code or its identifier. Who names something else is told what there is.
func find(org *sync.Reference, typ, name string) (sync.DocID, error) {
	var codes []string
	for _, d := range org.Of(typ) {
		code, _ := d.Body()["code"].(string)
		if string(d.ID) == name || code != "" && code == name {
			return d.ID, nil
		}
		if code == "" {
			code = string(d.ID)
		}
		codes = append(codes, code)
	}
	slices.Sort(codes)
	if len(codes) > maxNamed {
		codes = append(codes[:maxNamed], "…")
	}
	return "", fmt.Errorf("--%s: no such %s: %q; there are: %s", typ, typ, name, strings.Join(codes, ", "))
}
