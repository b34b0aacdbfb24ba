package api

import (
	"maps"
	"slices"

	"thidua/sync"
)

// proposals returns, for every item of a conflict whose present value and
// side are different texts, what they come to when merged word by word.
func proposals(conflict sync.Object) []proposalView {
	var found []proposalView
	items, _ := conflict["items"].(sync.Object)
	for _, key := range slices.Sorted(maps.Keys(items)) {
		item, _ := items[key].(sync.Object)
		path, _ := item["path"].(string)
		base, _ := item["base"].(string)
		present, isText := item["present"].(string)
		sides, _ := item["sides"].(sync.Object)
		if !isText || item["baseHash"] != nil {
			continue // without the base there is nothing to merge from
		}
		for _, id := range slices.Sorted(maps.Keys(sides)) {
			side, _ := sides[id].(sync.Object)
			value, isText := side["value"].(string)
			if !isText || value == present {
				continue
			}
			found = append(found, proposalView{path, sync.MutationID(id), sync.MergeWords(base, present, value)})
		}
	}
	return found
}
