package emulation

import "thidua/sync"

// TypeDuplicates names the derived list of meetings that were probably recorded twice.
const TypeDuplicates = "duplicates"

// duplicatesType is derived: the question "merge or keep" about meetings of one
// scope that have the same kind and day. It stands at the desk of the cluster
// or unit, where somebody can merge them; both meetings stay until then. A
// meeting that is marked distinct is no longer asked about.
func duplicatesType() *sync.Type {
	return newType(TypeDuplicates, "Hội nghị nghi ghi trùng", "Suspected duplicates", []string{"unit:desk", "cluster:desk"}, true, fields{
		"groups": required(server(set("Nhóm", "Groups", group("Nhóm", "Group", fields{
			"kind":    required(line("Loại hội nghị", "Kind")),
			"held_on": required(date("Ngày tổ chức", "Held on")),
			"meetings": required(set("Hội nghị", "Meetings", group("Hội nghị", "Meeting", fields{
				"title":   required(line("Tên hội nghị", "Title")),
				"version": required(count("Phiên bản", "Version")),
			}))),
		})))),
		"basis": basisField(),
	})
}

// DuplicatesID returns the identifier of the list about the meetings of a scope.
func DuplicatesID(meetings sync.Scope) sync.DocID {
	return sync.DocID(sync.NameID(TypeDuplicates, string(meetings)))
}

// Duplicates returns the body of the list about the documents of one scope,
// nil if nothing was recorded twice. Entries with a key of their own, such as
// sheets, cannot be; of meetings those are suspected that share kind and day.
func Duplicates(docs []*sync.Document) sync.Object {
	alike := map[string]sync.Object{}
	for _, d := range docs {
		b := d.Body()
		if distinct, _ := b["distinct"].(bool); d.Gone || d.Type != TypeMeeting || distinct {
			continue
		}
		key := str(b, "kind") + "-" + str(b, "held_on")
		if alike[key] == nil {
			alike[key] = sync.Object{}
		}
		alike[key][string(d.ID)] = sync.Object{"title": str(b, "title"), "version": d.Version, "kind": str(b, "kind"), "held_on": str(b, "held_on")}
	}
	groups := sync.Object{}
	for _, key := range keys(alike) {
		if len(alike[key]) < 2 {
			continue
		}
		g, meetings := sync.Object{}, sync.Object{}
		for _, id := range keys(alike[key]) {
			m := obj(alike[key], id)
			g["kind"], g["held_on"] = m["kind"], m["held_on"]
			meetings[id] = sync.Object{"title": m["title"], "version": m["version"]}
		}
		g["meetings"] = meetings
		groups[key] = g
	}
	if len(groups) == 0 {
		return nil
	}
	return sync.Object{"groups": groups}
}

// duplicatesOf returns the list that depends on the meetings of a scope: at the desk beside it.
func duplicatesOf(meetings sync.Scope) sync.Target {
	desk := sync.ClusterDesk(sync.DocID(meetings.Subject()))
	if meetings.Kind() == "unit" {
		desk = sync.UnitDesk(sync.DocID(meetings.Subject()))
	}
	return sync.Target{Scope: desk, Doc: DuplicatesID(meetings), Type: TypeDuplicates, Subject: string(meetings)}
}
