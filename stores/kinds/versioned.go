package kinds

import (
	"bytes"
	"errors"
	"math"

	"github.com/suiro/suiro/stores"
)

// VersionedReader reads a versioned store (KIP-889). Times are in milliseconds since
// 1970.
type VersionedReader struct {
	source stores.Source
	spec   Spec
	prefix []byte
	now    func() (int64, error) // the store's time
}

// Get returns the latest version of key, or nil when there is none or it was deleted.
func (r *VersionedReader) Get(key []byte) (*Version, error) { return r.at(key, math.MaxInt64) }

// GetAsOf returns the version of key that was valid at a timestamp, or nil when there
// was none, or when the timestamp is further behind the store's time than the retention
// and the version is not the latest.
func (r *VersionedReader) GetAsOf(key []byte, timestamp int64) (*Version, error) {
	now, err := r.now()
	if err != nil {
		return nil, err
	}
	v, err := r.at(key, timestamp)
	if v != nil && v.To != Current && timestamp < since(now, r.spec.Retention.Milliseconds()+1) {
		return nil, err
	}
	return v, err
}

// at returns the version at a timestamp whether it is still kept or not.
func (r *VersionedReader) at(key []byte, timestamp int64) (*Version, error) {
	entry, value, err := r.first(key, math.MinInt64, timestamp, true)
	if err != nil || entry == nil || versionValue(value) == nil {
		return nil, err
	}
	_, from := splitVersion(entry)
	v := &Version{Value: versionValue(value), From: from, To: Current}
	if timestamp == math.MaxInt64 {
		return v, nil
	}
	v.To, err = r.after(key, from)
	return v, err
}

// after returns the timestamp of the version behind one, or Current.
func (r *VersionedReader) after(key []byte, from int64) (int64, error) {
	if from == math.MaxInt64 {
		return Current, nil
	}
	next, _, err := r.first(key, from+1, math.MaxInt64, false)
	if err != nil || next == nil {
		return Current, err
	}
	_, to := splitVersion(next)
	return to, nil
}

// first returns the first entry of key with from <= version <= to, copied.
func (r *VersionedReader) first(key []byte, from, to int64, descending bool) (entry, value []byte, err error) {
	it, err := r.iterate(key, from, to, descending)
	if err != nil {
		return nil, nil, err
	}
	if it.Next() {
		entry, value = bytes.Clone(it.Key()[len(r.prefix):]), bytes.Clone(it.Value())
	}
	return entry, value, errors.Join(it.Err(), it.Close())
}

// iterate walks the entries of key with from <= version <= to.
func (r *VersionedReader) iterate(key []byte, from, to int64, descending bool) (stores.Iterator, error) {
	lower := appendVersion(bytes.Clone(r.prefix), key, from)
	upper := append(appendVersion(bytes.Clone(r.prefix), key, to), 0)
	return r.source.Iterate(lower, upper, descending)
}

// Versions returns the versions of key that were valid at some time with
// from <= time <= to and are kept, the oldest first (KIP-968).
func (r *VersionedReader) Versions(key []byte, from, to int64) (versions []Version, err error) {
	now, err := r.now()
	if err != nil {
		return nil, err
	}
	earliest := since(now, r.spec.Retention.Milliseconds())
	it, err := r.iterate(key, math.MinInt64, math.MaxInt64, true)
	if err != nil {
		return nil, err
	}
	end := int64(Current) // of the version at hand
	for it.Next() {
		_, start := splitVersion(it.Key()[len(r.prefix):])
		if end != Current && (end < earliest || end <= from) {
			break
		}
		if value := versionValue(it.Value()); value != nil && start <= to {
			versions = append(versions, Version{Value: bytes.Clone(value), From: start, To: end})
		}
		end = start
	}
	for i, j := 0, len(versions)-1; i < j; i, j = i+1, j-1 {
		versions[i], versions[j] = versions[j], versions[i]
	}
	return versions, errors.Join(it.Err(), it.Close())
}

// VersionedStore is a versioned store of a task.
type VersionedStore struct {
	VersionedReader
	overlay *stores.Overlay
	clock   *clock
	sweep   sweep
	buf     []byte
}

var _ stores.Attachment = (*VersionedStore)(nil)

func newVersionedStore(o *stores.Overlay, s Spec, c *clock) *VersionedStore {
	return &VersionedStore{
		VersionedReader: VersionedReader{source: o, spec: s, prefix: s.prefix(), now: c.read},
		overlay:         o, clock: c,
		sweep: sweep{source: o, prefix: s.prefix(), retention: s.Retention.Milliseconds(), from: noTime},
	}
}

// Put adds a version of key, or replaces the one with that timestamp; the value nil
// deletes the key from then on. It copies key and value. It returns the timestamp of the
// version that follows it, or [Current]; and false when the timestamp is further behind
// the store's time than the retention: then nothing is changed.
func (v *VersionedStore) Put(key, value []byte, timestamp int64) (to int64, ok bool, err error) {
	if timestamp < since(v.clock.now, v.spec.Retention.Milliseconds()+1) {
		return Current, false, nil
	}
	v.clock.advance(timestamp)
	if to, err = v.after(key, timestamp); err != nil {
		return Current, false, err
	}
	v.buf = appendVersion(append(v.buf[:0], v.prefix...), key, timestamp)
	v.overlay.Put(v.buf, appendVersionValue(make([]byte, 0, 1+len(value)), value))
	return to, true, nil
}

// Delete deletes key from a timestamp on, and returns the version that was valid then,
// or nil. Nothing is changed when the timestamp is too old for Put.
func (v *VersionedStore) Delete(key []byte, timestamp int64) (*Version, error) {
	if timestamp < since(v.clock.now, v.spec.Retention.Milliseconds()+1) {
		return nil, nil
	}
	before, err := v.GetAsOf(key, timestamp)
	if err != nil {
		return nil, err
	}
	_, _, err = v.Put(key, nil, timestamp)
	return before, err
}

// Time returns the store's time, or math.MinInt64 when nothing was put into it.
func (v *VersionedStore) Time() int64 { return v.clock.now }

// CommitTo implements [stores.Attachment].
func (v *VersionedStore) CommitTo(b *stores.Batch, prefix []byte) {
	v.clock.write(b, prefix)
	v.sweep.write(b, prefix, v.clock.now)
}

// Clear implements [stores.Attachment].
func (v *VersionedStore) Clear(committed bool) {
	if !committed {
		v.clock.back()
		return
	}
	v.clock.keep()
}
