package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"thidua/scripts/bench/link"
	"thidua/sync"
)

const (
	dayUp   = 20
	dayDown = 50
)

// A day is a phone with a day's edits waiting on both sides.
type day struct {
	server  *server
	phone   *handset
	minimal float64 // bytes of the least that says it: gzip -9 of merge patches, both ways
}

// newDay prepares a unit with 120 meetings, a phone that has them all, 50 of
// them changed by somebody else and 20 more by the phone's own person.
func newDay(ctx context.Context, b *bench) (*day, error) {
	s, err := b.start(ctx)
	if err != nil {
		return nil, err
	}
	d := &day{server: s}
	unit := sync.MakeID(time.Now().UnixMilli(), 0, rand.Uint64())
	colleague, err := s.phone(ctx, unit)
	if err != nil {
		return nil, err
	}
	if d.phone, err = s.phone(ctx, unit); err != nil {
		return nil, err
	}
	r := newRandom()
	docs, err := colleague.write(ctx, r, 120)
	if err != nil {
		return nil, err
	}
	if _, err := d.phone.client.Sync(ctx); err != nil {
		return nil, err
	}
	down, err := colleague.edit(r, docs[:dayDown])
	if err != nil {
		return nil, err
	}
	if _, err := colleague.client.Sync(ctx); err != nil {
		return nil, err
	}
	up, err := d.phone.edit(r, docs[dayDown:dayDown+dayUp])
	if err != nil {
		return nil, err
	}
	d.minimal = float64(squeezed(sync.Canonical(up)) + squeezed(sync.Canonical(down)))
	return d, nil
}

// write creates meetings and sends them.
func (h *handset) write(ctx context.Context, r *rand.Rand, n int) ([]sync.DocID, error) {
	docs := make([]sync.DocID, n)
	for i := range docs {
		// Each identifier is as random as one made by a phone of its own.
		docs[i] = sync.DocID(sync.MakeID(time.Now().UnixMilli()-int64(r.IntN(1e9)), uint16(r.IntN(1<<12)), r.Uint64()))
		if _, err := h.client.Create(h.scope, "meeting", docs[i], meeting(r)); err != nil {
			return nil, err
		}
	}
	_, err := h.client.Sync(ctx)
	return docs, err
}

// edit changes one field of each document and returns the merge patch of it all.
func (h *handset) edit(r *rand.Rand, docs []sync.DocID) (sync.Object, error) {
	patch := sync.Object{}
	for _, id := range docs {
		err := h.client.Update(h.scope, id, func(body sync.Object) sync.Object {
			p, v := change(r, body)
			mergePatch(patch, id, p, v)
			return sync.Set(body, p, v)
		})
		if err != nil {
			return nil, err
		}
	}
	return patch, nil
}

// squeezed returns the length of text after gzip -9.
func squeezed(text []byte) int {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = z.Write(text)
	_ = z.Close()
	return out.Len()
}

// over syncs the phone over a link and returns how long it took and what passed.
func (d *day) over(ctx context.Context, cfg link.Config) (time.Duration, link.Stats, error) {
	u, err := url.Parse(d.server.url)
	if err != nil {
		return 0, link.Stats{}, err
	}
	cfg.Target = u.Host
	l, err := link.New(cfg)
	if err != nil {
		return 0, link.Stats{}, err
	}
	defer l.Close()
	if err := d.phone.through("http://" + l.Addr()); err != nil {
		return 0, link.Stats{}, err
	}
	began := time.Now()
	report, err := d.phone.client.Sync(ctx)
	took := time.Since(began)
	if err != nil {
		return took, l.Stats(), err
	}
	status, err := d.phone.client.Status()
	if err == nil && !status.Synced() {
		err = fmt.Errorf("the phone is not in sync afterwards: %+v, %+v", status, report)
	}
	return took, l.Stats(), err
}

// fast is a link that only counts.
func fast() link.Config {
	return link.Config{RTT: time.Millisecond, Down: 1e9, Up: 1e9}
}

// slow is a bad day in a valley; cut is a worse one.
func slow() link.Config { return link.Config{} }

func cut() link.Config {
	return link.Config{CutBytes: 15_000, CutAfter: 3 * time.Second, RefuseFor: 2 * time.Second}
}

func dayBytes(ctx context.Context, b *bench) error {
	d, err := newDay(ctx, b)
	if err != nil {
		return err
	}
	defer d.server.stop()
	_, stats, err := d.over(ctx, fast())
	if err != nil {
		return err
	}
	b.report("least that says it (gzip -9 of merge patches)", "%.0f bytes", d.minimal)
	b.report("on the wire, headers and token included", "%d up, %d down, %d connections", stats.Up, stats.Down, stats.Connections)
	b.atMost("bytes on the wire ÷ least", float64(stats.Up+stats.Down)/d.minimal, 3, "×")
	return nil
}

func daySlow(ctx context.Context, b *bench) error {
	return dayTimed(ctx, b, slow(), 1.6)
}

func dayCut(ctx context.Context, b *bench) error {
	return dayTimed(ctx, b, cut(), 3)
}

func dayTimed(ctx context.Context, b *bench, cfg link.Config, limit float64) error {
	d, err := newDay(ctx, b)
	if err != nil {
		return err
	}
	defer d.server.stop()
	took, _, err := d.over(ctx, cfg)
	if err != nil {
		return err
	}
	b.atMost("time until the phone is in sync", took.Seconds(), limit, "s")
	return nil
}

// firstSync measures a new phone of a unit with 1,000 meetings. Compressed is
// the answer's size where nothing cuts it.
func firstSync(ctx context.Context, b *bench, cfg link.Config) (took time.Duration, compressed float64, stats link.Stats, err error) {
	s, err := b.start(ctx)
	if err != nil {
		return 0, 0, stats, err
	}
	defer s.stop()
	unit := sync.MakeID(time.Now().UnixMilli(), 0, rand.Uint64())
	author, err := s.phone(ctx, unit)
	if err != nil {
		return 0, 0, stats, err
	}
	r := newRandom()
	if _, err := author.write(ctx, r, 1000); err != nil {
		return 0, 0, stats, err
	}
	all, err := author.client.List(author.scope, "")
	if err != nil {
		return 0, 0, stats, err
	}
	var raw []byte
	for _, d := range all {
		raw = append(raw, d.Raw()...)
		raw = append(raw, '\n')
	}
	d := &day{server: s}
	if d.phone, err = s.phone(ctx, unit); err != nil {
		return 0, 0, stats, err
	}
	other, err := s.phone(ctx, unit)
	if err != nil {
		return 0, 0, stats, err
	}
	uncut, err := other.client.Sync(ctx)
	if err != nil {
		return 0, 0, stats, err
	}
	b.report("documents", "%d, %.1f MB; %d bytes as one answer, %d after gzip -9 without any segments", len(all), float64(len(raw))/1e6, uncut.BytesDown, squeezed(raw))
	took, stats, err = d.over(ctx, cfg)
	b.report("time", "%.0f s", took.Seconds())
	return took, float64(uncut.BytesDown), stats, err
}

func firstSlow(ctx context.Context, b *bench) error {
	took, compressed, _, err := firstSync(ctx, b, slow())
	if err != nil {
		return err
	}
	b.atMost("time ÷ (compressed bytes ÷ 100 kbit/s)", took.Seconds()/(compressed/12_500), 1.1, "×")
	return nil
}

func firstCut(ctx context.Context, b *bench) error {
	took, compressed, stats, err := firstSync(ctx, b, cut())
	if err != nil {
		return err
	}
	rate, err := carries(ctx, cut())
	if err != nil {
		return err
	}
	b.report("connections cut, connections refused", "%d, %d", stats.Cuts, stats.Refused)
	b.report("what the link carries: a plain download resumed at the byte", "%.0f bytes/s", rate)
	b.atMost("time ÷ (compressed bytes ÷ what the link carries)", took.Seconds()/(compressed/rate), 1.3, "×")
	return nil
}

// carries measures what a link can carry: how fast a plain download of random
// bytes gets through that is resumed at the very byte where it was cut.
func carries(ctx context.Context, cfg link.Config) (rate float64, err error) {
	content := make([]byte, 200_000)
	r := newRandom()
	for i := range content {
		content[i] = byte(r.Uint32())
	}
	file := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(content))
	}))
	defer file.Close()
	cfg.Target = file.Listener.Addr().String()
	l, err := link.New(cfg)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	began := time.Now()
	for got := 0; got < len(content); {
		n, err := resume(ctx, "http://"+l.Addr(), got)
		if got += n; err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(25 * time.Millisecond):
		}
	}
	return float64(len(content)) / time.Since(began).Seconds(), nil
}

// resume asks for a file from a byte on and returns how many bytes came.
func resume(ctx context.Context, url string, from int) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	return int(n), err
}
