package sim

import "time"

// rounds is how often everybody syncs at the end before it is a violation that
// something is still moving.
const rounds = 12

// settle ends all faults and lets everybody sync until nothing moves any more.
// Then it looks at everything once more.
func (w *world) settle() {
	w.armed, w.doubled = none, false
	for _, s := range w.servers {
		if !s.up() {
			w.must(s.start())
		}
	}
	w.drain()
	w.db.replicateAll()
	for range rounds {
		before := w.db.changes
		for _, s := range w.servers {
			w.sweep(s)
		}
		for _, p := range w.phones {
			p.startSync()
		}
		w.drain()
		quiet := w.db.changes == before
		for _, p := range w.phones {
			done, err := p.agrees()
			w.must(err)
			quiet = quiet && done
		}
		if w.violated() != nil {
			return
		}
		if quiet {
			w.see(w.check.end())
			return
		}
		time.Sleep(2 * time.Hour) // a phone tries again after an hour what failed thrice
		w.still()
	}
	for _, p := range w.phones {
		done, err := p.agrees()
		w.must(err)
		if !done {
			status, err := p.process.client.Status()
			w.fail("%s does not come to rest: %+v, %v", p.name, status, err)
		}
	}
	w.fail("the servers do not come to rest")
}

// agrees reports whether a phone has nothing more to say and to hear.
func (p *phone) agrees() (bool, error) {
	status, err := p.process.client.Status()
	return err == nil && status.Synced(), err
}
