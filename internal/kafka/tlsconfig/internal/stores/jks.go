package stores

import (
	"encoding/binary"
	"errors"
)

// fits reports an error when a length in a JKS store is beyond its end: the library that
// reads it would take that much memory first.
//
//	store  magic ×4, version ×4, entries ×4, entry…, digest ×20
//	entry  kind ×4, alias, time ×8, then of kind 1: key, certificates ×4, certificate…
//	                                   of kind 2: certificate
//	certificate  type, bytes         alias, type: length ×2, text    key, bytes: length ×4, data
func fits(text []byte) error {
	j := jks{rest: text}
	j.skip(4)
	version := j.number(4)
	for n := j.number(4); n > 0 && !j.short; n-- {
		kind := j.number(4)
		j.skip(j.number(2))
		j.skip(8)
		certs := uint64(1)
		if kind == 1 {
			j.skip(j.number(4))
			certs = j.number(4)
		}
		for ; certs > 0 && !j.short; certs-- {
			if version == 2 {
				j.skip(j.number(2))
			}
			j.skip(j.number(4))
		}
	}
	if j.short {
		return errors.New("is a JKS store that is damaged, or not whole")
	}
	return nil
}

// jks is what is left of a JKS store; short says that something was expected behind its
// end.
type jks struct {
	rest  []byte
	short bool
}

// number returns the next number, which has so many bytes.
func (j *jks) number(size int) uint64 {
	if len(j.rest) < size {
		j.short = true
		return 0
	}
	var b [8]byte
	copy(b[8-size:], j.rest[:size])
	j.rest = j.rest[size:]
	return binary.BigEndian.Uint64(b[:])
}

func (j *jks) skip(n uint64) {
	if n > uint64(len(j.rest)) {
		j.short = true
		return
	}
	j.rest = j.rest[n:]
}
