package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"thidua/sync"
)

// A pusher is the least a phone can be: it has a token, one document of its
// own and the cursors it was last sent, and keeps its connection open. Pushing
// with it measures the server, not a phone's disk.
type pusher struct {
	url     string
	access  string
	scope   sync.Scope
	doc     sync.DocID
	cursors map[sync.Scope]sync.Cursor
	http    *http.Client
	value   int64
	next    func() sync.MutationID
}

// pusher enrols one and gives it a document in the scope of its unit.
func (s *server) pusher(ctx context.Context, unit sync.ID, r *rand.Rand) (*pusher, error) {
	code, err := s.code(ctx, unit)
	if err != nil {
		return nil, err
	}
	bits, counter := r.Uint64(), uint16(0)
	next := func() sync.MutationID {
		counter++
		return sync.MutationID(sync.MakeID(time.Now().UnixMilli(), counter, bits))
	}
	p := &pusher{
		url: s.url, scope: sync.UnitScope(sync.DocID(unit)), doc: sync.DocID(next()), cursors: map[sync.Scope]sync.Cursor{}, next: next,
		http: &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 1}},
	}
	if err := p.enrol(ctx, code); err != nil {
		return nil, err
	}
	body := sync.Set(meeting(r), "/summoned", int64(1))
	p.value = 1
	_, err = p.send(ctx, sync.Mutation{ID: next(), Doc: p.doc, Scope: p.scope, Type: "meeting", Create: body})
	return p, err
}

var accessPattern = regexp.MustCompile(`"access":\s*"([^"]+)"`)

func (p *pusher) enrol(ctx context.Context, code string) error {
	raw, err := p.post(ctx, "/v1/enrol", fmt.Appendf(nil, `{"code":%q,"device":%q,"name":"bench","platform":"cli"}`, code, p.next()))
	if err != nil {
		return err
	}
	m := accessPattern.FindSubmatch(raw)
	if m == nil {
		return errors.New("enrol: no access token in the answer")
	}
	p.access = string(m[1])
	return nil
}

func (p *pusher) post(ctx context.Context, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if p.access != "" {
		req.Header.Set("Authorization", "Bearer "+p.access)
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
		err = fmt.Errorf("%s: %s: %s", path, resp.Status, raw)
	}
	return raw, err
}

// edits returns n changes of one field, one after the other.
func (p *pusher) edits(n int) []sync.Mutation {
	list := make([]sync.Mutation, n)
	for i := range list {
		list[i] = sync.Mutation{
			ID: p.next(), Doc: p.doc, Scope: p.scope,
			Edits: []sync.Edit{{Path: "/summoned", Was: p.value, Now: p.value%90_000 + 1}},
		}
		p.value = p.value%90_000 + 1
	}
	return list
}

// send pushes mutations in one request and returns how many were applied.
func (p *pusher) send(ctx context.Context, mutations ...sync.Mutation) (int, error) {
	req := sync.Request{Cursors: p.cursors, Mutations: mutations}
	raw, err := p.post(ctx, "/v1/sync", req.Encode())
	if err != nil {
		return 0, err
	}
	applied, scope, ended := 0, sync.Scope(""), false
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		l, err := sync.DecodeLine(lines.Bytes())
		switch {
		case err != nil:
			return applied, err
		case l.Ack != nil && l.Ack.Outcome == sync.Applied:
			applied++
		case l.Ack != nil:
			return applied, fmt.Errorf("outcome %s, code %s", l.Ack.Outcome, l.Ack.Code)
		case l.Scope != nil:
			scope = l.Scope.Scope
		case l.Cursor != nil:
			p.cursors[scope] = l.Cursor.Cursor
		case l.End != nil:
			ended = true
		}
	}
	if !ended {
		return applied, errors.New("the answer has no end")
	}
	return applied, nil
}

// push lets phones push for a time, batch by batch, and returns the rate of
// acknowledged mutations and the median of how long a request took.
func push(ctx context.Context, phones []*pusher, batch int, d time.Duration) (rate float64, median time.Duration, err error) {
	var applied atomic.Int64
	took := make([][]time.Duration, len(phones))
	group, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for i, p := range phones {
		group.Go(func() error {
			for time.Since(began) < d {
				start := time.Now()
				n, err := p.send(ctx, p.edits(batch)...)
				if err != nil {
					return err
				}
				took[i] = append(took[i], time.Since(start))
				applied.Add(int64(n))
			}
			return nil
		})
	}
	err = group.Wait()
	elapsed := time.Since(began)
	var all []time.Duration
	for _, t := range took {
		all = append(all, t...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	if len(all) > 0 {
		median = all[len(all)/2]
	}
	return float64(applied.Load()) / elapsed.Seconds(), median, err
}

func (s *server) pushers(ctx context.Context, n int) ([]*pusher, error) {
	r := newRandom()
	phones := make([]*pusher, n)
	for i := range phones {
		var err error
		if phones[i], err = s.pusher(ctx, sync.MakeID(time.Now().UnixMilli(), uint16(i), r.Uint64()), r); err != nil {
			return nil, err
		}
	}
	return phones, nil
}

const pushFor = 10 * time.Second

func pushSingle(ctx context.Context, b *bench) error {
	s, err := b.start(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	phones, err := s.pushers(ctx, 8)
	if err != nil {
		return err
	}
	rate, median, err := push(ctx, phones, 1, pushFor)
	if err != nil {
		return err
	}
	b.report("median time of a request", "%s", median.Round(10*time.Microsecond))
	b.aim("acknowledged mutations a second, one a request", rate, 2500, "/s")
	return nil
}

func pushMany(ctx context.Context, b *bench) error {
	bare, err := bareInserts(ctx, "thidua/internal/sqlite", "")
	if err != nil {
		return err
	}
	s, err := b.start(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	phones, err := s.pushers(ctx, 32)
	if err != nil {
		return err
	}
	rate, _, err := push(ctx, phones, 1, pushFor)
	if err != nil {
		return err
	}
	batched, _, err := push(ctx, phones, 20, pushFor)
	if err != nil {
		return err
	}
	b.report("bare durable one-row inserts, one writer", "%.0f /s", bare)
	b.report("32 phones, one mutation a request", "%.0f /s, %.2f × bare", rate, rate/bare)
	b.atLeast("32 phones, 20 mutations a request, ÷ bare inserts", batched/bare, 1, "×")
	return nil
}

// mergeOne reports what the engine's own benchmark measures.
func mergeOne(ctx context.Context, b *bench) error {
	return b.goBench(ctx, "thidua/sync", "^BenchmarkMergeOneMutation")
}

// rankProvince reports what it takes to rank a cluster again after one score,
// and all clusters of a province from what is stored.
func rankProvince(ctx context.Context, b *bench) error {
	return b.goBench(ctx, "thidua/internal/emulation/generate", "^BenchmarkRanking")
}

// pushNotices reports how fast, and in how much memory, waiting notices are sent.
func pushNotices(ctx context.Context, b *bench) error {
	return b.goBench(ctx, "thidua/internal/push", "^BenchmarkTenThousandNotices")
}

// goBench reports each line of Go benchmarks.
func (b *bench) goBench(ctx context.Context, pkg, pattern string) error {
	out, err := exec.CommandContext(ctx, "go", "test", pkg, "-run", "^$", "-bench", pattern, "-benchmem").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "Benchmark") {
			fields := strings.Fields(line)
			b.report(strings.TrimPrefix(fields[0], "Benchmark"), "%s", strings.Join(fields[2:], " "))
		}
	}
	return nil
}

// bareInserts measures a peer: what the benchmark of that name in a store's
// package reaches with the same driver, in inserts a second.
func bareInserts(ctx context.Context, pkg, name string, env ...string) (float64, error) {
	cmd := exec.CommandContext(ctx, "go", "test", pkg, "-run", "^$", "-bench", "^BenchmarkBareInsert"+name+"$", "-benchtime", "3s")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("bare inserts: %w\n%s", err, out)
	}
	m := regexp.MustCompile(`(?m)^BenchmarkBareInsert\S*\s+\d+\s+(\d+(?:\.\d+)?) ns/op`).FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("bare inserts: no figure in\n%s", out)
	}
	ns, err := strconv.ParseFloat(string(m[1]), 64)
	return 1e9 / ns, err
}

// pullOthers measures a pull of 50 changed documents while the scope holds few
// and then many others.
func pullOthers(ctx context.Context, b *bench) error {
	s, err := b.start(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	ratio, err := s.pullBeside(ctx, b, 1_000, 100_000)
	if err != nil {
		return err
	}
	b.atMost("ratio", ratio, 1.2, "×")
	return nil
}

// pullBeside measures the same pull beside few and beside many other documents.
func (s *server) pullBeside(ctx context.Context, b *bench, few, many int) (ratio float64, err error) {
	phones, err := s.pushers(ctx, 1)
	if err != nil {
		return 0, err
	}
	p, r := phones[0], newRandom()
	var took []time.Duration
	filled := 0
	for _, others := range []int{few, many} {
		if err := p.fill(ctx, r, others-filled); err != nil {
			return 0, err
		}
		filled = others
		t, err := p.pulls(ctx, r)
		if err != nil {
			return 0, err
		}
		b.report(fmt.Sprintf("pull of 50 documents beside %d others", others), "%s", t)
		took = append(took, t)
	}
	return float64(took[1]) / float64(took[0]), nil
}

// fill creates small documents in the pusher's scope.
func (p *pusher) fill(ctx context.Context, r *rand.Rand, n int) error {
	for n > 0 {
		batch := make([]sync.Mutation, min(n, 500))
		for i := range batch {
			batch[i] = sync.Mutation{ID: p.next(), Doc: sync.DocID(p.next()), Scope: p.scope, Type: "meeting", Create: small(r)}
		}
		if _, err := p.send(ctx, batch...); err != nil {
			return err
		}
		n -= len(batch)
	}
	return nil
}

func small(r *rand.Rand) sync.Object {
	return sync.Object{"kind": "other", "title": sentence(r, 8), "held_on": "2021-11-30", "note": sentence(r, 60)}
}

// pulls returns the median time of pulls of 50 documents.
func (p *pusher) pulls(ctx context.Context, r *rand.Rand) (time.Duration, error) {
	var took []time.Duration
	for range 60 {
		behind := make(map[sync.Scope]sync.Cursor, len(p.cursors))
		for s, c := range p.cursors {
			behind[s] = c
		}
		if err := p.fill(ctx, r, 50); err != nil {
			return 0, err
		}
		ahead := p.cursors
		p.cursors = behind
		start := time.Now()
		if _, err := p.send(ctx); err != nil {
			return 0, err
		}
		took = append(took, time.Since(start))
		p.cursors = ahead
	}
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	return took[len(took)/2], nil
}
