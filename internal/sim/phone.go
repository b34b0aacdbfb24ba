package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"thidua/sync"
	"thidua/sync/client"
)

// A phone is a person's device. What it remembers is in its file; the process
// that has it open may be killed and the file replaced by an older one.
type phone struct {
	w        *world
	name     string
	person   sync.PersonID
	device   sync.DeviceID
	skew     time.Duration // how far its clock is ahead
	process  *process
	opened   int // how many processes there were
	requests int
	said     []string // and not in the trace yet
	backup   *backup
	lineage  *lineage
}

// A lineage is what the present file of a phone has been through: a file that
// is replaced by an older one takes what came after with it.
type lineage struct {
	sent   map[sync.MutationID]sync.Scope // mutations that reached a server, with their scopes
	owed   map[sync.MutationID]sync.Scope // those it will send again when it learns that the server lost its cursor of that scope
	drops  map[sync.Scope]bool            // scopes that it was last told to drop; it may not have heard yet
	jumped bool                           // its clock jumped so far that 30 days may have passed for it
}

func newLineage() *lineage {
	return &lineage{sent: map[sync.MutationID]sync.Scope{}, owed: map[sync.MutationID]sync.Scope{}, drops: map[sync.Scope]bool{}}
}

func (l *lineage) clone() *lineage {
	return &lineage{sent: maps.Clone(l.sent), owed: maps.Clone(l.owed), drops: maps.Clone(l.drops), jumped: l.jumped}
}

// A backup is a copy of a phone's file.
type backup struct {
	file    []byte
	lineage *lineage
}

// A process is a run of the app.
type process struct {
	phone  *phone
	path   string
	client *client.Client
	ctx    context.Context
	cancel context.CancelFunc
	sync   *syncing // under way, nil if none is
	killed bool
}

// A syncing is one call of Sync.
type syncing struct {
	done   bool
	waited bool // time passed meanwhile, so that a deadline may have been missed
	report client.Report
	err    error
}

// open starts the app on a file, which is made if there is none.
func (p *phone) open(file []byte) error {
	p.opened++
	path := filepath.Join(p.w.dir, fmt.Sprintf("%s.%d", p.name, p.opened))
	if file != nil {
		if err := os.WriteFile(path, file, 0o600); err != nil {
			return err
		}
	}
	var seed [32]byte
	copy(seed[:], fmt.Sprintf("%d %s", p.w.seed, filepath.Base(path)))
	c, err := client.Open(client.Config{
		Path: path, URL: "http://server", HTTP: &http.Client{Transport: p}, Now: p.now, Random: rand.NewChaCha8(seed),
		Schema: p.w.domain.schema, Attempts: 3, Sleep: p.sleep, Unflushed: true, Log: p.log,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.process = &process{phone: p, path: path, client: c, ctx: ctx, cancel: cancel}
	return nil
}

func (p *phone) now() time.Time { return p.w.now().Add(p.skew) }

// log notes what the phone says about itself. Of several that speak at once the
// scheduler puts the words in order.
func (p *phone) log(format string, args ...any) {
	p.w.note(func() { p.said = append(p.said, p.name+" says: "+fmt.Sprintf(format, args...)) })
}

// sleep waits for the scheduler, who knows no time.
func (p *phone) sleep(ctx context.Context, _ time.Duration) error {
	return p.w.gate.wait(ctx, &op{label: p.name + " pause", owner: p.process, do: func(fault) {}})
}

// signIn answers a request to sign in: who asks is known here.
func (p *phone) signIn(raw []byte) (*http.Response, error) {
	var asked struct {
		Device sync.DeviceID `json:"device"`
	}
	if err := json.Unmarshal(raw, &asked); err != nil {
		return nil, err
	}
	p.device = asked.Device
	answer, err := json.Marshal(map[string]any{
		"access": "a", "refresh": "r", "expires": int64(1) << 60, "person": p.person, "device": p.device,
	})
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(answer))}, err
}

// startSync lets the phone sync, unless it does.
func (p *phone) startSync() {
	pr := p.process
	if pr.sync != nil {
		return
	}
	s := &syncing{}
	pr.sync = s
	go func() {
		report, err := pr.client.Sync(pr.ctx)
		if pr.killed {
			if err := pr.client.Close(); err != nil {
				p.w.fail("close: %v", err)
			}
		}
		p.w.note(func() { s.report, s.err, s.done = report, err, true })
	}()
}

// kill ends the app; another is started on a file, nil for the one it leaves
// behind, which is as of the last transaction.
func (p *phone) kill(file []byte) error {
	pr := p.process
	if file == nil {
		var err error
		if file, err = os.ReadFile(pr.path); err != nil {
			return err
		}
	}
	pr.killed = true
	pr.cancel()
	p.w.gate.kill(pr)
	if pr.sync == nil || pr.sync.done {
		if err := pr.client.Close(); err != nil {
			return err
		}
	}
	return p.open(file)
}

func (p *phone) takeBackup() error {
	file, err := os.ReadFile(p.process.path)
	p.backup = &backup{file: file, lineage: p.lineage.clone()}
	return err
}

// restore replaces the phone's file by its backup.
func (p *phone) restore() error {
	if p.backup == nil {
		return nil
	}
	p.w.met["restored phone"]++
	jumped := p.lineage.jumped // the clock stays where it is
	p.lineage = p.backup.lineage.clone()
	p.lineage.jumped = p.lineage.jumped || jumped
	if err := p.kill(p.backup.file); err != nil {
		return err
	}
	return p.owe()
}

// scope chooses where something is recorded: mostly in what the phone holds.
func (p *phone) scope(n int) (sync.Scope, error) {
	held, err := p.process.client.Scopes()
	if err != nil {
		return "", err
	}
	var may []sync.Scope
	for _, s := range held {
		if k := s.Kind(); k == "unit" || k == "unit:desk" {
			may = append(may, s)
		}
	}
	if len(may) == 0 || n%16 == 15 {
		return sync.UnitScope(p.w.domain.units[n/16%len(p.w.domain.units)]), nil
	}
	return may[n%len(may)], nil
}

// act records one act of the person; what it is follows from numbers.
func (p *phone) act(a, b, c int) error {
	scope, err := p.scope(b)
	if err != nil {
		return err
	}
	notes, err := p.process.client.List(scope, typeNote)
	if err != nil {
		return err
	}
	few := min(len(notes), 3) // so that people meet
	kind := a % 12
	switch {
	case kind == 0: // a document whose name follows from what it is about: others may make it too
		_, err = p.process.client.Create(scope, typeNote, sync.DocID(sync.NameID("note", string(scope), fmt.Sprint(c%3))), p.w.body(a, c))
	case kind == 1 || len(notes) == 0:
		var id sync.DocID
		if id, err = p.process.client.Create(scope, typeNote, "", p.w.body(a, c)); err == nil && c%4 == 0 {
			// Written and rewritten at once, at a length that takes two commits.
			for range 2 {
				err = errors.Join(err, p.process.client.Update(scope, id, p.w.rewrite))
			}
		}
	case kind == 2:
		err = p.process.client.Delete(scope, notes[c%few].ID)
	case kind == 3:
		err = p.process.client.Transition(scope, notes[c%few].ID, func(o sync.Object) sync.Object {
			o["state"] = []sync.Value{"draft", "sent"}[c/8%2]
			return o
		})
	default:
		err = p.process.client.Update(scope, notes[c%few].ID, func(o sync.Object) sync.Object { return p.w.change(o, a/12, c/8) })
	}
	var fault *sync.Fault
	if errors.Is(err, client.ErrExists) || errors.Is(err, client.ErrNotFound) || errors.As(err, &fault) {
		return nil
	}
	return err
}

// value returns a text nobody wrote before, or sometimes one that others write too.
func (w *world) value(n int) string {
	if n%2 == 0 {
		return "common"
	}
	w.values++
	return fmt.Sprintf("v%d", w.values)
}

// body makes the body of a new note.
func (w *world) body(a, c int) sync.Object {
	o := sync.Object{"title": w.value(c), "n": int64(c % 5)}
	switch a / 12 % 8 {
	case 0:
		o["title"] = titleRefused
	case 1:
		o["title"] = titleQueued
	case 2:
		o["state"] = "draft"
	case 3:
		o["tags"] = sync.Object{"a": w.value(c)}
	case 4:
		delete(o, "title")
		o["place"] = sync.Object{"name": w.value(c)}
	}
	return o
}

// change makes a change of a note.
func (w *world) change(o sync.Object, a, c int) sync.Object {
	switch a % 11 {
	case 0, 1:
		o["title"] = w.value(c)
	case 2:
		o["n"] = int64(c % 3)
	case 3:
		o["score"] = int64(c % 3)
	case 4, 5:
		tags, _ := o["tags"].(sync.Object)
		tags = maps.Clone(tags)
		if tags == nil {
			tags = sync.Object{}
		}
		tags[string(rune('a'+c%3))] = w.value(c)
		o["tags"] = tags
	case 6:
		o["place"] = sync.Object{"name": w.value(c), "room": "r" + fmt.Sprint(c%2)}
	case 7:
		delete(o, []string{"title", "n", "tags", "place", "score"}[c%5])
	case 8:
		o["title"], o["n"] = w.value(c), int64(c%7)
	case 9:
		return w.rewrite(o)
	case 10:
		o["title"] = []string{titleRefused, titleQueued}[c%2]
	}
	return o
}

// rewrite gives a note a long text that nobody wrote before.
func (w *world) rewrite(o sync.Object) sync.Object {
	o["text"] = strings.Repeat(w.value(1)+" ", 700)
	return o
}
