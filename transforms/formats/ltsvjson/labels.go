package ltsvjson

import "bytes"

const (
	labelSlots = 128
	labelsMost = 64
)

// labels remembers the labels of one line, to find one that occurs twice. It
// lives on the stack: a line of more than 64 labels is left to the parser.
type labels struct {
	named uint64            // the bits of the fields seen
	slots [labelSlots]uint8 // index into spans plus one
	spans [labelsMost]span
	n     int
}

type span struct{ from, to int32 }

// addField notes the label of f, which is line[from:to] or, when f is nil, a
// label that the options do not name. It says false as add does.
func (l *labels) addField(f *field, line []byte, from, to int, h uint) bool {
	if f == nil || f.bit == 0 {
		return l.add(line, from, to, h)
	}
	if l.named&f.bit != 0 {
		return false
	}
	l.named |= f.bit
	return true
}

// add notes line[from:to], whose hash is h, and says false when it is there
// already or cannot be noted.
func (l *labels) add(line []byte, from, to int, h uint) bool {
	if l.n == labelsMost || to > 1<<30 {
		return false
	}
	i := h % labelSlots
	for l.slots[i] != 0 {
		s := l.spans[l.slots[i]-1]
		if bytes.Equal(line[s.from:s.to], line[from:to]) {
			return false
		}
		i = (i + 1) % labelSlots
	}
	l.spans[l.n] = span{int32(from), int32(to)}
	l.n++
	l.slots[i] = uint8(l.n)
	return true
}
