package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"thidua/internal/hub"
	"thidua/sync"
)

// A storedPerson is a person as a document of the collection people.
type storedPerson struct {
	ID       string        `bson:"_id"`
	Login    string        `bson:"login"`
	Name     string        `bson:"name"`
	Password string        `bson:"password"`
	Disabled bool          `bson:"disabled"`
	Grants   []storedGrant `bson:"grants"`
	Created  int64         `bson:"created"`
}

type storedGrant struct {
	Role    string `bson:"role"`
	Subject string `bson:"subject,omitempty"`
	From    int64  `bson:"from,omitempty"`
	To      int64  `bson:"to,omitempty"`
}

func storePerson(p hub.Person) storedPerson {
	return storedPerson{
		ID: string(p.ID), Login: p.Login, Name: p.Name, Password: p.Password,
		Disabled: p.Disabled, Grants: storeGrants(p.Grants), Created: p.Created,
	}
}

func storeGrants(grants []sync.Grant) []storedGrant {
	stored := []storedGrant{} // an empty array, so that comparing finds it
	for _, g := range grants {
		stored = append(stored, storedGrant{Role: string(g.Role), Subject: string(g.Subject), From: g.From, To: g.To})
	}
	return stored
}

func (s storedPerson) person() hub.Person {
	p := hub.Person{
		ID: sync.PersonID(s.ID), Login: s.Login, Name: s.Name, Password: s.Password,
		Disabled: s.Disabled, Created: s.Created,
	}
	for _, g := range s.Grants {
		p.Grants = append(p.Grants, sync.Grant{Role: sync.Role(g.Role), Subject: sync.ID(g.Subject), From: g.From, To: g.To})
	}
	return p
}

// CreatePerson adds a person; hub.ErrExists if the ID or the login is taken.
func (s *Store) CreatePerson(ctx context.Context, p hub.Person) error {
	return wrap(ctx, s.insertOne(ctx, s.people, storePerson(p)), "create person %s", p.ID)
}

// Person returns a person by ID; hub.ErrNotFound if there is none.
func (s *Store) Person(ctx context.Context, id sync.PersonID) (hub.Person, error) {
	p, err := one[storedPerson](ctx, s, s.people, string(id))
	return p.person(), wrap(ctx, err, "person %s", id)
}

// PersonByLogin returns a person by exact login; hub.ErrNotFound if there is none.
func (s *Store) PersonByLogin(ctx context.Context, login string) (hub.Person, error) {
	found, err := all[storedPerson](ctx, s, s.people, bson.D{{Key: "login", Value: login}}, options.Find().SetLimit(1))
	if err == nil && len(found) == 0 {
		err = hub.ErrNotFound
	}
	if err != nil {
		return hub.Person{}, wrap(ctx, err, "person by login")
	}
	return found[0].person(), nil
}

// People returns up to limit people in byte order of login, from the first one
// whose login is greater than after.
func (s *Store) People(ctx context.Context, after string, limit int) ([]hub.Person, error) {
	found, err := page[storedPerson](ctx, s, s.people, "login", after, limit)
	people := make([]hub.Person, len(found))
	for i, p := range found {
		people[i] = p.person()
	}
	return people, wrap(ctx, err, "people")
}

// UpdatePerson replaces Login, Name, Password, Disabled and Grants of the
// person old.ID if all of these still are what old holds; else hub.ErrChanged,
// hub.ErrNotFound if there is no such person, hub.ErrExists if next.Login
// belongs to somebody else.
func (s *Store) UpdatePerson(ctx context.Context, old, next hub.Person) error {
	is, be := storePerson(old), storePerson(next)
	err := s.swap(ctx, s.people,
		bson.D{
			{Key: "_id", Value: is.ID},
			{Key: "login", Value: is.Login},
			{Key: "name", Value: is.Name},
			{Key: "password", Value: is.Password},
			{Key: "disabled", Value: is.Disabled},
			{Key: "grants", Value: is.Grants},
		},
		bson.D{
			{Key: "login", Value: be.Login},
			{Key: "name", Value: be.Name},
			{Key: "password", Value: be.Password},
			{Key: "disabled", Value: be.Disabled},
			{Key: "grants", Value: be.Grants},
		})
	return wrap(ctx, err, "update person %s", old.ID)
}
