package ltsvjson

import (
	"encoding/binary"
	"math/bits"

	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// tableBits gives a table of 256 places, for the few dozen labels of a log.
const tableBits = 8

// table finds the field of a label. It is open addressing over the hash of
// hashLabel, filled once and at most half.
type table [1 << tableBits]*field

// newTable returns nil when fields are too many for a table. Labels outside the
// grammar are left to the parser.
func newTable(fields map[string]*field) *table {
	t := new(table)
	if len(fields) > len(t)/2 {
		return nil
	}
	bit := uint64(1)
	for _, f := range fields {
		if !ltsv.ValidLabel([]byte(f.label)) {
			continue
		}
		f.bit, bit = bit, bit<<1
		b := []byte(f.label)
		i := hashLabel(b, 0, len(b))
		for t[i] != nil {
			i = (i + 1) % (1 << tableBits)
		}
		t[i] = f
	}
	return t
}

// find returns the field of label, whose hash is h, or nil.
func (t *table) find(label []byte, h uint) *field {
	for f := t[h]; f != nil; f = t[h] {
		if f.label == string(label) {
			return f
		}
		h = (h + 1) % (1 << tableBits)
	}
	return nil
}

// findColon returns the place of the first colon of line from i on, or -1.
// Labels are short: a word of eight bytes holds most of them.
func findColon(line []byte, i int) int {
	for ; i+8 <= len(line); i += 8 {
		x := binary.LittleEndian.Uint64(line[i:]) ^ ':'*0x0101010101010101
		if hit := (x - 0x0101010101010101) &^ x & 0x8080808080808080; hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for ; i < len(line); i++ {
		if line[i] == ':' {
			return i
		}
	}
	return -1
}

// hashLabel hashes line[from:to], which is not empty, by its length and its
// first, middle and last bytes.
func hashLabel(line []byte, from, to int) uint {
	n := to - from
	h := uint32(line[from]) | uint32(line[from+n/2])<<8 | uint32(line[to-1])<<16 | uint32(n)<<24
	return uint(h*0x9e3779b1) >> (32 - tableBits)
}
