package sync

// A Code says in one machine-readable word why something was decided as it
// was. Codes are part of the contract with clients and are never renamed.
type Code string

// Text is a sentence in Vietnamese and in English.
type Text struct {
	VI string `json:"vi"`
	EN string `json:"en"`
}
