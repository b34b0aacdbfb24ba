package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"thidua/internal/auth"
	"thidua/internal/emulation/systems"
	"thidua/sync"
)

// A demonstration is a server, its phones and what became of them.
type demonstration struct {
	srv    *server
	url    string
	dir    string
	out    io.Writer // of what is told on the way; nothing with --json
	phones []*phone
	office *office

	result demoResult
}

// demoResult is what demo --json prints: all of it read back from what is stored.
type demoResult struct {
	Systems systems.Results `json:"systems"`
	Ranking struct {
		Before []standing `json:"before"`
		After  []standing `json:"after"`
	} `json:"ranking"`
	Phones phoneResult `json:"phones"`
	URL    string      `json:"url,omitempty"`    // with --people
	People []guest     `json:"people,omitempty"` // with --people
}

// A standing is one row of the ranking of cluster A.
type standing struct {
	Rank  int    `json:"rank"`
	Unit  string `json:"unit"`
	Total int64  `json:"total"` // hundredths of a point
	Tie   string `json:"tie,omitempty"`
}

// phoneResult says how the phones fared. Lost counts the edits that are in no
// log; doubled those that are there twice.
type phoneResult struct {
	Count           int  `json:"count"`
	OfflineEdits    int  `json:"offlineEdits"`
	RequestsPerSync int  `json:"requestsPerSync"` // the most of any sync that met no fault
	CutConnections  int  `json:"cutConnections"`
	LostAnswers     int  `json:"lostAnswers"`
	Conflicts       int  `json:"conflicts"`
	Resolved        int  `json:"resolved"`
	Lost            int  `json:"lost"`
	Doubled         int  `json:"doubled"`
	ReplicasEqual   bool `json:"replicasEqual"`
}

// demo shows the main job: phones without signal record, come back over a bad
// connection, and the ranking of their cluster comes out right.
func (e environment) demo(ctx context.Context, args []string) (err error) {
	fs := e.flags("demo")
	exit := fs.Bool("exit", false, "kết thúc ngay sau khi xong / end at once")
	store := fs.String("store", "sqlite", "kho dữ liệu trống / an empty store: sqlite, mongodb://…/DATABASE")
	keep := fs.String("keep", "", "giữ dữ liệu trong thư mục trống này, để chạy serve / keep the data in this empty directory, for serve")
	asJSON := fs.Bool("json", false, "in một đối tượng JSON / print one JSON object")
	addr := fs.String("addr", "127.0.0.1:0", "địa chỉ / address")
	people := fs.Bool("people", false, "rồi mở một kỳ của năm nay và thêm người để dùng thử ứng dụng / then open a period of this year and add people to try the app")
	if err := fs.Parse(args); err != nil {
		return err
	}
	d := &demonstration{out: e.out}
	if *asJSON {
		d.out = io.Discard
	}
	if d.dir, err = os.MkdirTemp("", "thidua-demo-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	data := filepath.Join(d.dir, "server")
	if *keep != "" {
		data = *keep
	}
	if d.srv, err = open(ctx, settings{data: data, store: *store, log: slog.New(slog.DiscardHandler), limits: demoLimits()}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.srv.close()) }()
	if head, err := d.srv.store.Head(ctx, sync.Org); err != nil || head.Seq > 0 {
		return errors.Join(errors.New("the demonstration wants a database of its own that is empty: name another one in --store"), err)
	}
	ln, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	d.url = "http://" + ln.Addr().String()
	serving, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() { served <- d.srv.run(serving, ln) }()
	defer func() { stop(); err = errors.Join(err, <-served) }()

	if err := d.play(ctx); err != nil {
		return err
	}
	if *people {
		if err := d.invite(ctx); err != nil {
			return fmt.Errorf("invite people: %w", err)
		}
	}
	if *asJSON {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(d.result); err != nil {
			return err
		}
	}
	if *exit {
		return nil
	}
	for _, p := range d.result.People {
		fmt.Fprintf(e.err, "  %-26s đăng nhập %-10s %s   mã kích hoạt %s\n", p.Name, p.Login, p.Password, p.Code)
	}
	fmt.Fprintf(e.err, "\nMáy chủ còn chạy tại %s; đăng nhập: %s / %s. Dừng: Ctrl-C.\n", d.url, d.office.login, d.office.password)
	<-ctx.Done()
	return nil
}

// demoLimits let all phones enrol at once from one address.
func demoLimits() auth.Limits {
	many := auth.Rate{Every: time.Millisecond, Burst: 1000}
	return auth.Limits{SignInIP: many, EnrolIP: many}
}

// play goes through the story.
func (d *demonstration) play(ctx context.Context) error {
	defer func() {
		for _, p := range d.phones {
			_ = p.client.Close()
		}
	}()
	for _, act := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"Nạp năm hệ thống A–E (loading the five systems)", d.load},
		{"Kích hoạt điện thoại (enrolling phones)", d.enrol},
		{"Xếp hạng cụm thi đua số 6 trước khi sửa (ranking before)", d.before},
		{"Mất sóng: ghi trên máy (offline: recording)", d.record},
		{"Có sóng lại, đường truyền xấu (back, over a bad connection)", d.comeBack},
		{"Xung đột cần người quyết định (conflicts for a person)", d.conflicts},
		{"Quản trị quyết định một xung đột (an admin decides one)", d.decide},
		{"Đồng bộ lần cuối và đối chiếu (last sync, comparison)", d.compare},
		{"Xếp hạng sau đồng bộ (ranking after)", d.after},
		{"Kết quả năm hệ thống (what the five systems tell)", d.tell},
	} {
		fmt.Fprintf(d.out, "\n▸ %s\n", act.title)
		if err := act.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", act.title, err)
		}
	}
	return nil
}

// load stores the documents of the five systems, scope by scope.
func (d *demonstration) load(ctx context.Context) error {
	for _, s := range systems.Load() {
		if err := d.srv.loadSystem(ctx, s); err != nil {
			return err
		}
		fmt.Fprintf(d.out, "  %s  %-55s %4d văn bản\n", s.Code, s.Title.VI, len(s.Docs))
	}
	return d.srv.hub.Derive(ctx)
}

// documents returns what is stored in a scope, for computing results.
func (d *demonstration) documents(ctx context.Context) func(sync.Scope) []*sync.Document {
	return func(scope sync.Scope) []*sync.Document {
		docs, err := d.srv.hub.Live(ctx, d.office.caller, scope)
		if err != nil {
			return nil // shows in the results: what is missing there is zero
		}
		return docs
	}
}

func (d *demonstration) tell(ctx context.Context) error {
	d.result.Systems = systems.Compute(d.documents(ctx))
	for _, row := range resultRows(d.result.Systems) {
		fmt.Fprintf(d.out, "  %s  %s\n", row[0], row[1])
	}
	return nil
}

// transport returns a connection to the server for one phone.
func transport() http.RoundTripper {
	return &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 1, DisableCompression: true}
}
