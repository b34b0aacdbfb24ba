package emulation

import "thidua/sync"

// reopenings are the states in which a document can be edited again after it
// left the unit's hands. What is missing here is never reopened to take a late
// edit: signed minutes take addenda; pledges, rankings and decisions are made anew;
// a superseded sheet was given up for another.
func reopenings() map[string]string {
	return map[string]string{TypeSheet: "returned", TypeRegistration: "draft", TypeReport: "draft"}
}

// Reopened implements hub.Domain. A document that nothing locks stays as it
// is; one that is locked goes back to where its author can edit and submit it
// again, and says why.
func (d *Domain) Reopened(t *sync.Type, body sync.Object, reason, until string) (sync.Object, bool, sync.Code) {
	l, locked := d.locks[standing{t.Name, StateOf(t, body)}]
	if !locked {
		return body, false, ""
	}
	back, known := reopenings()[t.Name]
	if !known || StateOf(t, body) == "superseded" {
		return nil, false, l.code
	}
	body = sync.Set(body, "/state", back)
	if t.Body.Fields["state_reason"] != nil {
		body = sync.Set(body, "/state_reason", reason)
	}
	if until != "" && t.Body.Fields["extended_to"] != nil {
		body = sync.Set(body, "/extended_to", until)
	}
	return body, true, ""
}
