package emulation

import (
	"slices"

	"thidua/sync"
)

// TypePreferences names how one person wants to be told things.
const TypePreferences = "preferences"

// CodeNotMutable refuses to mute what everybody has to hear of.
const CodeNotMutable sync.Code = "not_mutable"

// preferencesType is what a person chose: there is one a person because the
// document is named after them. Quiet hours are minutes of the day at UTC+7,
// none if both are equal. Whatever is absent is as it is for everybody.
func preferencesType() *sync.Type {
	t := newType(TypePreferences, "Tùy chọn thông báo", "Preferences", []string{"user"}, true, fields{
		"person":     required(id("Người dùng", "Person")),
		"language":   choice("Ngôn ngữ", "Language", "vi", "en"),
		"quiet_from": number("Giờ yên tĩnh từ (phút trong ngày)", "Quiet from (minute of the day)", 0, 24*60-1),
		"quiet_to":   number("Giờ yên tĩnh đến (phút trong ngày)", "Quiet to (minute of the day)", 0, 24*60-1),
		"muted":      set("Không nhận", "Muted", flag("Không nhận loại này", "Muted")),
	})
	t.Check = func(b sync.Object) *sync.Fault {
		muted := obj(b, "muted")
		for _, kind := range keys(muted) {
			at := sync.Pointer("/muted").Join(kind)
			if !slices.Contains(Kinds(), kind) {
				return &sync.Fault{Code: sync.CodeNotInEnum, Path: at}
			}
			if !mutable(kind) {
				return &sync.Fault{Code: CodeNotMutable, Path: at}
			}
		}
		return nil
	}
	return t
}

// PreferencesID returns the identifier of a person's preferences in their scope.
func PreferencesID(person sync.PersonID) sync.DocID {
	return sync.DocID(sync.NameID(TypePreferences, string(person)))
}

// mutable reports whether a person may choose not to hear of a kind: of
// everything but work that is overdue.
func mutable(kind string) bool {
	switch kind {
	case NoticeRegistrationOverdue, NoticeRegistrationEscalated, NoticePledgeOverdue, NoticePledgeEscalated,
		NoticeSheetOverdue, NoticeSheetEscalated, NoticeCrossCheckOverdue:
		return false
	}
	return true
}

func (l Listener) muted(kind string) bool {
	muted, _ := obj(l.Preferences, "muted")[kind].(bool)
	return muted && mutable(kind)
}

// Language returns the language the listener reads, "vi" or "en".
func (l Listener) Language() string {
	if str(l.Preferences, "language") == "en" {
		return "en"
	}
	return "vi"
}
