package emulation

import "thidua/sync"

// StateOf returns the state a body is in: the first of its type where the body
// states none, and "" for types without states.
func StateOf(t *sync.Type, body sync.Object) string {
	f := t.Body.Fields["state"]
	if f == nil || len(f.Enum) == 0 {
		return ""
	}
	if s := str(body, "state"); s != "" {
		return s
	}
	return f.Enum[0]
}
