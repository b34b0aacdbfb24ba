package emulation

import "thidua/sync"

// Names of the types a unit binds itself with.
const (
	TypeRegistration = "registration"
	TypePledge       = "pledge"
)

// registrationType is what a unit registers to reach in a period.
func registrationType() *sync.Type {
	return newType(TypeRegistration, "Đăng ký thi đua", "Registration", []string{"unit:desk"}, true, fields{
		"unit":    required(id("Đơn vị", "Unit")),
		"period":  required(id("Kỳ thi đua", "Period")),
		"cluster": id("Cụm", "Cluster"),
		"targets": set("Danh hiệu, chỉ tiêu đăng ký", "Targets", group("Chỉ tiêu", "Target", fields{
			"order": order(),
			"text":  required(prose("Nội dung", "Text")),
		})),
		"registered_on": date("Ngày đăng ký", "Registered on"),
		"note":          prose("Ghi chú", "Note"),
		"state_reason":  prose("Lý do rút lại", "Reason"),
		"state":         state("draft", "registered"),
	})
}

// pledgeType is the agreement a unit signs, with what it promises.
func pledgeType() *sync.Type {
	return newType(TypePledge, "Giao ước thi đua", "Pledge", []string{"unit:desk"}, true, fields{
		"unit":    required(id("Đơn vị", "Unit")),
		"period":  required(id("Kỳ thi đua", "Period")),
		"cluster": id("Cụm", "Cluster"),
		"targets": set("Nội dung giao ước", "Targets", group("Nội dung", "Target", fields{
			"order": order(),
			"text":  required(prose("Nội dung", "Text")),
		})),
		"signatures": transition(set("Chữ ký", "Signatures", group("Chữ ký", "Signature", fields{
			"title": required(line("Chức vụ", "Title")),
			"on":    required(date("Ngày ký", "Signed on")),
		}))),
		"note":  prose("Ghi chú", "Note"),
		"state": state("draft", "signed"),
	})
}
