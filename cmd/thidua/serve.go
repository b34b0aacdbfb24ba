package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"time"

	"thidua/internal/auth"
)

// serve runs the server until it is told to stop.
func (e environment) serve(ctx context.Context, args []string) error {
	fs := e.flags("serve")
	data := fs.String("data", e.or("THIDUA_DATA", "data"), "thư mục dữ liệu / data directory")
	addr := fs.String("addr", e.or("THIDUA_ADDR", "127.0.0.1:8080"), "địa chỉ / address")
	store := fs.String("store", e.or("THIDUA_STORE", "sqlite"), storeUsage)
	rate := fs.Int("sync-rate", 0, "số yêu cầu mỗi giây của một máy, 0 là mặc định / requests a second one device may make, 0 is the default")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if e.getenv("GOGC") == "" {
		debug.SetGCPercent(300) // a server's live memory is small; collecting it at every doubling costs a tenth of the time
	}
	log := slog.New(slog.NewTextHandler(e.err, nil))
	srv, err := open(ctx, settings{data: *data, store: *store, log: log, rate: perSecond(*rate)})
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", *addr)
	if err != nil {
		return errors.Join(fmt.Errorf("listen on %s: %w; choose another with --addr", *addr, err), srv.close())
	}
	fmt.Fprintf(e.out, "thidua đang chạy tại http://%s  (dữ liệu: %s; dừng: Ctrl-C)\n", ln.Addr(), *data)
	err = srv.run(ctx, ln)
	log.Info("stopped")
	return errors.Join(err, srv.close())
}

// perSecond returns a rate of n a second with as many at once; zero for zero.
func perSecond(n int) auth.Rate {
	if n <= 0 {
		return auth.Rate{}
	}
	return auth.Rate{Every: time.Second / time.Duration(n), Burst: n}
}
