package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"thidua/internal/auth"
)

const defaultAddr = "127.0.0.1:8080"

// serve runs the server until it is told to stop.
func (e environment) serve(ctx context.Context, args []string) error {
	fs := e.flags("serve")
	data := fs.String("data", e.or("THIDUA_DATA", "data"), "thư mục dữ liệu / data directory")
	addr := fs.String("addr", e.or("THIDUA_ADDR", defaultAddr), "địa chỉ / address")
	store := fs.String("store", e.or("THIDUA_STORE", "sqlite"), storeUsage)
	proxies := fs.String("proxies", e.getenv("THIDUA_PROXIES"), "mạng của proxy đứng trước, cách nhau bằng dấu phẩy / networks of the proxies in front, such as 10.0.0.0/8, comma-separated")
	firebase := fs.String("firebase", e.getenv("THIDUA_FIREBASE_CREDENTIALS"), firebaseUsage)
	metrics := e.getenv("THIDUA_METRICS_TOKEN") // no flag: those of a process can be read by others
	rate := fs.Int("sync-rate", 0, "số yêu cầu mỗi giây của một máy, 0 là mặc định / requests a second one device may make, 0 is the default")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if e.getenv("GOGC") == "" {
		debug.SetGCPercent(300) // a server's live memory is small; collecting it at every doubling costs a tenth of the time
	}
	trusted, err := prefixes(*proxies)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(e.err, nil))
	service, how := pushService(ctx, *firebase)
	srv, err := open(ctx, settings{data: *data, store: *store, log: log, rate: perSecond(*rate), proxies: trusted, fcm: service, metrics: metrics})
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", *addr)
	if err != nil {
		return errors.Join(fmt.Errorf("listen on %s: %w; choose another with --addr", *addr, err), srv.close())
	}
	where := *data
	if *store != "sqlite" {
		where = "MongoDB" // its address holds a password
	}
	fmt.Fprintf(e.out, "thidua đang chạy tại http://%s  (dữ liệu: %s; dừng: Ctrl-C)\n", ln.Addr(), where)
	fmt.Fprintln(e.out, how)
	err = srv.run(ctx, ln)
	log.Info("stopped")
	return errors.Join(err, srv.close())
}

// prefixes reads networks such as 10.0.0.0/8, separated by commas.
func prefixes(list string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("--proxies: %q is not a network such as 10.0.0.0/8", s)
		}
		all = append(all, p)
	}
	return all, nil
}

// health asks a server on this machine whether it can serve, for the health
// checks of containers, which have no other program.
func (e environment) health(ctx context.Context, args []string) error {
	fs := e.flags("health")
	addr := fs.String("addr", e.or("THIDUA_ADDR", defaultAddr), "địa chỉ máy chủ / address of the server")
	if err := fs.Parse(args); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(*addr)
	if err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	if host == "" {
		host = "127.0.0.1" // it listens everywhere
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no server answers: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server cannot serve: %s", resp.Status)
	}
	fmt.Fprintln(e.out, "ok")
	return nil
}

// perSecond returns a rate of n a second with as many at once; zero for zero.
func perSecond(n int) auth.Rate {
	if n <= 0 {
		return auth.Rate{}
	}
	return auth.Rate{Every: time.Second / time.Duration(n), Burst: n}
}
