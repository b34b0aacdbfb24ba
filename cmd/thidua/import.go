package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"thidua/internal/hub"
	"thidua/internal/spreadsheet"
	"thidua/sync"
)

// importBook reads units, people and criteria from a workbook.
func (e environment) importBook(ctx context.Context, args []string) (err error) {
	fs := e.flags("import")
	data := fs.String("data", e.or("THIDUA_DATA", "data"), "thư mục dữ liệu / data directory")
	store := fs.String("store", e.or("THIDUA_STORE", "sqlite"), storeUsage)
	name := fs.String("file", "", "tệp .xlsx / workbook")
	dry := fs.Bool("dry-run", false, "chỉ kiểm tra / check only")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *name == "" {
		return errors.New("--file is required")
	}
	file, err := os.Open(*name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	srv, err := open(ctx, settings{data: *data, store: *store, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.close()) }()
	org, err := srv.hub.Reference(ctx)
	if err != nil {
		return err
	}
	book, err := spreadsheet.Read(file, org)
	if err != nil {
		return err
	}
	im := importing{environment: e, srv: srv, org: org, dry: *dry}
	for _, sheet := range book.Ignored {
		fmt.Fprintf(e.out, "Bỏ qua trang / ignored sheet: %s\n", sheet)
	}
	for _, p := range book.Problems() {
		fmt.Fprintln(e.out, p)
	}
	for _, part := range []spreadsheet.Part{book.Units, book.Criteria, book.People} {
		if err := im.part(ctx, part); err != nil {
			return err
		}
	}
	if n := len(book.Problems()); n > 0 {
		return fmt.Errorf("%d lỗi; các trang có lỗi không được nhập / problems; sheets with problems are not imported", n)
	}
	return nil
}

// An importing stores the parts of a workbook, or counts what it would store.
type importing struct {
	environment
	srv                  *server
	org                  *sync.Reference
	dry                  bool
	added, changed, same int
}

// part stores one part, all of it or nothing.
func (im *importing) part(ctx context.Context, part spreadsheet.Part) error {
	if len(part.Sheets) == 0 || len(part.Problems) > 0 {
		return nil
	}
	im.added, im.changed, im.same = 0, 0, 0
	if err := im.documents(ctx, part.Docs); err != nil {
		return err
	}
	for _, p := range part.People {
		if err := im.person(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.Login, err)
		}
	}
	verb := "đã nhập / imported"
	if im.dry {
		verb = "sẽ nhập / would import"
	}
	fmt.Fprintf(im.out, "%s: %s %d mới / new, %d đổi / changed, %d như cũ / same\n", strings.Join(part.Sheets, ", "), verb, im.added, im.changed, im.same)
	return nil
}

func (im *importing) documents(ctx context.Context, docs []*sync.Document) error {
	var puts []hub.Put
	stored := map[sync.DocID]*sync.Document{}
	for _, d := range docs {
		for _, old := range im.org.Of(d.Type) {
			stored[old.ID] = old
		}
	}
	for _, d := range docs {
		old := stored[d.ID]
		switch {
		case old == nil:
			im.added++
		case old.Hash() == d.Hash():
			im.same++
			continue
		default:
			im.changed++
		}
		puts = append(puts, hub.Put{Doc: d.ID, Type: d.Type, Body: d.Body()})
	}
	if im.dry || len(puts) == 0 {
		return nil
	}
	_, err := im.srv.hub.Store(ctx, sync.Org, sync.Server, puts)
	return err
}

// person adds somebody, or gives somebody who is there the rights of the
// workbook and no others. The name of somebody who is there stays.
func (im *importing) person(ctx context.Context, p spreadsheet.Person) error {
	old, err := im.srv.store.PersonByLogin(ctx, p.Login)
	switch {
	case errors.Is(err, hub.ErrNotFound):
		im.added++
		if im.dry {
			return nil
		}
		id := sync.PersonID(sync.NameID("person", p.Login))
		_, err = im.srv.auth.AddPerson(ctx, operator, hub.Person{ID: id, Login: p.Login, Name: p.Name, Grants: p.Grants}, "")
		return err
	case err != nil:
		return err
	}
	if old.Name != p.Name {
		fmt.Fprintf(im.out, "%s: giữ tên «%s», không đổi thành «%s» / the name is kept\n", p.Login, old.Name, p.Name)
	}
	if slices.Equal(old.Grants, p.Grants) {
		im.same++
		return nil
	}
	im.changed++
	if im.dry {
		return nil
	}
	return im.srv.auth.SetGrants(ctx, operator, old.ID, p.Grants)
}
