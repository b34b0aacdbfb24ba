package auth

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	maxLogin  = 64  // bytes
	maxGrants = 256 // of one person
	maxPeople = 500 // of one page
)

// normalLogin returns a login in the form that is stored: NFC, lower case.
func normalLogin(s string) (string, bool) {
	if len(s) > 4*maxLogin || !utf8.ValidString(s) {
		return "", false
	}
	s = norm.NFC.String(strings.ToLower(strings.TrimSpace(s)))
	bad := strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	return s, s != "" && len(s) <= maxLogin && !bad
}

// AddPerson stores a new person and returns it as stored, without its password.
// An empty ID is made; p.Password and p.Created are ignored. An empty password
// means that the person signs in by enrolment codes only. Codes: forbidden unless
// by manages accounts, invalid (also if the login or ID is taken), unavailable.
func (a *Auth) AddPerson(ctx context.Context, by Actor, p hub.Person, password string) (hub.Person, error) {
	if !a.manages(by) {
		return hub.Person{}, hub.E(hub.CodeForbidden, "may not add people")
	}
	login, ok := normalLogin(p.Login)
	if !ok {
		return hub.Person{}, hub.E(hub.CodeInvalid, "a login is 1 to %d bytes without spaces", maxLogin)
	}
	p.Login, p.Created, p.Password = login, a.milli(), ""
	p.Name = strings.TrimSpace(norm.NFC.String(p.Name))
	if len(p.Name) > maxName || !utf8.ValidString(p.Name) {
		return hub.Person{}, hub.E(hub.CodeInvalid, "a name is at most %d bytes of UTF-8", maxName)
	}
	if p.ID == "" {
		p.ID = sync.PersonID(makeID(p.Created))
	}
	if !sync.ValidID(string(p.ID)) {
		return hub.Person{}, hub.E(hub.CodeInvalid, "a person's id is a UUID in lower case")
	}
	if err := checkGrants(p.Grants); err != nil {
		return hub.Person{}, err
	}
	if password != "" {
		hash, err := a.passwords.hash(ctx, password)
		if err != nil {
			return hub.Person{}, err
		}
		p.Password = hash
	}
	err := a.store.CreatePerson(ctx, p)
	if errors.Is(err, hub.ErrExists) {
		return hub.Person{}, hub.E(hub.CodeInvalid, "the login or the id is taken")
	}
	if err != nil {
		return hub.Person{}, unavailable("store person", err)
	}
	return public(p), nil
}

// Person returns a person, without the password. A person may read their own
// account, others if they manage accounts. Codes: forbidden, not_found, unavailable.
func (a *Auth) Person(ctx context.Context, by Actor, id sync.PersonID) (hub.Person, error) {
	if !a.ownOrManages(by, id) {
		return hub.Person{}, hub.E(hub.CodeForbidden, "may not read the accounts of others")
	}
	p, err := find(ctx, a.store.Person, id, "person")
	return public(p), err
}

// People returns up to limit people, at most 500, in order of login from the
// first after a given login, without their passwords. Codes: forbidden unless by
// manages accounts, unavailable.
func (a *Auth) People(ctx context.Context, by Actor, after string, limit int) ([]hub.Person, error) {
	if !a.manages(by) {
		return nil, hub.E(hub.CodeForbidden, "may not list people")
	}
	people, err := a.store.People(ctx, after, min(max(limit, 1), maxPeople))
	if err != nil {
		return nil, unavailable("list people", err)
	}
	for i := range people {
		people[i] = public(people[i])
	}
	return people, nil
}

// SetGrants replaces all grants of a person from the next request on. Codes:
// forbidden unless by manages accounts, invalid, not_found, unavailable.
func (a *Auth) SetGrants(ctx context.Context, by Actor, id sync.PersonID, grants []sync.Grant) error {
	if err := checkGrants(grants); err != nil {
		return err
	}
	return a.edit(ctx, by, id, func(p *hub.Person) { p.Grants = grants })
}

// SetDisabled disables or enables a person from the next request on. The devices
// of a disabled person stay signed in, to upload what they hold; nobody signs in
// anew. Codes: those of SetGrants.
func (a *Auth) SetDisabled(ctx context.Context, by Actor, id sync.PersonID, disabled bool) error {
	return a.edit(ctx, by, id, func(p *hub.Person) { p.Disabled = disabled })
}

// SetPassword replaces a person's password without asking for the old one.
// Devices stay signed in. Codes: those of SetGrants.
func (a *Auth) SetPassword(ctx context.Context, by Actor, id sync.PersonID, password string) error {
	if !a.manages(by) {
		return hub.E(hub.CodeForbidden, "may not change the accounts of others")
	}
	hash, err := a.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.edit(ctx, by, id, func(p *hub.Person) { p.Password = hash })
}

// ChangePassword replaces the password of the person who asks. Attempts count
// as sign-ins of that person. Codes: bad_credentials if the old one is wrong,
// forbidden if disabled, invalid, rate_limited, unavailable.
func (a *Auth) ChangePassword(ctx context.Context, by Actor, old, password string) error {
	if by.UploadOnly {
		return hub.E(hub.CodeForbidden, "the person is disabled")
	}
	if err := a.signInLogin.check(by.Login + " own"); err != nil {
		return err
	}
	p, err := find(ctx, a.store.Person, by.Author.Person, "person")
	if err != nil {
		return err
	}
	ok, _, err := a.passwords.verify(ctx, p.Password, old)
	if err != nil {
		return err
	}
	if !ok {
		return hub.E(hub.CodeBadCredentials, "the old password is wrong")
	}
	next := p
	if next.Password, err = a.passwords.hash(ctx, password); err != nil {
		return err
	}
	err = a.store.UpdatePerson(ctx, p, next)
	if errors.Is(err, hub.ErrChanged) {
		return contended("change password") // the old one may no longer be right
	}
	if err != nil {
		return unavailable("update person", err)
	}
	return nil
}

// edit changes a person on behalf of somebody who manages accounts.
func (a *Auth) edit(ctx context.Context, by Actor, id sync.PersonID, change func(*hub.Person)) error {
	if !a.manages(by) {
		return hub.E(hub.CodeForbidden, "may not change the accounts of others")
	}
	for range attempts {
		p, err := find(ctx, a.store.Person, id, "person")
		if err != nil {
			return err
		}
		next := p
		change(&next)
		err = a.store.UpdatePerson(ctx, p, next)
		if err == nil {
			return nil
		}
		if !errors.Is(err, hub.ErrChanged) {
			return unavailable("update person", err)
		}
	}
	return contended("change person")
}

func checkGrants(grants []sync.Grant) error {
	if len(grants) > maxGrants {
		return hub.E(hub.CodeInvalid, "a person has at most %d grants", maxGrants)
	}
	for _, g := range grants {
		if g.Role == "" || g.Subject != "" && !sync.ValidID(string(g.Subject)) ||
			g.From < 0 || g.To < 0 || g.To != 0 && g.From >= g.To {
			return hub.E(hub.CodeInvalid, "a grant is a role, a unit or cluster, and a time that ends after it begins")
		}
	}
	return nil
}

func public(p hub.Person) hub.Person {
	p.Password = ""
	return p
}
