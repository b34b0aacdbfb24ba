package sync

// The types of document that keep what could not be applied. Only the server
// writes them.
const (
	TypeConflict  = "conflict"
	TypeRejection = "rejection"
)

// States of a conflict or rejection.
const (
	StateOpen    = "open"
	StateSettled = "settled"
)

// About returns what a conflict or rejection is about, its state and when it
// was opened (milliseconds since 1970); ok is false for every other document.
func (d *Document) About() (doc DocID, state string, opened int64, ok bool) {
	if d.Type != TypeConflict && d.Type != TypeRejection {
		return "", "", 0, false
	}
	body := d.Body()
	return DocID(str(body, "about")), str(body, "state"), num(body, "opened"), true
}
