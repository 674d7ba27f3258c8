package ltsv

import (
	"bytes"
	"iter"
)

// Field is one label and its value.
type Field struct {
	// Label and Value are slices of the parsed line, or what Add was given.
	Label, Value []byte
	// Offset is where Value begins in the parsed line, from 0.
	Offset int
}

// Record is a list of fields in the order of the line. The zero Record is
// empty; parsing into a used one keeps its memory.
type Record struct {
	fields  []Field
	skipped int
	line    int
	// seen has a bit per label hash: a bit not set means a label not seen.
	seen [4]uint64
	// index finds a label once there are more than indexFrom fields, so that
	// a long line of short fields costs linear and not quadratic time.
	index map[string]int
}

const (
	indexFrom = 32
	indexKept = 1024
)

// Len returns the number of fields.
func (r *Record) Len() int { return len(r.fields) }

// Field returns field i, from 0.
func (r *Record) Field(i int) Field { return r.fields[i] }

// Skipped returns how many fields lenient parsing left out.
func (r *Record) Skipped() int { return r.skipped }

// Line returns the line of the message the record was read from, from 1.
func (r *Record) Line() int { return r.line }

// Fields iterates over labels and values in order.
func (r *Record) Fields() iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		for i := range r.fields {
			if !yield(r.fields[i].Label, r.fields[i].Value) {
				return
			}
		}
	}
}

// Value returns the value of label and whether there is one.
func (r *Record) Value(label string) ([]byte, bool) {
	for i := range r.fields {
		if string(r.fields[i].Label) == label {
			return r.fields[i].Value, true
		}
	}
	return nil, false
}

// Add appends a field as it is; nothing is checked before formatting.
func (r *Record) Add(label, value []byte) {
	r.fields = append(r.fields, Field{Label: label, Value: value})
}

// Reset empties the record and keeps its memory.
func (r *Record) Reset() {
	r.fields = r.fields[:0]
	r.skipped = 0
	r.line = 1
	r.seen = [4]uint64{}
	if len(r.index) > indexKept {
		r.index = nil // clearing a map costs what it once held, however little it holds now
	}
	clear(r.index)
}

// find returns the place of label among the parsed fields, or -1, and notes
// label as seen.
func (r *Record) find(label []byte) int {
	h := labelHash(label)
	bit := uint64(1) << (h & 63)
	word := &r.seen[(h>>6)&3]
	if *word&bit == 0 && len(r.fields) < indexFrom {
		*word |= bit
		return -1
	}
	*word |= bit
	if len(r.fields) >= indexFrom {
		return r.lookup(label)
	}
	for i := range r.fields {
		if bytes.Equal(r.fields[i].Label, label) {
			return i
		}
	}
	return -1
}

// lookup is find through the index, which it brings up to date first.
func (r *Record) lookup(label []byte) int {
	if r.index == nil {
		r.index = make(map[string]int, 2*indexFrom)
	}
	for i := len(r.index); i < len(r.fields); i++ {
		r.index[string(r.fields[i].Label)] = i
	}
	if i, ok := r.index[string(label)]; ok {
		return i
	}
	return -1
}

func labelHash(label []byte) uint32 {
	n := len(label)
	if n == 0 {
		return 0
	}
	h := uint32(n)*0x9e3779b1 ^ uint32(label[0])*0x85ebca6b ^ uint32(label[n-1])*0xc2b2ae35
	h ^= uint32(label[n/2]) * 0x27d4eb2f
	return h >> 13
}
