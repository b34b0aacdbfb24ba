package sync

import "sort"

// How much room the parts of a conflict take at most, in bytes of canonical
// text, values of sides and paths not counted, with hashes for what is long.
const (
	headRoom = 8 << 10 // what the conflict is about, and the reason of its decision
	itemRoom = 850     // base, present value, who wrote it, and the choice
	sideRoom = 300     // who wanted it, from which device, and when
)

// room returns how much edits add to a conflict; k may be nil for a new one.
func room(k *keeping, edits []Edit) int {
	n := 0
	for _, e := range edits {
		n += sideRoom + len(Canonical(e.Now))
		if k == nil || !k.has(e.Path) {
			n += itemRoom + len(e.Path)
		}
	}
	return n
}

// sizeOf returns how much room a conflict takes at most, however long the
// values present and chosen become.
func sizeOf(body Object) int {
	n := headRoom
	for _, v := range asObject(body["items"]) {
		it := asObject(v)
		n += itemRoom + len(str(it, "path"))
		for _, s := range asObject(it["sides"]) {
			n += sideRoom + len(Canonical(asObject(s)["value"]))
		}
	}
	return n
}

// fit puts hashes in place of the longest present and chosen values of a
// conflict until it is no larger than MaxKept.
func fit(body Object) Object {
	excess := len(Canonical(body)) - MaxKept
	if excess <= 0 {
		return body
	}
	type long struct {
		at   Pointer
		size int
	}
	var all []long
	for key, v := range asObject(body["items"]) {
		for _, p := range []Pointer{"/present", "/choice/value"} {
			if size := len(Canonical(Get(asObject(v), p))); size > LongWas {
				all = append(all, long{Pointer("/items/"+key) + p, size})
			}
		}
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].size != all[j].size {
			return all[i].size > all[j].size
		}
		return all[i].at < all[j].at
	})
	for _, l := range all {
		if excess <= 0 {
			break
		}
		body = Set(body, l.at+"Hash", string(HashOf(Get(body, l.at))))
		body = Set(body, l.at, nil)
		excess -= l.size - len(`Hash`) - 66
	}
	return body
}
