package lz4

import (
	"encoding/binary"
	"math/bits"
)

// What the format asks of a block: a match has four bytes at least, begins twelve bytes
// before the end at the latest, and leaves the last five bytes alone. Lengths that do not
// fit into half a byte go on in bytes of their own.
const (
	shortest  = 4
	lastStart = 12
	lastBytes = 5
	nibble    = 15
)

// tableBits is the size of the table. All of it stays in the nearest cache of a core.
const tableBits = 13

// patience is how many places in vain make the search take longer steps, so that it does
// not stay with what has been compressed already.
const patience = 32

// table knows where in a block six bytes with a hash were last.
type table [1 << tableBits]uint16

func hash(next uint64) uint64 {
	const prime = 227718039650203
	return next << 16 * prime >> (64 - tableBits)
}

// bound is the room for a block of n bytes, with what copying short literals writes
// behind them.
func bound(n int) int { return n + n/255 + 32 }

// compress writes src as a block to dst, which has room for the bound, and returns how
// many bytes it has. Of places that begin alike it takes the last one, without a look at
// others: the first place that has a match is compressed.
func (t *table) compress(dst, src []byte) (n int) {
	clear(t[:])
	from, last := 0, len(src)-lastStart
	for next := 1; ; next = from {
		at, ref, ok := t.find(src, next, last)
		if !ok {
			return literals(dst, n, src[from:])
		}
		for at > from && ref > 0 && src[at-1] == src[ref-1] {
			at, ref = at-1, ref-1
		}
		length := shortest + alike(src, ref+shortest, at+shortest, len(src)-lastBytes)
		n = sequence(dst, n, src[from:at], at-ref, length)
		if from = at + length; from <= last {
			t[hash(binary.LittleEndian.Uint64(src[from-2:]))] = uint16(from - 2)
		}
	}
}

// find returns the first place from at on whose next four bytes are at ref before it.
func (t *table) find(src []byte, at, last int) (place, ref int, ok bool) {
	for step := patience; at <= last; step++ {
		next := binary.LittleEndian.Uint64(src[at:])
		slot := &t[hash(next)]
		ref = int(*slot) // 0 when there was none, which is a place before at too
		*slot = uint16(at)
		if uint32(next) == binary.LittleEndian.Uint32(src[ref:]) {
			return at, ref, true
		}
		at += step / patience
	}
	return 0, 0, false
}

// alike returns how many bytes from b on are those from a on, which is before b.
func alike(src []byte, a, b, end int) int {
	start := b
	for ; b+8 <= end; a, b = a+8, b+8 {
		if x := binary.LittleEndian.Uint64(src[a:]) ^ binary.LittleEndian.Uint64(src[b:]); x != 0 {
			return b - start + bits.TrailingZeros64(x)/8
		}
	}
	for ; b < end && src[a] == src[b]; a, b = a+1, b+1 {
	}
	return b - start
}

// sequence writes literals and a match behind them to dst[n:], and returns where it ends.
//
//	literals, match: 4 bits each │ more of literals │ literals │ offset 2 bytes │ more of match
func sequence(dst []byte, n int, text []byte, offset, length int) int {
	token := n
	n = literals(dst, n, text)
	binary.LittleEndian.PutUint16(dst[n:], uint16(offset))
	n += 2
	length -= shortest
	dst[token] |= byte(min(length, nibble))
	if length >= nibble {
		n = more(dst, n, length-nibble)
	}
	return n
}

// literals writes a token and literals.
func literals(dst []byte, n int, text []byte) int {
	dst[n] = byte(min(len(text), nibble)) << 4
	n++
	if len(text) >= nibble {
		n = more(dst, n, len(text)-nibble)
	}
	if len(text) <= 16 && cap(text) >= 16 {
		copy(dst[n:n+16], text[:16]) // without a call
	} else {
		copy(dst[n:], text)
	}
	return n + len(text)
}

// more writes the part of a length that does not fit into a token.
func more(dst []byte, n, length int) int {
	for ; length >= 255; length -= 255 {
		dst[n] = 255
		n++
	}
	dst[n] = byte(length)
	return n + 1
}
