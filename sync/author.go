package sync

// A Role is what a person may act as. Its meaning is the domain's affair; the
// engine only carries it.
type Role string

// A Grant gives a person a role in a unit or a cluster for a time. Times are
// milliseconds since 1970 UTC; From is inclusive, To exclusive, and zero means
// without bound.
type Grant struct {
	Role    Role  `json:"role"`
	Subject ID    `json:"subject,omitempty"` // a unit or a cluster; "" for the whole organisation
	From    int64 `json:"from,omitempty"`
	To      int64 `json:"to,omitempty"`
}

// ValidAt reports whether the grant holds at a time in milliseconds since 1970.
func (g Grant) ValidAt(milli int64) bool {
	return (g.From == 0 || milli >= g.From) && (g.To == 0 || milli < g.To)
}

// An Author is who makes a mutation, from which device, with which grants.
type Author struct {
	Person PersonID
	Device DeviceID
	Grants []Grant
}

// Server is the author of what the server itself derives.
const Server PersonID = "server"
