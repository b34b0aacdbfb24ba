package auth

import (
	"context"
	"slices"
	"strings"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

func TestPeopleAreManagedByThoseWhoMayOnly(t *testing.T) {
	ctx, a := context.Background(), newAuth(t, newMemory(), newClock())
	admin, err := a.Authenticate(ctx, enrolled(t, a, 1, sync.Grant{Role: "admin"}).Access)
	want(t, err, "", "the admin")
	staff, err := a.Authenticate(ctx, enrolled(t, a, 2).Access)
	want(t, err, "", "the other")
	grants := []sync.Grant{{Role: "unit_staff", Subject: sync.NameID("unit"), From: 1, To: 2}}
	for name, act := range map[string]func(Actor) error{
		"AddPerson":   func(by Actor) error { _, err := a.AddPerson(ctx, by, hub.Person{Login: "new"}, ""); return err },
		"People":      func(by Actor) error { _, err := a.People(ctx, by, "", 10); return err },
		"Person":      func(by Actor) error { _, err := a.Person(ctx, by, person(1)); return err },
		"Devices":     func(by Actor) error { _, err := a.Devices(ctx, by, person(1)); return err },
		"SetGrants":   func(by Actor) error { return a.SetGrants(ctx, by, person(2), grants) },
		"SetPassword": func(by Actor) error { return a.SetPassword(ctx, by, person(2), password) },
		"RevokeDevice": func(by Actor) error {
			return a.RevokeDevice(ctx, by, map[bool]sync.DeviceID{true: phoneID(2), false: phoneID(1)}[by.Login == admin.Login])
		},
		"IssueCode": func(by Actor) error { _, _, err := a.IssueCode(ctx, by, person(1), 0); return err },
	} {
		want(t, act(staff), hub.CodeForbidden, name+" by staff")
		want(t, act(admin), "", name+" by the admin")
	}
	p, err := a.Person(ctx, admin, person(2))
	want(t, err, "", "Person")
	if !slices.Equal(p.Grants, grants) || p.Password != "" {
		t.Fatalf("got %+v", p)
	}
	want(t, a.RevokeDevice(ctx, staff, phoneID(9)), hub.CodeForbidden, "staff does not learn what exists")
	want(t, a.RevokeDevice(ctx, admin, phoneID(9)), hub.CodeNotFound, "the admin does")
}

func TestAPersonListsAndRevokesTheirOwnDevices(t *testing.T) {
	ctx, a := context.Background(), newAuth(t, newMemory(), newClock())
	lost := enrolled(t, a, 1)
	s, err := enrol(a, issueCode(t, a, 1), aPhone(2))
	want(t, err, "", "a second phone")
	devices, err := a.Devices(ctx, asActor(s), person(1))
	want(t, err, "", "Devices")
	if len(devices) != 2 || devices[0].Secret != nil || devices[0].Current != "" {
		t.Fatalf("got %+v", devices)
	}
	for range 2 {
		want(t, a.RevokeDevice(ctx, asActor(s), lost.Device), "", "RevokeDevice")
	}
	_, err = a.Authenticate(ctx, lost.Access)
	want(t, err, hub.CodeDeviceRevoked, "the lost phone")
	refresh(t, a, s, "")
}

func TestAPersonChangesTheirPassword(t *testing.T) {
	ctx, a := context.Background(), newAuth(t, newMemory(), newClock())
	addPerson(t, a, 1, password)
	s, err := signIn(a, "person1", password, aPhone(1))
	want(t, err, "", "SignIn")
	want(t, a.ChangePassword(ctx, asActor(s), "not the old one", "the new one"), hub.CodeBadCredentials, "a wrong old password")
	want(t, a.ChangePassword(ctx, asActor(s), password, "short"), hub.CodeInvalid, "a short new password")
	want(t, a.ChangePassword(ctx, asActor(s), password, "the new one"), "", "ChangePassword")
	_, err = signIn(a, "person1", password, aPhone(1))
	want(t, err, hub.CodeBadCredentials, "the old password")
	_, err = signIn(a, "person1", "the new one", aPhone(1))
	want(t, err, "", "the new password")
}

func TestPeopleThatMakeNoSenseAreRefused(t *testing.T) {
	ctx, a := context.Background(), newAuth(t, newMemory(), newClock())
	addPerson(t, a, 1, "")
	for name, p := range map[string]hub.Person{
		"no login":           {},
		"a login with space": {Login: "a b"},
		"a long login":       {Login: strings.Repeat("x", 65)},
		"a login not UTF-8":  {Login: "\xff"},
		"the same login":     {Login: "PERSON1"},
		"the same id":        {Login: "other", ID: person(1)},
		"an id that is none": {Login: "other", ID: "server"},
		"a long name":        {Login: "other", Name: strings.Repeat("x", 129)},
		"a nameless role":    {Login: "other", Grants: []sync.Grant{{}}},
		"a role nowhere":     {Login: "other", Grants: []sync.Grant{{Role: "officer", Subject: "x"}}},
		"a term backwards":   {Login: "other", Grants: []sync.Grant{{Role: "officer", From: 2, To: 1}}},
	} {
		_, err := a.AddPerson(ctx, operator(), p, "")
		want(t, err, hub.CodeInvalid, name)
	}
	_, err := a.AddPerson(ctx, operator(), hub.Person{Login: "other"}, "short")
	want(t, err, hub.CodeInvalid, "a short password")
}
