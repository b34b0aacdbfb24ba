// Command thidua is the server and its tools: serve runs it, demo shows it, user
// looks after people. It only reads flags and environment and wires the
// packages together; what they do is theirs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `thidua: bảng điểm và hội nghị thi đua, ghi khi không có sóng, đồng bộ khi có
        (emulation scores and meetings, recorded without signal, synced when there is one)

  thidua demo    [--exit] [--json] [--store STORE]      xem thử toàn bộ công việc chính / see the main job done
  thidua demo    --people [--addr HOST:PORT]            rồi dùng thử ứng dụng tại /app/ / then try the app at /app/
  thidua serve   [--addr HOST:PORT] [--store STORE]     chạy máy chủ / run the server
  thidua health  [--addr HOST:PORT]                     hỏi máy chủ có phục vụ được không / ask whether it can serve
  thidua user add  --login L --name N --role R [--subject ID]      thêm người / add a person
  thidua user code --login L                            cấp mã kích hoạt máy / issue an enrolment code
  thidua fsck    [--repair] [--json] [--store STORE]    kiểm tra dữ liệu / check a database
  thidua backup  --to FILE                              sao lưu khi máy chủ đang chạy / back up while serving
  thidua restore --from FILE                            khôi phục / restore a backup
  thidua move    --from STORE --to STORE                chuyển sang kho khác / copy a deployment to another store
  thidua rules   [--json]                               ai được làm gì, ở trạng thái nào / who may do what in which state
  thidua import  --file F [--dry-run]                   nhập đơn vị, người dùng, tiêu chí từ .xlsx / import from a workbook
  thidua export  --what W [--cluster C --period P] --to F          xuất .xlsx để in hoặc nhập lại / export a workbook
  thidua generate [--seed N] [--provinces P] [--clusters C] [--units U] [--year Y] [--activity]
                                                        sinh dữ liệu mẫu / generate sample data
  thidua explain --cluster ID --period ID [--unit ID] [--json]
                                                        truy nguồn từng điểm trên bảng xếp hạng / trace every score on a ranking
  thidua reminders --from YYYY-MM-DD --to YYYY-MM-DD [--json]
                                                        nhắc việc: đã gửi, bỏ qua, sắp tới / what was told, skipped, is to come

STORE: sqlite (trong / in --data DIR), mongodb://HOST:PORT/DATABASE; của move / of move: sqlite:DIR
Biến môi trường / environment: THIDUA_DATA, THIDUA_ADDR, THIDUA_STORE, THIDUA_PROXIES,
        THIDUA_FIREBASE_CREDENTIALS, THIDUA_METRICS_TOKEN.
Mỗi lệnh có -h / each command has -h.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "thidua:", err)
		}
		os.Exit(1)
	}
}

// run carries out one command.
func run(ctx context.Context, args []string, getenv func(string) string, in io.Reader, out, errOut io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(out, usage)
		return nil
	}
	env := environment{getenv: getenv, in: in, out: out, err: errOut}
	switch args[0] {
	case "serve":
		return env.serve(ctx, args[1:])
	case "demo":
		return env.demo(ctx, args[1:])
	case "fsck":
		return env.fsck(ctx, args[1:])
	case "backup":
		return env.backup(ctx, args[1:])
	case "restore":
		return env.restore(ctx, args[1:])
	case "move":
		return env.move(ctx, args[1:])
	case "health":
		return env.health(ctx, args[1:])
	case "rules":
		return env.rules(args[1:])
	case "user":
		return env.user(ctx, args[1:])
	case "generate":
		return env.generate(ctx, args[1:])
	case "import":
		return env.importBook(ctx, args[1:])
	case "export":
		return env.export(ctx, args[1:])
	case "explain":
		return env.explain(ctx, args[1:])
	case "reminders":
		return env.reminders(ctx, args[1:])
	case "help", "-h", "--help":
		fmt.Fprint(out, usage)
		return nil
	}
	return fmt.Errorf("no command %q; see thidua help", args[0])
}

// An environment is what a command may touch of the world.
type environment struct {
	getenv func(string) string
	in     io.Reader
	out    io.Writer
	err    io.Writer
}

// or returns the value of an environment variable, or a default.
func (e environment) or(name, otherwise string) string {
	if v := e.getenv(name); v != "" {
		return v
	}
	return otherwise
}

// flags returns an empty flag set for a command.
func (e environment) flags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet("thidua "+name, flag.ContinueOnError)
	fs.SetOutput(e.err)
	return fs
}
