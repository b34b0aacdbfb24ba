package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	personColumns   = `SELECT id, login, name, password, disabled, grants, created FROM people `
	selectPerson    = personColumns + `WHERE id = ?`
	selectLogin     = personColumns + `WHERE login = ?`
	selectPeople    = personColumns + `WHERE login > ? ORDER BY login LIMIT ?`
	existsPerson    = `SELECT 1 FROM people WHERE id = ?1 OR login = ?2 LIMIT 1`
	existsOther     = `SELECT 1 FROM people WHERE login = ?2 AND id <> ?1`
	insertPerson    = `INSERT INTO people (id, login, name, password, disabled, grants, created) VALUES (?, ?, ?, ?, ?, ?, ?)`
	updatePersonSet = `UPDATE people SET login = ?, name = ?, password = ?, disabled = ?, grants = ? WHERE id = ?`
)

// A personRow is a person as stored.
type personRow struct {
	id, login, name, password string
	disabled                  bool
	grants                    string
	created                   int64
}

func (r *personRow) dest() []any {
	return []any{&r.id, &r.login, &r.name, &r.password, &r.disabled, &r.grants, &r.created}
}

func personRowOf(p hub.Person) (personRow, error) {
	grants := p.Grants
	if grants == nil {
		grants = []sync.Grant{}
	}
	b, err := json.Marshal(grants)
	return personRow{
		id: string(p.ID), login: p.Login, name: p.Name, password: p.Password,
		disabled: p.Disabled, grants: string(b), created: p.Created,
	}, err
}

func (r *personRow) person() (hub.Person, error) {
	p := hub.Person{
		ID: sync.PersonID(r.id), Login: r.login, Name: r.name, Password: r.password,
		Disabled: r.disabled, Created: r.created,
	}
	if err := json.Unmarshal([]byte(r.grants), &p.Grants); err != nil {
		return hub.Person{}, fmt.Errorf("grants: %w", err)
	}
	return p, nil
}

// CreatePerson adds a person; hub.ErrExists if the ID or the login is taken.
func (s *Store) CreatePerson(ctx context.Context, p hub.Person) error {
	r, err := personRowOf(p)
	if err == nil {
		err = s.writer.submit(ctx, func(x *tx) error {
			if err := x.mustNotExist(existsPerson, r.id, r.login); err != nil {
				return err
			}
			_, err := x.exec(insertPerson, r.id, r.login, r.name, r.password, r.disabled, r.grants, r.created)
			return err
		})
	}
	return wrap(err, "create person %s", p.ID)
}

// Person returns a person by ID; hub.ErrNotFound if there is none.
func (s *Store) Person(ctx context.Context, id sync.PersonID) (hub.Person, error) {
	p, err := s.person(ctx, selectPerson, string(id))
	return p, wrap(err, "person %s", id)
}

// PersonByLogin returns a person by exact login; hub.ErrNotFound if there is none.
func (s *Store) PersonByLogin(ctx context.Context, login string) (hub.Person, error) {
	p, err := s.person(ctx, selectLogin, login)
	return p, wrap(err, "person by login")
}

func (s *Store) person(ctx context.Context, query, key string) (hub.Person, error) {
	var r personRow
	if err := s.row(ctx, query, []any{key}, r.dest()...); err != nil {
		return hub.Person{}, err
	}
	return r.person()
}

// People returns up to limit people in byte order of login, from the first one
// whose login is greater than after.
func (s *Store) People(ctx context.Context, after string, limit int) ([]hub.Person, error) {
	var people []hub.Person
	err := s.rows(ctx, selectPeople, func(rows *sql.Rows) error {
		var r personRow
		if err := rows.Scan(r.dest()...); err != nil {
			return err
		}
		p, err := r.person()
		people = append(people, p)
		return err
	}, after, max(limit, 0))
	return people, wrap(err, "people")
}

// UpdatePerson replaces Login, Name, Password, Disabled and Grants of the
// person old.ID if all of these still are what old holds; else hub.ErrChanged,
// hub.ErrNotFound if there is no such person, hub.ErrExists if next.Login
// belongs to somebody else.
func (s *Store) UpdatePerson(ctx context.Context, old, next hub.Person) error {
	was, err := personRowOf(old)
	if err != nil {
		return wrap(err, "update person %s", old.ID)
	}
	now, err := personRowOf(next)
	if err != nil {
		return wrap(err, "update person %s", old.ID)
	}
	err = s.writer.submit(ctx, func(x *tx) error {
		var r personRow
		if err := x.row(selectPerson, []any{was.id}, r.dest()...); err != nil {
			return err
		}
		r.created = was.created // not compared
		if r != was {
			return hub.ErrChanged
		}
		if err := x.mustNotExist(existsOther, was.id, now.login); err != nil {
			return err
		}
		_, err := x.exec(updatePersonSet, now.login, now.name, now.password, now.disabled, now.grants, was.id)
		return err
	})
	return wrap(err, "update person %s", old.ID)
}

// mustNotExist returns hub.ErrExists if a statement has a row.
func (x *tx) mustNotExist(query string, args ...any) error {
	taken, err := x.exists(query, args...)
	if err == nil && taken {
		return hub.ErrExists
	}
	return err
}

// wrap says what was being done when err happened; nil stays nil.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sqlite: "+format+": %w", append(args, err)...)
}
