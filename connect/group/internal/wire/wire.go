// Package wire has the bytes that Kafka Connect's workers exchange through their
// group: what a worker says when it joins, and what the leader answers to each.
// Kafka carries both without looking at them.
//
// All numbers are big-endian; a string is its length in two bytes and UTF-8, a
// list its length in four bytes and its elements.
//
//	metadata    version  2 bytes   0: default, 1: compatible, 2: sessioned
//	            url      string    of the worker's REST API
//	            offset   8 bytes   up to which it has read the config topic
//	            held     4 bytes of length, -1 for none, and an assignment; from 1 on
//	            loads    list of numbers of 8 bytes, one for each connector and task
//	                     held, in the order of names and numbers; -1 where there is
//	                     none. In version 100 only, which Kafka Connect does not have
//
//	assignment  version  2 bytes
//	            error    2 bytes   0, or 1 when the leader had not read enough
//	            leader   string    its member id
//	            url      string    of the leader's REST API
//	            offset   8 bytes   of the config topic that the assignment is for
//	            assigned list of connectors
//	            revoked  list of connectors, -1 for none; from 1 on
//	            delay    4 bytes   milliseconds, after which to join again; from 1 on
//
//	connector   name     string
//	            tasks    list of numbers of 4 bytes; -1 is the connector itself
//
// The types that kmsg has for them differ: their tasks are numbers of two bytes.
//
// What is missing at the end has its default, as in Kafka Connect. Whoever reaches
// the broker can join a group, so the decoders take any bytes: they never panic,
// and never make more than a small multiple of what they are given.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/suiro/suiro/connect/herder/api"
)

// MaxBytes is the longest text that is decoded: half a million tasks.
const MaxBytes = 2 << 20

// The versions of the format.
const (
	V0 = 0 // default: eager rebalances
	V1 = 1 // compatible: incremental cooperative rebalances
	V2 = 2 // sessioned: as 1, and requests between workers are signed

	// VLoad is V2 with the loads of tasks.
	VLoad = 100
)

// ErrTooLong means that bytes have more than [MaxBytes].
var ErrTooLong = errors.New("they are too long")

var errEnd = errors.New("they end too early")

// Metadata is what a worker says when it joins.
type Metadata struct {
	// URL is the address of its REST API.
	URL string
	// Offset is up to where it has read the config topic.
	Offset int64
	// Held is the assignment that it works on. Nil for none, and in version 0.
	Held *Assignment
	// Loads say how busy the tasks of Held are. In version VLoad only.
	Loads map[api.TaskID]int64
}

// Assignment is what the leader answers to a worker.
type Assignment struct {
	// Failed means that the leader could not assign, as it had read less of the
	// config topic than another worker: all join again.
	Failed bool
	// Leader is the member id of the leader.
	Leader string
	// LeaderURL is the address of the leader's REST API.
	LeaderURL string
	// Offset is that of the config topic which the assignment is for.
	Offset int64
	// Assigned is all work in version 0, and what is added from 1 on.
	Assigned work.Set
	// Revoked is what the worker stops. Empty in version 0.
	Revoked work.Set
	// Delay is the number of milliseconds after which the worker joins again, 0
	// for never. 0 in version 0.
	Delay int32
}

// EncodeMetadata returns the bytes of m in a version.
func EncodeMetadata(m Metadata, version int16) []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(version))
	b = appendString(b, m.URL)
	b = binary.BigEndian.AppendUint64(b, uint64(m.Offset))
	if version == V0 {
		return b
	}
	if m.Held == nil {
		return appendInt32(b, -1)
	}
	held := EncodeAssignment(*m.Held, version)
	b = append(appendInt32(b, int32(len(held))), held...)
	if version == VLoad {
		b = appendLoads(b, m)
	}
	return b
}

func appendLoads(b []byte, m Metadata) []byte {
	sorted := m.Held.Assigned.Sorted()
	b = appendInt32(b, int32(len(sorted)))
	for _, id := range sorted {
		load, ok := m.Loads[id]
		if !ok {
			load = -1
		}
		b = binary.BigEndian.AppendUint64(b, uint64(load))
	}
	return b
}

// EncodeAssignment returns the bytes of a in a version.
func EncodeAssignment(a Assignment, version int16) []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(version))
	var failed uint16
	if a.Failed {
		failed = 1
	}
	b = binary.BigEndian.AppendUint16(b, failed)
	b = appendString(b, a.Leader)
	b = appendString(b, a.LeaderURL)
	b = binary.BigEndian.AppendUint64(b, uint64(a.Offset))
	b = appendWork(b, a.Assigned)
	if version == V0 {
		return b
	}
	return appendInt32(appendWork(b, a.Revoked), a.Delay)
}

// appendWork groups a set by connector, each before its tasks.
func appendWork(b []byte, s work.Set) []byte {
	sorted := s.Sorted()
	connectors := 0
	for i, id := range sorted {
		if i == 0 || sorted[i-1].Connector != id.Connector {
			connectors++
		}
	}
	b = appendInt32(b, int32(connectors))
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && sorted[n].Connector == sorted[0].Connector {
			n++
		}
		b = appendString(b, sorted[0].Connector)
		b = appendInt32(b, int32(n))
		for _, id := range sorted[:n] {
			b = appendInt32(b, int32(id.Task))
		}
		sorted = sorted[n:]
	}
	return b
}

func appendInt32(b []byte, n int32) []byte { return binary.BigEndian.AppendUint32(b, uint32(n)) }

// appendString cuts what has no place: names and addresses are far shorter.
func appendString(b []byte, s string) []byte {
	s = s[:min(len(s), math.MaxInt16)]
	return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
}

// DecodeMetadata reads metadata of any version.
func DecodeMetadata(b []byte) (Metadata, error) {
	r, err := open(b)
	if err != nil {
		return Metadata{}, fmt.Errorf("metadata of a Connect worker: %w", err)
	}
	m := Metadata{URL: r.string(), Offset: r.int64()}
	loaded := binary.BigEndian.Uint16(b) == VLoad
	if held := r.bytesOrNone(); held != nil {
		a, err := DecodeAssignment(held)
		if err != nil {
			return Metadata{}, fmt.Errorf("metadata of a Connect worker: %w", err)
		}
		m.Held = &a
	}
	if loaded && m.Held != nil {
		m.Loads = r.loads(m.Held.Assigned)
	}
	if r.err != nil {
		return Metadata{}, fmt.Errorf("metadata of a Connect worker: %w", r.err)
	}
	return m, nil
}

// DecodeAssignment reads an assignment of any version.
func DecodeAssignment(b []byte) (Assignment, error) {
	r, err := open(b)
	if err != nil {
		return Assignment{}, fmt.Errorf("assignment: %w", err)
	}
	a := Assignment{Failed: r.int16() != 0, Leader: r.string(), LeaderURL: r.string(), Offset: r.int64()}
	a.Assigned, a.Revoked = r.work(), r.work()
	if r.more() {
		a.Delay = max(r.int32(), 0)
	}
	if r.err != nil {
		return Assignment{}, fmt.Errorf("assignment: %w", r.err)
	}
	return a, nil
}

// reader takes numbers and strings off its bytes. After the first error it gives
// zeros.
type reader struct {
	left []byte
	err  error
}

// open reads the version. Later ones only add at the end.
func open(b []byte) (*reader, error) {
	if len(b) > MaxBytes {
		return nil, ErrTooLong
	}
	r := &reader{left: b}
	if v := r.int16(); v < V0 {
		return nil, fmt.Errorf("unknown version %d", v)
	}
	return r, r.err
}

// more reports whether an optional field is there.
func (r *reader) more() bool { return r.err == nil && len(r.left) > 0 }

func (r *reader) take(n int) []byte {
	if r.err == nil && (n < 0 || n > len(r.left)) {
		r.err = errEnd
	}
	if r.err != nil {
		return make([]byte, min(max(n, 0), 8))
	}
	b := r.left[:n]
	r.left = r.left[n:]
	return b
}

func (r *reader) int16() int16 { return int16(binary.BigEndian.Uint16(r.take(2))) }
func (r *reader) int32() int32 { return int32(binary.BigEndian.Uint32(r.take(4))) }
func (r *reader) int64() int64 { return int64(binary.BigEndian.Uint64(r.take(8))) }

func (r *reader) string() string {
	b := r.take(int(r.int16()))
	if r.err != nil {
		return ""
	}
	return string(b)
}

// bytesOrNone reads bytes that may be missing or nil.
func (r *reader) bytesOrNone() []byte {
	if !r.more() {
		return nil
	}
	n := r.int32()
	if n == -1 || r.err != nil {
		return nil
	}
	return r.take(int(n))
}

// work reads a list of connectors, which may be missing or -1.
func (r *reader) work() work.Set {
	s := work.Set{}
	if !r.more() {
		return s
	}
	for n := r.int32(); n > 0 && r.err == nil; n-- {
		name := r.string()
		for tasks := r.count(4); tasks > 0; tasks-- {
			id := api.TaskID{Connector: name, Task: int(r.int32())}
			if id.Task < work.Connector {
				r.err = fmt.Errorf("%d is not the number of a task", id.Task)
			}
			s[id] = true
		}
	}
	return s
}

// loads reads one load for each of what is held.
func (r *reader) loads(held work.Set) map[api.TaskID]int64 {
	out := map[api.TaskID]int64{}
	n := r.count(8)
	if r.err == nil && n != len(held) {
		r.err = fmt.Errorf("%d loads for %d connectors and tasks", n, len(held))
	}
	for _, id := range held.Sorted() {
		if r.err != nil {
			return nil
		}
		if load := r.int64(); load >= 0 {
			out[id] = load
		}
	}
	return out
}

// count reads the length of a list whose elements have size bytes each.
func (r *reader) count(size int) int {
	n := int(r.int32())
	if r.err == nil && (n < 0 || n > len(r.left)/size) {
		r.err = errEnd
	}
	if r.err != nil {
		return 0
	}
	return n
}
