package storetest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
)

// keyValueState is what a key-value store has; values begin with their timestamps in all
// but the plain one.
type keyValueState struct {
	values map[string]string
	now    int64
}

type keyValueModel struct {
	spec               kinds.Spec
	committed, pending keyValueState
}

func newKeyValueModel(s kinds.Spec) *keyValueModel {
	m := &keyValueModel{spec: s, committed: keyValueState{values: map[string]string{}, now: -1 << 62}}
	m.abort()
	return m
}

func (m *keyValueModel) view(s *kinds.Stores) kinds.View {
	return kinds.View{KeyValue: &s.KeyValue(m.spec.Name).KeyValueReader}
}

func (m *keyValueModel) commit() {
	m.committed = keyValueState{maps.Clone(m.pending.values), m.pending.now}
}

func (m *keyValueModel) abort() {
	m.pending = keyValueState{maps.Clone(m.committed.values), m.committed.now}
}

// modelKey returns one of a few keys, most of them the beginning of another.
func modelKey(rng *rand.Rand) string {
	return []string{"a", "aa", "a\x00", "ab", "b", "\xff"}[rng.IntN(6)]
}

func (m *keyValueModel) change(_ *testing.T, rng *rand.Rand, s *kinds.Stores, now int64) {
	key, store := modelKey(rng), s.KeyValue(m.spec.Name)
	if rng.IntN(4) == 0 {
		store.Delete([]byte(key))
		delete(m.pending.values, key)
		return
	}
	value := fmt.Appendf(nil, "%d", rng.IntN(1000))
	if m.spec.Kind == kinds.Timestamped {
		at := now - rng.Int64N(kindTTL.Milliseconds()*5/4)
		value = format.AppendTimestamped(nil, at, value)
		m.pending.now = max(m.pending.now, at)
	}
	if store.Put([]byte(key), value) {
		m.pending.values[key] = string(value)
	} else {
		delete(m.pending.values, key)
	}
}

// live reports whether a value has not expired.
func (m *keyValueModel) live(s keyValueState, value string) bool {
	return m.spec.TTL == 0 || int64(binary.BigEndian.Uint64([]byte(value))) > s.now-m.spec.TTL.Milliseconds()
}

func (m *keyValueModel) check(t *testing.T, rng *rand.Rand, v kinds.View, committed bool) {
	t.Helper()
	s := m.pending
	if committed {
		s = m.committed
	}
	want := []entry{}
	from, descending := []byte(modelKey(rng)), rng.IntN(2) == 0
	for _, e := range sorted(s.values, from, nil, descending) {
		if m.live(s, e.value) {
			want = append(want, e)
		}
	}
	it, err := v.KeyValue.Range(from, nil, descending)
	if err != nil {
		t.Fatal(err)
	}
	got := []entry{}
	for it.Next() {
		got = append(got, entry{string(it.Key()), string(it.Value())})
	}
	if err := errors.Join(it.Err(), it.Close()); err != nil || !slices.Equal(got, want) {
		t.Errorf("store %s from %q: %q, %v, want %q", m.spec.Name, from, got, err, want)
	}
	key := modelKey(rng)
	value, err := v.KeyValue.Get([]byte(key))
	wanted, ok := s.values[key]
	if ok = ok && m.live(s, wanted); err != nil || ok != (value != nil) || ok && wanted != string(value) {
		t.Errorf("store %s: Get(%q) = %q, %v, want %q, there: %v", m.spec.Name, key, value, err, wanted, ok)
	}
}

// expire checks that keys which are deleted have expired.
func (m *keyValueModel) expire(t *testing.T, store *kinds.KeyValueStore) {
	t.Helper()
	for more := true; more; {
		var err error
		more, err = store.Expire(3, func(key, value []byte) error {
			if m.live(m.pending, string(value)) || m.pending.values[string(key)] != string(value) {
				t.Errorf("key %q with %q expired, and it has %q", key, value, m.pending.values[string(key)])
			}
			delete(m.pending.values, string(key))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// What is left must have expired less than a part of the TTL ago.
	for key, value := range m.pending.values {
		at := int64(binary.BigEndian.Uint64([]byte(value)))
		if at+m.spec.TTL.Milliseconds()*9/8 < m.pending.now {
			t.Errorf("key %q of %d was not deleted at %d", key, at, m.pending.now)
		}
	}
}

type versionedState struct {
	versions map[string]map[int64][]byte // a nil value is a deletion
	now      int64
}

func (s versionedState) clone() versionedState {
	c := versionedState{map[string]map[int64][]byte{}, s.now}
	for key, versions := range s.versions {
		c.versions[key] = maps.Clone(versions)
	}
	return c
}

type versionedModel struct {
	spec               kinds.Spec
	committed, pending versionedState
}

func newVersionedModel(s kinds.Spec) *versionedModel {
	m := &versionedModel{spec: s, committed: versionedState{map[string]map[int64][]byte{}, -1 << 62}}
	m.abort()
	return m
}

func (m *versionedModel) view(s *kinds.Stores) kinds.View {
	return kinds.View{Versioned: &s.Versioned(m.spec.Name).VersionedReader}
}
func (m *versionedModel) commit() { m.committed = m.pending.clone() }
func (m *versionedModel) abort()  { m.pending = m.committed.clone() }

func (m *versionedModel) change(t *testing.T, rng *rand.Rand, s *kinds.Stores, now int64) {
	t.Helper()
	key, at := modelKey(rng), now-rng.Int64N(kindRetention.Milliseconds()*5/4)
	var value []byte
	if rng.IntN(3) > 0 {
		value = fmt.Appendf([]byte{}, "%d", rng.IntN(1000))[rng.IntN(2):]
	}
	to, ok, err := s.Versioned(m.spec.Name).Put([]byte(key), value, at)
	if err != nil {
		t.Fatal(err)
	}
	if want := at >= m.pending.now-m.spec.Retention.Milliseconds(); ok != want {
		t.Errorf("Put at %d, when it is %d: %v, want %v", at, m.pending.now, ok, want)
	}
	if !ok {
		return
	}
	m.pending.now = max(m.pending.now, at)
	if m.pending.versions[key] == nil {
		m.pending.versions[key] = map[int64][]byte{}
	}
	m.pending.versions[key][at] = value
	if want := m.next(m.pending, key, at); to != want && m.readable(m.pending, want) {
		t.Errorf("Put of %q at %d is valid to %d, want %d", key, at, to, want)
	}
}

// next returns the end of a version.
func (m *versionedModel) next(s versionedState, key string, at int64) int64 {
	for _, ts := range slices.Sorted(maps.Keys(s.versions[key])) {
		if ts > at {
			return ts
		}
	}
	return kinds.Current
}

// readable reports whether a version that ends then can be read.
func (m *versionedModel) readable(s versionedState, end int64) bool {
	return end == kinds.Current || end > s.now-m.spec.Retention.Milliseconds()
}

func (m *versionedModel) check(t *testing.T, rng *rand.Rand, v kinds.View, committed bool) {
	t.Helper()
	s := m.pending
	if committed {
		s = m.committed
	}
	key := modelKey(rng)
	at := s.now - rng.Int64N(kindRetention.Milliseconds()*5/4)
	if s.now < 0 {
		at = 5
	}
	var latest, then *kinds.Version
	all := []kinds.Version{}
	for _, ts := range slices.Sorted(maps.Keys(s.versions[key])) {
		value := s.versions[key][ts]
		version := kinds.Version{Value: value, From: ts, To: m.next(s, key, ts)}
		late := at < s.now-m.spec.Retention.Milliseconds()
		if value == nil {
			latest = nil
			if ts <= at {
				then = nil
			}
			continue
		}
		latest = &version
		if ts <= at {
			then = nil
			if version.To == kinds.Current || !late && version.To > at {
				then = &version
			}
		}
		if m.readable(s, version.To) {
			all = append(all, version)
		}
	}
	got, err := v.Versioned.Get([]byte(key))
	m.compare(t, "Get", got, err, latest)
	got, err = v.Versioned.GetAsOf([]byte(key), at)
	m.compare(t, fmt.Sprintf("GetAsOf(%q, %d) at %d", key, at, s.now), got, err, then)
	versions, err := v.Versioned.Versions([]byte(key), -1<<62, 1<<62)
	if err != nil || !slices.EqualFunc(versions, all, equalVersions) {
		t.Errorf("Versions(%q) = %v, %v, want %v", key, versions, err, all)
	}
}

func (m *versionedModel) compare(t *testing.T, call string, got *kinds.Version, err error, want *kinds.Version) {
	t.Helper()
	if err != nil || (got == nil) != (want == nil) || got != nil && !equalVersions(*got, *want) {
		t.Errorf("%s = %v, %v, want %v", call, got, err, want)
	}
}

func equalVersions(a, b kinds.Version) bool {
	return bytes.Equal(a.Value, b.Value) && a.From == b.From && a.To == b.To
}
