package generate

import (
	"maps"
	"slices"

	"thidua/internal/emulation"
	"thidua/sync"
)

// verify hands over the department's word on a sheet that has one, and
// returns the desk with it.
func (c *cluster) verify(u unit, desk []*sync.Document) ([]*sync.Document, error) {
	sheet := find(desk, emulation.SheetID(u.id, c.period))
	if sheet == nil || sheet.Body()["state"] != "verified" && sheet.Body()["state"] != "locked" {
		return desk, nil
	}
	b := c.batch(sync.UnitDesk(u.id))
	body := c.about(u, sheet)
	if entries := c.corrected(sheet, "verified", 4); len(entries) > 0 {
		body["entries"] = entries
	}
	body["state"] = "sent"
	b.add(emulation.TypeVerification, body)
	stored, err := b.flush()
	return append(desk, stored...), err
}

// about returns the head of a paper on a sheet.
func (c *cluster) about(u unit, sheet *sync.Document) sync.Object {
	return sync.Object{
		"sheet": string(sheet.ID), "sheet_version": sheet.Version, "unit": string(u.id), "period": string(c.period), "cluster": string(c.id), "criteria": string(c.set.ID),
	}
}

// reviews hands over what head and deputy wrote about the sheets and returns
// it as stored.
func (c *cluster) reviews(desks []*sync.Document) ([]*sync.Document, error) {
	b := c.batch(sync.ClusterDesk(c.id))
	for _, u := range c.units {
		sheet := find(desks, emulation.SheetID(u.id, c.period))
		if sheet == nil || c.stage < checking {
			continue
		}
		body := c.about(u, sheet)
		body["state"] = "sent"
		if sheet.Body()["state"] == "submitted" {
			if c.chance(50) {
				continue
			}
			body["state"] = "draft"
		}
		entries := c.corrected(sheet, "cross", 12)
		if sheet.Body()["state"] == "rechecked" {
			for _, key := range keys(entries) {
				entries[key].(sync.Object)["recheck"] = entries[key].(sync.Object)["cross"]
			}
		}
		if len(entries) > 0 {
			body["entries"] = entries
		}
		b.add(emulation.TypeReview, body)
	}
	return b.flush()
}

// corrected returns lower scores, with reasons, for so many of a hundred entries.
func (c *cluster) corrected(sheet *sync.Document, field string, percent int) sync.Object {
	own, _ := sheet.Body()["entries"].(sync.Object)
	entries := sync.Object{}
	for _, key := range keys(own) {
		e, _ := own[key].(sync.Object)
		self, _ := e["self"].(int64)
		if self >= 100 && c.chance(percent) {
			entries[key] = sync.Object{field: quarters(self - int64(c.between(1, 3)*25)), "reason": "Minh chứng chưa đầy đủ."}
		}
	}
	return entries
}

func find(docs []*sync.Document, id sync.DocID) *sync.Document {
	for _, d := range docs {
		if d.ID == id {
			return d
		}
	}
	return nil
}

func keys(o sync.Object) []string { return slices.Sorted(maps.Keys(o)) }
