package emulation

import (
	"sort"

	"thidua/sync"
)

// Readers of bodies. A field that is absent or of another shape reads as zero:
// what is stored was validated when it came in, perhaps under an older schema.

func str(o sync.Object, key string) string { s, _ := o[key].(string); return s }

func num(o sync.Object, key string) int64 { n, _ := o[key].(int64); return n }

func obj(o sync.Object, key string) sync.Object { v, _ := o[key].(sync.Object); return v }

func doc(o sync.Object, key string) sync.DocID { return sync.DocID(str(o, key)) }

func keys[V any](m map[string]V) []string {
	sorted := make([]string, 0, len(m))
	for k := range m {
		sorted = append(sorted, k)
	}
	sort.Strings(sorted)
	return sorted
}
