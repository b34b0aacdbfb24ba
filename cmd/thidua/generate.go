package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/emulation/generate"
	"thidua/internal/hub"
	"thidua/sync"
)

// overseer reads for commands run by somebody with access to the database.
func overseer() hub.Caller {
	return hub.Caller{Author: sync.Author{Person: sync.Server, Grants: []sync.Grant{{Role: emulation.Admin}}}}
}

// generate fills a database with invented clusters.
func (e environment) generate(ctx context.Context, args []string) (err error) {
	fs := e.flags("generate")
	data := fs.String("data", e.or("THIDUA_DATA", "data"), "thư mục dữ liệu / data directory")
	store := fs.String("store", e.or("THIDUA_STORE", "sqlite"), storeUsage)
	var c generate.Config
	fs.Uint64Var(&c.Seed, "seed", 1, "hạt giống: cùng số, cùng dữ liệu / the same seed gives the same data")
	fs.IntVar(&c.Provinces, "provinces", 1, "số tỉnh / provinces")
	fs.IntVar(&c.Clusters, "clusters", 15, "số cụm mỗi tỉnh / clusters of each province")
	fs.IntVar(&c.Units, "units", 0, "số đơn vị mỗi cụm, 0 là từ 7 đến 16 / units of each cluster, 0 is 7 to 16")
	fs.IntVar(&c.Year, "year", 2026, "năm / year")
	fs.BoolVar(&c.Activity, "activity", false, "kèm một năm hoạt động / with a year of activity")
	if err := fs.Parse(args); err != nil {
		return err
	}
	srv, err := open(ctx, settings{data: *data, store: *store, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.close()) }()
	f := &filling{ctx: ctx, srv: srv, out: e.out, start: time.Now()}
	if err := generate.Stream(c, f.store); err != nil {
		return err
	}
	f.tell()
	fmt.Fprintln(e.out, "Đang cập nhật bảng theo dõi / bringing trackers up to date …")
	if err := srv.hub.Derive(ctx); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Đã cập nhật bảng theo dõi / trackers are up to date (%s)\n", time.Since(f.start).Round(time.Millisecond))
	return nil
}

// A filling stores what is generated and tells how far it has come.
type filling struct {
	ctx     context.Context
	srv     *server
	out     io.Writer
	start   time.Time
	docs    int
	cluster int
}

// store implements generate.Store.
func (f *filling) store(b generate.Batch) ([]*sync.Document, error) {
	puts := make([]hub.Put, len(b.Docs))
	for i, d := range b.Docs {
		puts[i] = hub.Put{Doc: d.ID, Type: d.Type, Body: d.Body()}
	}
	if _, err := f.srv.hub.Store(f.ctx, b.Scope, sync.Server, puts); err != nil {
		return nil, err
	}
	f.docs += len(puts)
	if b.Cluster != f.cluster {
		if f.cluster = b.Cluster; f.cluster%10 == 0 {
			f.tell()
		}
	}
	if b.Scope != sync.Org {
		return f.srv.hub.Live(f.ctx, overseer(), b.Scope)
	}
	org, err := f.srv.hub.Reference(f.ctx)
	if err != nil {
		return nil, err
	}
	return org.Of(emulation.TypeCriteria), nil // all of org that is referred to by version
}

func (f *filling) tell() {
	took := time.Since(f.start)
	fmt.Fprintf(f.out, "  %4d cụm / clusters  %7d văn bản / documents  %6.0f/s\n", f.cluster, f.docs, float64(f.docs)/took.Seconds())
}
