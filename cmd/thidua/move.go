package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"thidua/internal/fsck"
	"thidua/internal/move"
)

const moveUsage = "sqlite:DIR hoặc / or mongodb://…"

// move copies a deployment from one store into another. Stopped, it is run
// again with the same words and continues.
func (e environment) move(ctx context.Context, args []string) (err error) {
	flags := e.flags("move")
	from := flags.String("from", "", "kho nguồn / source: "+moveUsage)
	to := flags.String("to", "", "kho đích / target: "+moveUsage)
	quick := flags.Bool("quick", false, "không chạy fsck trên kho đích / no fsck of the target")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *from == "" || *to == "" || *from == *to {
		return errors.New("--from STORE and --to STORE are required, and differ: " + moveUsage)
	}
	source, err := openNamed(ctx, *from, openExisting)
	if err != nil {
		return fmt.Errorf("from: %w", err)
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := openNamed(ctx, *to, func(ctx context.Context, name, data string) (store, error) {
		return openStore(ctx, name, data, slog.New(slog.DiscardHandler))
	})
	if err != nil {
		return fmt.Errorf("to: %w", err)
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	show := newProgress(e.err)
	report, err := move.Run(ctx, move.Config{From: source, To: target, Progress: func(p move.Progress) {
		show.say(p.Commits, "move: %d/%d phạm vi / scopes, %d mục / commits, %.1f MB", p.Scopes, p.AllScopes, p.Commits, float64(p.Bytes)/1e6)
	}})
	if err != nil {
		if ctx.Err() != nil {
			err = errors.Join(err, errors.New("chạy lại đúng lệnh này để tiếp tục / run the same command again to continue"))
		}
		return err
	}
	fmt.Fprintf(e.out, "Đã chuyển và đối chiếu / moved and compared: %d phạm vi / scopes, %d mục mới / commits copied (%.1f MB), %d người / people, %d máy / devices, %d mã / codes, %d khóa / keys, %d thông báo / notices told, %d tin nhắn đẩy / push messages\n",
		report.Scopes, report.Commits, float64(report.Bytes)/1e6, report.People, report.Devices, report.Codes, report.Keys, report.Told, report.Messages)
	if report.Late > 0 {
		fmt.Fprintf(e.out, "%d mục được ghi vào kho nguồn trong lúc chuyển, đã chuyển nốt; từ nay đừng ghi vào đó nữa / %d commits came to the source meanwhile and were copied too; write there no more\n", report.Late, report.Late)
	}
	if *quick {
		return nil
	}
	checked, err := e.checkStore(ctx, target, fsck.Config{})
	if err != nil {
		return err
	}
	printReport(e.out, checked)
	if checked.Damaged() {
		return errors.New("kho đích có vấn đề; không dùng / the target is not sound; do not use it")
	}
	return nil
}

// openNamed opens a store by the name it has on the command line of move.
func openNamed(ctx context.Context, name string, open func(ctx context.Context, name, data string) (store, error)) (store, error) {
	if dir, ok := strings.CutPrefix(name, "sqlite:"); ok {
		if dir == "" {
			return nil, errors.New("sqlite:DIR needs the data directory")
		}
		return open(ctx, "sqlite", dir)
	}
	if !strings.HasPrefix(name, "mongodb") {
		return nil, fmt.Errorf("no store %q; use %s", name, moveUsage)
	}
	return open(ctx, name, "")
}
