package auth

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	stdsync "sync"

	"thidua/internal/hub"
	"thidua/sync"
)

// memory is a Store in memory.
type memory struct {
	mu      stdsync.Mutex
	people  map[sync.PersonID]hub.Person
	devices map[sync.DeviceID]hub.Device
	codes   map[string]hub.EnrolmentCode
	keys    map[string]hub.SigningKey

	fail         error  // every call answers it, if set
	beforeUpdate func() // runs once before the next UpdateDevice, outside the lock
	reads        int    // of signing keys
}

func newMemory() *memory {
	return &memory{
		people:  make(map[sync.PersonID]hub.Person),
		devices: make(map[sync.DeviceID]hub.Device),
		codes:   make(map[string]hub.EnrolmentCode),
		keys:    make(map[string]hub.SigningKey),
	}
}

func create[K comparable, V any](m *memory, rows map[K]V, key K, row V) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	if _, ok := rows[key]; ok {
		return hub.ErrExists
	}
	rows[key] = row
	return nil
}

func read[K comparable, V any](m *memory, rows map[K]V, key K) (V, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	row, ok := rows[key]
	if m.fail == nil && !ok {
		return row, hub.ErrNotFound
	}
	return row, m.fail
}

func swap[K comparable, V any](m *memory, rows map[K]V, key K, same func(V) bool, next V) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	row, ok := rows[key]
	switch {
	case m.fail != nil:
		return m.fail
	case !ok:
		return hub.ErrNotFound
	case !same(row):
		return hub.ErrChanged
	}
	rows[key] = next
	return nil
}

func clonePerson(p hub.Person) hub.Person {
	p.Grants = append([]sync.Grant(nil), p.Grants...)
	return p
}

func (m *memory) CreatePerson(ctx context.Context, p hub.Person) error {
	if _, err := m.PersonByLogin(ctx, p.Login); err == nil {
		return hub.ErrExists
	}
	return create(m, m.people, p.ID, clonePerson(p))
}

func (m *memory) Person(_ context.Context, id sync.PersonID) (hub.Person, error) {
	p, err := read(m, m.people, id)
	return clonePerson(p), err
}

func (m *memory) PersonByLogin(_ context.Context, login string) (hub.Person, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.people {
		if m.fail == nil && p.Login == login {
			return clonePerson(p), nil
		}
	}
	return hub.Person{}, cmp.Or(m.fail, hub.ErrNotFound)
}

func (m *memory) People(_ context.Context, after string, limit int) ([]hub.Person, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []hub.Person
	for _, p := range slices.SortedFunc(maps.Values(m.people), func(a, b hub.Person) int { return cmp.Compare(a.Login, b.Login) }) {
		if p.Login > after && len(page) < limit {
			page = append(page, clonePerson(p))
		}
	}
	return page, m.fail
}

func (m *memory) UpdatePerson(_ context.Context, old, next hub.Person) error {
	old = clonePerson(old)
	return swap(m, m.people, old.ID, func(p hub.Person) bool { return reflect.DeepEqual(p, old) }, clonePerson(next))
}

func (m *memory) CreateDevice(_ context.Context, d hub.Device) error {
	return create(m, m.devices, d.ID, d)
}

func (m *memory) Device(_ context.Context, id sync.DeviceID) (hub.Device, error) {
	return read(m, m.devices, id)
}

func (m *memory) Devices(_ context.Context, person sync.PersonID) ([]hub.Device, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []hub.Device
	for _, d := range m.devices {
		if d.Person == person {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b hub.Device) int { return cmp.Compare(a.ID, b.ID) })
	return all, m.fail
}

func (m *memory) UpdateDevice(_ context.Context, old, next hub.Device) error {
	if f := m.beforeUpdate; f != nil {
		m.beforeUpdate = nil
		f()
	}
	return swap(m, m.devices, old.ID, func(d hub.Device) bool {
		return d.Current == old.Current && d.Previous == old.Previous && d.Revoked == old.Revoked && d.Wiped == old.Wiped
	}, next)
}

func (m *memory) CreateCode(_ context.Context, c hub.EnrolmentCode) error {
	return create(m, m.codes, c.Hash, c)
}

func (m *memory) Code(_ context.Context, hash string) (hub.EnrolmentCode, error) {
	return read(m, m.codes, hash)
}

func (m *memory) Codes(_ context.Context, after string, limit int) ([]hub.EnrolmentCode, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []hub.EnrolmentCode
	for _, hash := range slices.Sorted(maps.Keys(m.codes)) {
		if hash > after && len(page) < limit {
			page = append(page, m.codes[hash])
		}
	}
	return page, m.fail
}

func (m *memory) RedeemCode(ctx context.Context, hash string, device sync.DeviceID, milli int64) error {
	c, err := m.Code(ctx, hash)
	if err != nil {
		return err
	}
	c.Used, c.Device = milli, device
	return swap(m, m.codes, hash, func(c hub.EnrolmentCode) bool { return c.Used == 0 && c.Expires > milli }, c)
}

func (m *memory) SigningKeys(context.Context) ([]hub.SigningKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	return slices.SortedFunc(maps.Values(m.keys), func(a, b hub.SigningKey) int {
		return cmp.Or(cmp.Compare(a.NotBefore, b.NotBefore), cmp.Compare(a.ID, b.ID))
	}), m.fail
}

func (m *memory) CreateSigningKey(_ context.Context, k hub.SigningKey) error {
	return create(m, m.keys, k.ID, k)
}
