package sync

import (
	"pgregory.net/rapid"
)

// Generators of bodies of type "note" and of changes to them, over few keys
// and values so that phones often meet.

func genBody(t *rapid.T, label string) Object {
	body := Object{}
	for range rapid.IntRange(0, 6).Draw(t, label+" fields") {
		body = genChange(t, body)
	}
	return body
}

// genChange sets or removes one place of a body.
func genChange(t *rapid.T, body Object) Object {
	word := rapid.SampledFrom([]string{"a", "b", "c"})
	number := rapid.Int64Range(0, 3)
	remove := rapid.IntRange(0, 4).Draw(t, "remove") == 0
	var p Pointer
	var v Value
	switch rapid.IntRange(0, 7).Draw(t, "place") {
	case 0:
		p, v = "/title", word.Draw(t, "title")
	case 1:
		p, v = "/count", number.Draw(t, "count")
	case 2:
		p, v = Pointer("/people").Join(word.Draw(t, "person")).Join("name"), word.Draw(t, "name")
	case 3:
		p, v = Pointer("/people").Join(word.Draw(t, "person")).Join("present"), rapid.Bool().Draw(t, "present")
	case 4:
		p, v = Pointer("/cells").Join(word.Draw(t, "cell")), word.Draw(t, "text")
	case 5:
		p, v = "/place", Object{"name": word.Draw(t, "place name"), "room": number.Draw(t, "room")}
	case 6:
		p, v = "/days", []any{"2022-12-1" + string('0'+rune(number.Draw(t, "day")))}
	case 7: // a whole entry, or the whole set
		p, v = Pointer("/people").Join(word.Draw(t, "person")), Object{"name": word.Draw(t, "name")}
		if remove && rapid.Bool().Draw(t, "all") {
			p = "/people"
		}
	}
	if remove {
		v = nil
	}
	return Set(body, p, v)
}

// genTree returns any value a body may hold, with changes of type likely.
func genTree(depth int) *rapid.Generator[Value] {
	scalar := rapid.OneOf(
		rapid.Map(rapid.SampledFrom([]string{"", "họp", "\"\\\n\u0001", "96,5 %", "𝄢"}), func(s string) Value { return s }),
		rapid.Map(rapid.Int64Range(-MaxNumber, MaxNumber), func(n int64) Value { return n }),
		rapid.Map(rapid.Bool(), func(b bool) Value { return b }),
	)
	if depth == 0 {
		return scalar
	}
	list := rapid.Map(rapid.SliceOfN(scalar, 0, 3), func(a []Value) Value { return append([]any{}, a...) })
	tree := rapid.Map(genObject(depth), func(o Object) Value { return o })
	return rapid.OneOf(scalar, list, tree, tree)
}

// genObject returns an object without empty objects in it, itself not empty.
func genObject(depth int) *rapid.Generator[Object] {
	key := rapid.SampledFrom([]string{"a", "b", "c", "a-b", "0", "Z_"})
	return rapid.Custom(func(t *rapid.T) Object {
		return Object(rapid.MapOfN(key, genTree(depth-1), 1, 4).Draw(t, "object"))
	})
}
