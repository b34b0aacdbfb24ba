package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"thidua/internal/auth"
	"thidua/internal/hub"
	"thidua/sync"
)

// operator is who acts when somebody with access to the database runs a command.
var operator = auth.Actor{Author: sync.Author{Person: sync.Server}}

// user looks after people from the machine the database is on.
func (e environment) user(ctx context.Context, args []string) (err error) {
	if len(args) == 0 || args[0] != "add" && args[0] != "code" {
		return errors.New("use: thidua user add, or thidua user code")
	}
	fs := e.flags("user " + args[0])
	data := fs.String("data", e.or("THIDUA_DATA", "data"), "thư mục dữ liệu / data directory")
	store := fs.String("store", e.or("THIDUA_STORE", "sqlite"), storeUsage)
	login := fs.String("login", "", "tên đăng nhập / login")
	name := fs.String("name", "", "tên hiển thị / name shown")
	role := fs.String("role", "admin", "vai trò / role: admin, officer, cluster_head, cluster_deputy, unit_leader, unit_staff")
	subject := fs.String("subject", "", "mã đơn vị hoặc cụm (trừ admin) / id of the unit or cluster (not for admin)")
	if err := fs.Parse(args[1:]); err != nil {
		return err
	}
	if *login == "" {
		return errors.New("--login is required")
	}
	srv, err := open(ctx, settings{data: *data, store: *store, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.close()) }()
	if args[0] == "code" {
		return e.issueCode(ctx, srv, *login)
	}
	grant := sync.Grant{Role: sync.Role(*role), Subject: sync.ID(*subject)}
	if err := checkGrant(grant); err != nil {
		return err
	}
	fmt.Fprint(e.err, "Mật khẩu, để trống nếu chỉ dùng mã kích hoạt / password, empty for enrolment codes only: ")
	password, err := bufio.NewReader(e.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read password: %w", err)
	}
	p, err := srv.auth.AddPerson(ctx, operator, hub.Person{Login: *login, Name: *name, Grants: []sync.Grant{grant}}, strings.TrimRight(password, "\r\n"))
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Đã thêm %s (%s) / added\n", p.Login, p.ID)
	return e.issueCode(ctx, srv, p.Login)
}

// checkGrant reports a grant that means nothing.
func checkGrant(g sync.Grant) error {
	switch g.Role {
	case "admin":
		if g.Subject != "" {
			return errors.New("an admin has no --subject")
		}
	case "officer", "cluster_head", "cluster_deputy", "unit_leader", "unit_staff":
		if !sync.ValidID(string(g.Subject)) {
			return fmt.Errorf("role %s needs --subject, the identifier of a unit or cluster", g.Role)
		}
	default:
		return fmt.Errorf("no role %q", g.Role)
	}
	return nil
}

// issueCode prints an enrolment code for a person.
func (e environment) issueCode(ctx context.Context, srv *server, login string) error {
	p, err := srv.store.PersonByLogin(ctx, login)
	if err != nil {
		return fmt.Errorf("no person with login %q", login)
	}
	code, _, err := srv.auth.IssueCode(ctx, operator, p.ID, 0)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Mã kích hoạt (dùng một lần, 72 giờ) / enrolment code (once, 72 hours): %s\n", code)
	return nil
}
