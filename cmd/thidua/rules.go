package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"thidua/internal/emulation"
	"thidua/sync"
)

// ruleBook is what `thidua rules --json` prints.
type ruleBook struct {
	Capacities []emulation.Capacity `json:"capacities"`
	Matrix     []emulation.Cell     `json:"matrix"`
	Deadlines  []emulation.Bound    `json:"deadlines"`
}

// rules prints who may do what in which state, from the tables that judge.
func (e environment) rules(args []string) error {
	fs := e.flags("rules")
	asJSON := fs.Bool("json", false, "in dạng JSON / as JSON")
	if err := fs.Parse(args); err != nil {
		return err
	}
	domain := emulation.New()
	book := ruleBook{Capacities: emulation.Capacities(), Matrix: domain.Matrix(), Deadlines: domain.Bounds()}
	if *asJSON {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		return enc.Encode(book)
	}
	return book.print(e.out, domain.Schema())
}

// print writes the book for people, a paragraph for each type and state.
func (b ruleBook) print(w io.Writer, schema *sync.Schema) error {
	titles := map[string]sync.Text{}
	for _, c := range b.Capacities {
		titles[c.Name] = c.Title
	}
	var last emulation.Cell
	for _, c := range b.Matrix {
		if c.Type != last.Type {
			t := schema.Types[c.Type].Body.Title
			fmt.Fprintf(w, "\n%s · %s (%s)\n", t.VI, t.EN, c.Type)
		}
		if c.Type != last.Type || c.Scope != last.Scope || c.State != last.State {
			fmt.Fprintf(w, "  %s  [%s]\n", or(c.State, "–"), c.Scope)
		}
		last = c
		fmt.Fprintf(w, "    %s · %s\n", titles[c.Capacity].VI, titles[c.Capacity].EN)
		if len(c.Write) > 0 {
			fmt.Fprintf(w, "      ghi / writes: %s\n", strings.Join(c.Write, " "))
		}
		var may []string
		if c.Create {
			may = append(may, "lập / create")
		}
		if c.Delete {
			may = append(may, "xóa / delete")
		}
		if len(may) > 0 {
			fmt.Fprintf(w, "      %s\n", strings.Join(may, ", "))
		}
		for _, s := range c.Steps {
			note := ""
			if s.Reason {
				note = "  (ghi lý do / with a reason)"
			}
			fmt.Fprintf(w, "      → %s%s\n", s.To, note)
		}
	}
	fmt.Fprint(w, "\nMốc thời gian / Deadlines\n")
	for _, d := range b.Deadlines {
		fmt.Fprintf(w, "  %s: %s\n", d.Milestone, strings.TrimSpace(d.Type+" "+d.Path+" "+arrow(d.To)))
	}
	return nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func arrow(state string) string {
	if state == "" {
		return ""
	}
	return "→ " + state
}
