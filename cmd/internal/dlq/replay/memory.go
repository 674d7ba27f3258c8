package replay

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Memory is which letters of a partition were put back.
//
// A group keeps it as an offset with metadata. Every letter below the offset was put back;
// the metadata holds the spans behind it whose letters were put back as well:
//
//	suiro1:  base64 of deflated numbers, each a varint:
//	         letters left, letters put back, letters left, letters put back, …
//
// The numbers count offsets from the group's offset on. An offset without metadata, as
// kafka-consumer-groups.sh --reset-offsets writes it, is one with no letter put back behind it.
type Memory struct {
	// Next is the offset below which every letter was put back.
	Next int64
	// Known reports whether the group had an offset.
	Known bool

	spans []span // behind Next, in order, with letters that are left between them
}

// span is the offsets of letters that were put back, and of what lies between them: to is the one behind the last.
type span struct{ from, to int64 }

const (
	format = "suiro1:"
	// MaxMetadata is how many bytes of metadata brokers take with an offset, unless their
	// offset.metadata.max.bytes says otherwise.
	MaxMetadata = 4096
	// maxNumbers bounds what is read of a metadata that others may have written.
	maxNumbers = 1 << 20
)

// errTooMany is that a group cannot remember more.
var errTooMany = errors.New("the letters that were put back and those that were left take turns too often for the " +
	"metadata of one offset")

// decode reads what encode wrote.
func decode(next int64, metadata string) (Memory, error) {
	m := Memory{Next: next, Known: true}
	if metadata == "" {
		return m, nil
	}
	text, ours := strings.CutPrefix(metadata, format)
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if !ours || err != nil {
		return m, errors.New("its offset has metadata of another program")
	}
	numbers := bytes.NewBuffer(nil)
	if _, err := io.Copy(numbers, io.LimitReader(flate.NewReader(bytes.NewReader(raw)), maxNumbers)); err != nil {
		return m, fmt.Errorf("its offset has metadata that cannot be read: %w", err)
	}
	for at := next; numbers.Len() > 0; {
		left, err := binary.ReadUvarint(numbers)
		var put uint64
		if err == nil {
			put, err = binary.ReadUvarint(numbers)
		}
		before := at
		from := before + int64(left)
		at = from + int64(put)
		if err != nil || from < before || at <= from {
			return m, errors.New("its offset has metadata that makes no sense")
		}
		m.spans = append(m.spans, span{from, at})
	}
	return m, nil
}

// encode returns the metadata. The error is errTooMany when brokers would not take it.
func (m *Memory) encode() (string, error) {
	if len(m.spans) == 0 {
		return "", nil
	}
	var numbers []byte
	at := m.Next
	for _, s := range m.spans {
		numbers = binary.AppendUvarint(numbers, uint64(s.from-at))
		numbers = binary.AppendUvarint(numbers, uint64(s.to-s.from))
		at = s.to
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err == nil {
		_, err = w.Write(numbers)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", err
	}
	text := format + base64.RawStdEncoding.EncodeToString(packed.Bytes())
	if len(text) > MaxMetadata {
		return "", errTooMany
	}
	return text, nil
}

// Has reports whether the letter at an offset was put back.
func (m *Memory) Has(offset int64) bool {
	if offset < m.Next {
		return true
	}
	i, found := slices.BinarySearchFunc(m.spans, offset, func(s span, at int64) int {
		switch {
		case s.to <= at:
			return -1
		case s.from > at:
			return 1
		}
		return 0
	})
	return found && i < len(m.spans)
}

// begin takes note of the first offset that the partition still has. What was before it is gone.
func (m *Memory) begin(first int64) {
	if !m.Known || first > m.Next {
		m.Next = first
	}
	m.settle()
}

// add notes that the letters of the offsets from and up to, but without, to were put back.
func (m *Memory) add(from, to int64) {
	i, _ := slices.BinarySearchFunc(m.spans, from, func(s span, at int64) int { return int(min(1, max(-1, s.to-at))) })
	last := i
	for ; last < len(m.spans) && m.spans[last].from <= to; last++ {
		from, to = min(from, m.spans[last].from), max(to, m.spans[last].to)
	}
	m.spans = slices.Replace(m.spans, i, last, span{from, to})
	m.settle()
}

// settle moves Next over the spans that begin there.
func (m *Memory) settle() {
	n := 0
	for ; n < len(m.spans) && m.spans[n].from <= m.Next; n++ {
		m.Next = max(m.Next, m.spans[n].to)
	}
	m.spans = slices.Delete(m.spans, 0, n)
}

// walk notes letters that are met in the order of their offsets, so that two that were put
// back are in one span when there is no letter between them, but only markers of
// transactions, or nothing, as their offsets were compacted.
type walk struct {
	memory *Memory
	open   int64 // where the span begins that the next letter would be in, -1 when one was left
}

func newWalk(m *Memory) *walk { return &walk{m, m.Next} }

// put notes that a letter is put back now.
func (w *walk) put(offset int64) {
	if w.open < 0 {
		w.open = offset
	}
	w.memory.add(w.open, offset+1)
}

// pass notes a letter that is not put back now. Perhaps it was before.
func (w *walk) pass(offset int64) {
	switch {
	case !w.memory.Has(offset):
		w.open = -1
	case w.open < 0:
		w.open = offset
	case offset >= w.open:
		w.memory.add(w.open, offset+1) // one span with what is before
	}
}
