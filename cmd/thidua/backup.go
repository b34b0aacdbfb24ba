package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"thidua/internal/fsck"
	"thidua/internal/sqlite"
)

// errMongoTools answers who wants a backup of a MongoDB store from this program.
var errMongoTools = errors.New("MongoDB có công cụ riêng: mongodump --oplog và mongorestore --oplogReplay cho một lát cắt nhất quán, rồi kiểm tra bằng thidua fsck" +
	" / MongoDB has its own tools: mongodump --oplog and mongorestore --oplogReplay for a consistent cut, then check it with thidua fsck")

// backup copies the embedded database to a file while servers go on, and
// keeps the copy only if it passes the check.
func (e environment) backup(ctx context.Context, args []string) error {
	flags := e.flags("backup")
	data := flags.String("data", e.or("THIDUA_DATA", "data"), "thư mục dữ liệu / data directory")
	name := flags.String("store", e.or("THIDUA_STORE", "sqlite"), storeUsage)
	to := flags.String("to", "", "tệp sao lưu mới / the new backup file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *name != "sqlite":
		return errMongoTools
	case *to == "":
		return errors.New("--to FILE is required")
	case exists(*to):
		return fmt.Errorf("%s đã có, không ghi đè / is there already, it is not overwritten", *to)
	case !exists(databaseFile(*data)):
		return fmt.Errorf("không có cơ sở dữ liệu / no database: %s", databaseFile(*data))
	}
	partial := *to + ".partial"
	if err := removeDatabase(partial); err != nil { // of a backup that was stopped
		return err
	}
	if err := sqlite.Backup(ctx, databaseFile(*data), partial); err != nil {
		return errors.Join(err, removeDatabase(partial))
	}
	report, err := e.checkFile(ctx, partial)
	if err != nil {
		return errors.Join(err, removeDatabase(partial))
	}
	if report.Damaged() {
		return errors.Join(fmt.Errorf("cơ sở dữ liệu hỏng, chạy thidua fsck; bản sao để ở / the database is damaged, run thidua fsck; the copy is kept as %s.damaged", *to),
			sqlite.Install(ctx, partial, *to+".damaged", ""))
	}
	if err := sqlite.Install(ctx, partial, *to, ""); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Đã sao lưu và kiểm tra / backed up and checked: %s (%d mục / commits, %d hồ sơ / documents)\n", *to, report.Commits, report.Documents)
	return nil
}

// restore puts a backup in the place of the embedded database.
func (e environment) restore(ctx context.Context, args []string) error {
	flags := e.flags("restore")
	data := flags.String("data", e.or("THIDUA_DATA", "data"), "thư mục dữ liệu / data directory")
	name := flags.String("store", e.or("THIDUA_STORE", "sqlite"), storeUsage)
	from := flags.String("from", "", "tệp sao lưu / the backup file")
	force := flags.Bool("force", false, "thay cơ sở dữ liệu đang có, giữ bản cũ bên cạnh / replace the database that is there, and keep it beside")
	if err := flags.Parse(args); err != nil {
		return err
	}
	path := databaseFile(*data)
	switch {
	case *name != "sqlite":
		return errMongoTools
	case *from == "":
		return errors.New("--from FILE is required")
	case exists(*from + "-wal"):
		return fmt.Errorf("%s không phải bản sao lưu: còn tệp -wal / is no backup: there is a -wal beside it; use thidua backup", *from)
	case exists(path) && !*force:
		return fmt.Errorf("%s đã có; --force để thay và giữ bản cũ bên cạnh / is there already; --force replaces it and keeps it beside", path)
	}
	if err := os.MkdirAll(*data, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	partial := path + ".restoring"
	if err := removeDatabase(partial); err != nil { // of a restore that was stopped
		return err
	}
	if err := copyFile(*from, partial); err != nil {
		return errors.Join(err, removeDatabase(partial))
	}
	report, err := e.checkFile(ctx, partial)
	if err == nil && report.Damaged() {
		printReport(e.err, report)
		err = errors.New("bản sao lưu hỏng, không dùng / the backup is damaged and was not used")
	}
	if err != nil {
		return errors.Join(err, removeDatabase(partial))
	}
	aside := ""
	if *force {
		aside = path + ".before-" + time.Now().Format("20060102-150405")
	}
	if err := sqlite.Install(ctx, partial, path, aside); err != nil {
		if errors.Is(err, sqlite.ErrInUse) {
			err = errors.New("máy chủ đang dùng cơ sở dữ liệu; dừng máy chủ trước / a server has the database open; stop it first")
		}
		return errors.Join(err, removeDatabase(partial))
	}
	fmt.Fprintf(e.out, "Đã khôi phục / restored: %s (%d mục / commits, %d hồ sơ / documents)\n", path, report.Commits, report.Documents)
	if aside != "" && exists(aside) {
		fmt.Fprintf(e.out, "Bản cũ / the old one: %s\n", aside)
	}
	fmt.Fprintln(e.out, "Lần đồng bộ tới, điện thoại nhận ra lịch sử đã lùi (reset), dựng lại bản sao và gửi lại mọi thao tác đã được nhận trong 30 ngày qua; không cần làm gì."+
		" / At their next sync phones notice that the history went back (reset), rebuild their replicas and send again what was acknowledged in the last 30 days; nothing needs to be done.")
	return nil
}

// checkFile checks a database file that nobody has open.
func (e environment) checkFile(ctx context.Context, path string) (report fsck.Report, err error) {
	s, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return e.checkStore(ctx, s, fsck.Config{})
}

// exists reports whether there is anything of that name.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// removeDatabase removes a database file that nobody has open, with what is
// beside it, if it is there.
func removeDatabase(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// copyFile copies a file to a new one.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() // it was only read
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
