package push

import (
	"embed"
	"encoding/json"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"

	"thidua/internal/emulation"
	"thidua/internal/hub"
)

//go:embed texts
var catalogues embed.FS

// languages are those everybody is told things in, the first one by default.
func languages() []string { return []string{"vi", "en"} }

// A text is what a phone shows of a notice: fit for everybody who may look over
// its owner's shoulder, so without scores and names of people.
type text struct {
	title, body string
}

// texts is the catalogue of what notices say.
type texts struct {
	in     map[string]*i18n.Localizer
	parser *template.TextParser
}

// loadTexts reads the catalogues.
func loadTexts() (*texts, error) {
	bundle := i18n.NewBundle(language.Vietnamese)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	t := &texts{in: map[string]*i18n.Localizer{}, parser: &template.TextParser{Option: "missingkey=error"}}
	for _, lang := range languages() {
		if _, err := bundle.LoadMessageFileFS(catalogues, "texts/"+lang+".json"); err != nil {
			return nil, err
		}
		t.in[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return t, nil
}

// of returns what a notice that is told at a time says in a language.
// Placeholders are its arguments; date, the day it names, and days, how many are
// left until then, both empty if it names none; and today, not empty on the day
// itself. Any other is an error, so that nobody is shown half a sentence.
func (t *texts) of(n emulation.Notice, lang string, at int64) (text, error) {
	data, count := map[string]string{"date": "", "days": "", "today": ""}, int64(0)
	if n.Day != "" {
		count = max(n.DaysLeft(at), 0)
		data["date"], data["days"] = emulation.FormatDate(n.Day), emulation.FormatNumber(count)
		if n.DaysLeft(at) == 0 {
			data["today"] = data["date"]
		}
	}
	for k, v := range n.Args {
		data[k] = emulation.FormatNumber(v)
	}
	if _, counted := n.Args["n"]; counted {
		count = n.Args["n"]
	}
	var said text
	for part, into := range map[string]*string{"title": &said.title, "body": &said.body} {
		s, tag, err := t.in[lang].LocalizeWithTag(&i18n.LocalizeConfig{
			MessageID: n.Kind + "." + part, TemplateData: data, TemplateParser: t.parser, PluralCount: count,
		})
		// A text that has no form for the number comes with an error and in its
		// only form, which is meant for all of them.
		if s == "" || tag.String() != lang {
			return text{}, hub.E(hub.CodeInvalid, "text of %s in %s: %w", n.Kind, lang, err)
		}
		*into = s
	}
	return said, nil
}
