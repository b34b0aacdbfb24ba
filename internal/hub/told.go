package hub

import "thidua/sync"

// A PushToken is the address under which the push service reaches one device.
// A device has one; a token belongs to one device. Times in this file are
// milliseconds since 1970 UTC.
type PushToken struct {
	Device   sync.DeviceID
	Person   sync.PersonID
	Platform string // as of Device
	Token    string
	Set      int64
}

// States of a Told and of a Message.
const (
	PushWaiting = "waiting" // to be sent, or being sent
	PushSent    = "sent"
	PushSkipped = "skipped" // a notice that was not told, or a message that nobody could be sent any more
)

// A Told is the record that a notice was told to a person, or why not. It is
// written once what follows from it is safe, and never changes: whatever has a
// Told is done with.
type Told struct {
	Key     string // of the notice, which names its person
	Kind    string
	Person  sync.PersonID
	Subject sync.DocID // what the notice is about; may be ""
	Due     int64      // when it was to be told
	State   string     // PushSent or PushSkipped
	Reason  sync.Code  // why it was skipped
	At      int64      // when that was decided
}

// A Message is what one device is to be sent. Silent ones (no Notice) tell a
// phone to sync; of these there is one a device, which is armed again and again.
type Message struct {
	ID       string // of the notice and the device; or of the device, if silent
	Device   sync.DeviceID
	Person   sync.PersonID
	Kind     string     // of the notice; "sync" if silent
	Notice   sync.DocID // the notice in the person's scope, "" if silent
	Title    string
	Body     string
	Urgent   bool
	Expires  int64 // of no use from then on
	State    string
	Next     int64     // waiting: nobody takes it before then
	Attempts int       // how often it was taken since it was last armed
	Round    int       // how often it was armed
	Reason   sync.Code // what the last attempt failed with
	At       int64     // when State was last set
}
