package move

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"thidua/internal/auth"
	"thidua/internal/hub"
)

// eachPerson calls f for everybody in a store, in order of login.
func eachPerson(ctx context.Context, s auth.Store, f func(hub.Person) error) error {
	for after := ""; ; {
		people, err := s.People(ctx, after, listPage)
		if err != nil || len(people) == 0 {
			return err
		}
		for _, p := range people {
			if err := f(p); err != nil {
				return err
			}
		}
		after = people[len(people)-1].Login
	}
}

// eachCode calls f for every enrolment code in a store, in order of hash.
func eachCode(ctx context.Context, s auth.Store, f func(hub.EnrolmentCode) error) error {
	for after := ""; ; {
		codes, err := s.Codes(ctx, after, listPage)
		if err != nil || len(codes) == 0 {
			return err
		}
		for _, c := range codes {
			if err := f(c); err != nil {
				return err
			}
		}
		after = codes[len(codes)-1].Hash
	}
}

// refusePeople returns ErrOther if the target has people, devices, codes or
// keys that the source does not have.
func (m *mover) refusePeople(ctx context.Context) error {
	err := eachPerson(ctx, m.To, func(p hub.Person) error {
		if _, err := m.From.Person(ctx, p.ID); err != nil {
			return unknown(err, "person", p.Login)
		}
		devices, err := m.To.Devices(ctx, p.ID)
		for _, d := range devices {
			if _, err := m.From.Device(ctx, d.ID); err != nil {
				return unknown(err, "device", string(d.ID))
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	err = eachCode(ctx, m.To, func(c hub.EnrolmentCode) error {
		_, err := m.From.Code(ctx, c.Hash)
		return unknown(err, "enrolment code of", string(c.Person))
	})
	if err != nil {
		return err
	}
	_, err = m.missingKeys(ctx)
	return err
}

// unknown turns hub.ErrNotFound into ErrOther.
func unknown(err error, kind, name string) error {
	if errors.Is(err, hub.ErrNotFound) {
		return fmt.Errorf("%w: %s %s", ErrOther, kind, name)
	}
	return err
}

// missingKeys returns the signing keys that the target lacks; ErrOther if it
// has one that the source does not have.
func (m *mover) missingKeys(ctx context.Context) ([]hub.SigningKey, error) {
	from, err := m.From.SigningKeys(ctx)
	if err != nil {
		return nil, err
	}
	to, err := m.To.SigningKeys(ctx)
	if err != nil {
		return nil, err
	}
	there := map[string]hub.SigningKey{}
	for _, k := range to {
		there[k.ID] = k
	}
	var missing []hub.SigningKey
	for _, k := range from {
		if twin, ok := there[k.ID]; !ok {
			missing = append(missing, k)
		} else if sameKey(twin, k) {
			delete(there, k.ID)
		}
	}
	for id := range there {
		return nil, fmt.Errorf("%w: signing key %s", ErrOther, id)
	}
	return missing, nil
}

// copyPeople adds to the target who and what it lacks, and brings up to date
// what has changed in the source since an earlier run.
func (m *mover) copyPeople(ctx context.Context) error {
	err := eachPerson(ctx, m.From, func(p hub.Person) error {
		if err := m.copyPerson(ctx, p); err != nil {
			return fmt.Errorf("person %s: %w", p.Login, err)
		}
		devices, err := m.From.Devices(ctx, p.ID)
		for _, d := range devices {
			if err := m.copyDevice(ctx, d); err != nil {
				return fmt.Errorf("device %s: %w", d.ID, err)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := eachCode(ctx, m.From, func(c hub.EnrolmentCode) error { return m.copyCode(ctx, c) }); err != nil {
		return fmt.Errorf("enrolment code: %w", err)
	}
	missing, err := m.missingKeys(ctx)
	for _, k := range missing {
		if err := m.To.CreateSigningKey(ctx, k); err != nil {
			return fmt.Errorf("signing key %s: %w", k.ID, err)
		}
	}
	return err
}

func (m *mover) copyPerson(ctx context.Context, p hub.Person) error {
	err := m.To.CreatePerson(ctx, p)
	if !errors.Is(err, hub.ErrExists) {
		return err
	}
	old, err := m.To.Person(ctx, p.ID)
	if err != nil || samePerson(old, p) {
		return unknown(err, "login", p.Login)
	}
	return m.To.UpdatePerson(ctx, old, p)
}

func (m *mover) copyDevice(ctx context.Context, d hub.Device) error {
	err := m.To.CreateDevice(ctx, d)
	if !errors.Is(err, hub.ErrExists) {
		return err
	}
	old, err := m.To.Device(ctx, d.ID)
	if err != nil || sameDevice(old, d) {
		return err
	}
	return m.To.UpdateDevice(ctx, old, d)
}

func (m *mover) copyCode(ctx context.Context, c hub.EnrolmentCode) error {
	err := m.To.CreateCode(ctx, c)
	if !errors.Is(err, hub.ErrExists) {
		return err
	}
	old, err := m.To.Code(ctx, c.Hash)
	if err != nil || old == c {
		return err
	}
	return m.To.RedeemCode(ctx, c.Hash, c.Device, c.Used)
}

// verifyPeople compares people with their devices, codes and keys one by one
// and counts them; ErrBusy if they differ. The target has no others: it was
// looked through before.
func (m *mover) verifyPeople(ctx context.Context) error {
	m.report.People, m.report.Devices, m.report.Codes = 0, 0, 0
	err := eachPerson(ctx, m.From, func(p hub.Person) error {
		m.report.People++
		there, err := m.To.Person(ctx, p.ID)
		if err != nil || !samePerson(there, p) {
			return differs(err, "person", p.Login)
		}
		from, err := m.From.Devices(ctx, p.ID)
		if err != nil {
			return err
		}
		to, err := m.To.Devices(ctx, p.ID)
		m.report.Devices += len(to)
		if err != nil || !slices.EqualFunc(from, to, sameDevice) {
			return differs(err, "devices of", p.Login)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = eachCode(ctx, m.From, func(c hub.EnrolmentCode) error {
		m.report.Codes++
		there, err := m.To.Code(ctx, c.Hash)
		if err != nil || there != c {
			return differs(err, "enrolment code of", string(c.Person))
		}
		return nil
	})
	if err != nil {
		return err
	}
	missing, err := m.missingKeys(ctx)
	if err != nil || len(missing) > 0 {
		return differs(err, "signing keys", "")
	}
	keys, err := m.To.SigningKeys(ctx)
	m.report.Keys = len(keys)
	return err
}

// differs returns ErrBusy, or what prevented the comparison.
func differs(err error, kind, name string) error {
	if err == nil || errors.Is(err, hub.ErrNotFound) {
		return fmt.Errorf("%w: %s %s", ErrBusy, kind, name)
	}
	return err
}

// Rows are compared so that nil and empty are the same, as they are in a store.

func samePerson(a, b hub.Person) bool {
	grants := slices.Equal(a.Grants, b.Grants)
	a.Grants, b.Grants = nil, nil
	return grants && reflect.DeepEqual(a, b)
}

func sameDevice(a, b hub.Device) bool {
	secret := bytes.Equal(a.Secret, b.Secret)
	a.Secret, b.Secret = nil, nil
	return secret && reflect.DeepEqual(a, b)
}

func sameKey(a, b hub.SigningKey) bool {
	return a.ID == b.ID && bytes.Equal(a.Private, b.Private) && a.NotBefore == b.NotBefore && a.Expires == b.Expires
}
