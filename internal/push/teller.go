package push

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// codeTooLate: when it could have been told it was of no use any more.
const codeTooLate sync.Code = "too_late"

// keyPage is how many records are asked for or written at once.
const keyPage = 500

// tell sees to it that each notice is told once and for all, or never. It goes
// in the order document, messages, record; all three have names that follow from
// the notice, so that it can be cut anywhere and done again by anybody.
// Listeners come with their preferences.
func (p *Push) tell(ctx context.Context, notices []emulation.Notice, listeners []emulation.Listener) error {
	who := map[sync.PersonID]emulation.Listener{}
	for _, l := range listeners {
		who[l.Person] = l
	}
	var errs []error
	for some := range slices.Chunk(notices, keyPage) {
		errs = append(errs, p.tellSome(ctx, some, who))
	}
	return errors.Join(errs...)
}

func (p *Push) tellSome(ctx context.Context, notices []emulation.Notice, who map[sync.PersonID]emulation.Listener) error {
	notices, err := p.untold(ctx, notices)
	if err != nil || len(notices) == 0 {
		return err
	}
	now := p.milli()
	inboxes := map[sync.PersonID][]emulation.Notice{}
	var told []hub.Told
	for _, n := range notices {
		if n.Skip == "" && n.Until <= now {
			n.Skip = codeTooLate
		}
		if n.Skip != "" {
			told = append(told, record(n, hub.PushSkipped, now))
		} else {
			inboxes[n.Person] = append(inboxes[n.Person], n)
		}
	}
	var errs []error
	var messages []hub.Message
	for _, person := range slices.Sorted(maps.Keys(inboxes)) {
		added, err := p.deliver(ctx, who[person], inboxes[person])
		state := hub.PushSent
		switch {
		case hub.CodeOf(err) == hub.CodeInvalid && err != nil: // and will be every time
			p.cfg.Log.Error("push: notices that cannot be told", "err", err)
			state = hub.PushSkipped
		case err != nil: // nobody else waits for that
			errs = append(errs, fmt.Errorf("tell: %w", err))
			continue
		}
		messages = append(messages, added...)
		for _, n := range inboxes[person] {
			if state == hub.PushSkipped {
				n.Skip = hub.CodeInternal
			}
			told = append(told, record(n, state, now))
		}
	}
	if len(messages) > 0 {
		if err := p.cfg.Store.Enqueue(ctx, messages); err != nil {
			return errors.Join(append(errs, err)...)
		}
		if p.cfg.Sender != nil {
			p.cfg.Sender.Wake()
		}
	}
	return errors.Join(append(errs, p.cfg.Store.Record(ctx, told))...)
}

// untold returns the notices about which nothing was decided yet.
func (p *Push) untold(ctx context.Context, notices []emulation.Notice) ([]emulation.Notice, error) {
	keys := make([]string, len(notices))
	for i, n := range notices {
		keys[i] = n.Key
	}
	done, err := p.cfg.Store.Recorded(ctx, keys)
	if err != nil {
		return nil, err
	}
	var left []emulation.Notice
	for _, n := range notices {
		if _, ok := done[n.Key]; !ok {
			left = append(left, n)
		}
	}
	return left, nil
}

func record(n emulation.Notice, state string, now int64) hub.Told {
	return hub.Told{Key: n.Key, Kind: n.Kind, Person: n.Person, Subject: n.Subject, Due: n.Due, State: state, Reason: n.Skip, At: now}
}

// deliver puts notices into a person's inbox and returns the messages that say
// so to the person's devices, in the person's language.
func (p *Push) deliver(ctx context.Context, to emulation.Listener, notices []emulation.Notice) ([]hub.Message, error) {
	puts := make([]hub.Put, len(notices))
	for i, n := range notices {
		body, err := p.document(n)
		if err != nil {
			return nil, err
		}
		puts[i] = hub.Put{Doc: n.ID(), Type: emulation.TypeNotice, Body: body}
	}
	if _, err := p.cfg.Hub.Tell(ctx, sync.UserScope(to.Person), puts); err != nil {
		return nil, err
	}
	tokens, err := p.cfg.Store.Tokens(ctx, []sync.PersonID{to.Person})
	if err != nil {
		return nil, err
	}
	var messages []hub.Message
	for _, n := range notices {
		if len(tokens) == 0 {
			break
		}
		m, err := p.message(n, to)
		if err != nil {
			return nil, err
		}
		for _, t := range tokens {
			m.ID, m.Device, m.Person = string(n.ID())+"/"+string(t.Device), t.Device, t.Person
			messages = append(messages, m)
		}
	}
	return messages, nil
}

// document returns the notice as a document, in both languages.
func (p *Push) document(n emulation.Notice) (sync.Object, error) {
	body := sync.Object{"key": n.Key, "kind": n.Kind}
	for _, lang := range languages() {
		text, err := p.texts.of(n, lang, p.milli())
		if err != nil {
			return nil, err
		}
		body[lang] = text.body
	}
	for field, value := range map[string]string{"subject": string(n.Subject), "scope": string(n.Scope), "due": n.Day} {
		if value != "" {
			body[field] = value
		}
	}
	return body, nil
}

// message returns what devices are sent of a notice. What was due by day may
// be told at night, after an outage: then it waits for the person to be awake,
// but for a test, at which somebody is looking. It counts days from when it is
// shown; what does is of no use on another day, when it would be wrong.
func (p *Push) message(n emulation.Notice, to emulation.Listener) (hub.Message, error) {
	now := p.milli()
	next := max(now, n.Due)
	if n.Kind != kindTest {
		next = to.Awake(next, n.Day)
	}
	said, err := p.texts.of(n, to.Language(), next)
	if err != nil {
		return hub.Message{}, err
	}
	tomorrow := emulation.EndOfDay(next)
	later, err := p.texts.of(n, to.Language(), tomorrow)
	if err != nil {
		return hub.Message{}, err
	}
	m := hub.Message{
		Kind: n.Kind, Notice: n.ID(), Title: said.title, Body: said.body, Urgent: n.Urgent,
		Expires: n.Until, State: hub.PushWaiting, Next: next, At: now,
	}
	if later != said {
		m.Expires = min(m.Expires, tomorrow)
	}
	return m, nil
}
