package kinds

import (
	"encoding/binary"
	"fmt"

	"github.com/suiro/suiro/stores/format"
)

// timestampLen is the length of a timestamp in a key or value.
const timestampLen = 8

// NoTimestamp is the timestamp of a record whose format has none: it may have any.
const NoTimestamp = -1

// Record is a record of a store's changelog, with the bytes of Kafka Streams.
type Record struct {
	// Key is the record's.
	Key []byte
	// Value is the record's, nil for a deletion.
	Value []byte
	// Timestamp is in milliseconds since 1970. Records that do not need one have
	// [NoTimestamp] when they are written, and any when they are read.
	Timestamp int64
}

// TimeOf returns the time by which a record of the store's changelog expires, in milliseconds
// since 1970: the start of its window, or the end of its session. It is false for a store
// whose records do not expire by their keys, and for a key that is not the store's.
func (s Spec) TimeOf(key []byte) (at int64, ok bool) {
	switch s.Kind {
	case Window, TimestampedWindow:
		k, err := format.ParseWindowKey(key)
		return k.Start, err == nil
	case Session:
		k, err := format.ParseSessionKey(key)
		return k.End, err == nil
	}
	return 0, false
}

// record returns the changelog record of a pending write, or false when there is none.
// What it returns shares memory with key and value, which are whole.
func (s Spec) record(key, value []byte) (Record, bool) {
	r := Record{Key: key, Value: value, Timestamp: NoTimestamp}
	switch s.Kind {
	case Versioned:
		if value == nil { // a version that has expired
			return r, false
		}
		r.Key, r.Timestamp = splitVersion(key)
		r.Value = versionValue(value)
		return r, true
	case Window, TimestampedWindow, Session:
		r.Key = key[segmentLen:]
	}
	if value != nil && (s.Kind == Timestamped || s.Kind == TimestampedWindow) {
		r.Timestamp, r.Value = int64(binary.BigEndian.Uint64(value)), value[timestampLen:]
	}
	return r, true
}

// checked is record for a write that may be of someone who went around the store.
func (s Spec) checked(key, value []byte) (Record, bool, error) {
	short := s.windowed() && len(key) < segmentLen+windowSuffix ||
		s.Kind == Session && len(key) < segmentLen+sessionSuffix ||
		s.Kind == Versioned && !isVersion(key) ||
		(s.Kind == Timestamped || s.Kind == TimestampedWindow) && value != nil && len(value) < timestampLen
	if short {
		return Record{}, false, fmt.Errorf("write the changelog of store %s: key %.64q with %d bytes of value is not of %v",
			s.Name, key, len(value), s.Kind)
	}
	r, ok := s.record(key, value)
	return r, ok, nil
}

// entry is what a changelog record becomes in the store.
type entry struct {
	key, value []byte // without the prefix; no value is a deletion
	time       int64  // for the store's time
	sequence   int32  // of a window that is a duplicate
}

// entry returns what the store has after a changelog record. buf is memory to use.
func (s Spec) entry(r Record, buf []byte) (entry, error) {
	e := entry{key: r.Key, value: r.Value, time: r.Timestamp}
	switch s.Kind {
	case Versioned:
		e.key = appendVersion(buf, r.Key, r.Timestamp)
		e.value = appendVersionValue(nil, r.Value)
	case Window, TimestampedWindow:
		k, err := format.ParseWindowKey(r.Key)
		if err != nil {
			return e, fmt.Errorf("read the changelog of store %s: %w", s.Name, err)
		}
		e.time, e.sequence = k.Start, k.Sequence
		e.key = append(appendOrdered(buf, floorDiv(k.Start, s.interval())), r.Key...)
	case Session:
		k, err := format.ParseSessionKey(r.Key)
		if err != nil {
			return e, fmt.Errorf("read the changelog of store %s: %w", s.Name, err)
		}
		e.time = k.End
		e.key = append(appendOrdered(buf, floorDiv(k.End, s.interval())), r.Key...)
	}
	if r.Value != nil && (s.Kind == Timestamped || s.Kind == TimestampedWindow) {
		e.value = format.AppendTimestamped(make([]byte, 0, timestampLen+len(r.Value)), r.Timestamp, r.Value)
	}
	return e, nil
}
