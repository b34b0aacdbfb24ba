package sync

// A Question is what the server itself asks about a document, because of
// something that no mutation of it brought about. It is asked as a conflict:
// the present values stand until a person takes the side of an answer.
type Question struct {
	ID      DocID // of the conflict, named after what is asked, so that it is asked once
	About   DocID
	Version int64 // of that document as it was looked at
	Code    Code
	Answers []Answer
}

// An Answer is one of the sides: edits that stand or fall together.
type Answer struct {
	ID    MutationID
	Edits []Edit
}

// Ask opens the conflict of a question. One that was asked is not asked again,
// whatever was decided; while it is open its answers get the values given.
// Nothing happens if the document is not what was looked at any more.
func (d *Draft) Ask(q Question) {
	about, asked := d.Document(q.About), d.Document(q.ID)
	if about == nil || about.Gone || about.Version != q.Version {
		return
	}
	k := &keeping{id: q.ID, about: q.About, typ: about.Type, base: asked, items: map[string]*item{}}
	var body Object
	if asked != nil {
		body = asked.Body()
		if asked.Gone || asked.Type != TypeConflict || str(body, "state") != StateOpen {
			return
		}
	}
	for _, a := range q.Answers {
		m := &Mutation{ID: a.ID, Doc: q.About, Base: q.Version}
		for _, e := range a.Edits {
			key := PathKey(e.Path)
			if offered, there := Get(body, Pointer("/items/"+key+"/sides").Join(string(a.ID))).(Object); there && Equal(offered["value"], e.Now) {
				continue
			}
			if k.items[key] == nil {
				k.items[key] = &item{path: e.Path, code: q.Code, base: Seen(e.Was)}
			}
			k.items[key].sides = append(k.items[key].sides, side{mutation: m, value: e.Now, group: len(a.Edits) > 1})
		}
	}
	if len(k.items) > 0 {
		d.kept = append(d.kept, k)
	}
}
