package kinds

import (
	"bytes"

	"github.com/suiro/suiro/stores"
)

// sweepSteps is how many entries a commit looks at.
const sweepSteps = 500

// sweep removes the versions that nobody can read any more, a few at each commit: it
// walks the whole store, and begins again when the store's time has moved on by a part
// of the retention.
type sweep struct {
	source    stores.Source
	prefix    []byte
	retention int64
	from      int64  // the store's time when the walk began
	at        []byte // the entry to look at next, nil between two walks
	doomed    []byte // the entry before it, if the next one may be of the same key
	deleted   bool   // doomed is a deletion
}

// write adds the next removals to b. An error of the store is left for those who read it
// for a record: what is not removed now is removed later.
func (s *sweep) write(b *stores.Batch, taskPrefix []byte, now int64) {
	if s.at == nil {
		if now == noTime || s.from != noTime && now-s.from < s.retention/4+1 {
			return
		}
		s.from, s.at, s.doomed = now, bytes.Clone(s.prefix), nil
	}
	it, err := s.source.Iterate(s.at, stores.PrefixEnd(s.prefix), false)
	if err != nil {
		return
	}
	earliest := since(now, s.retention)
	remove := func(entry []byte) {
		b.Delete(append(append([]byte(nil), taskPrefix...), entry...))
	}
	n := 0
	for ; n < sweepSteps && it.Next(); n++ {
		entry := bytes.Clone(it.Key())
		s.look(entry, it.Value(), earliest, remove)
		s.at = append(entry, 0)
	}
	if n < sweepSteps && it.Err() == nil {
		s.last(earliest, remove)
		s.at = nil
	}
	_ = it.Close()
}

// look removes the entry before this one if this one has ended it too long ago.
func (s *sweep) look(entry, value []byte, earliest int64, remove func([]byte)) {
	if s.doomed != nil && sameKey(s.doomed, entry) {
		if _, end := splitVersion(entry[len(s.prefix):]); end < earliest {
			remove(s.doomed)
		}
	} else {
		s.last(earliest, remove)
	}
	s.doomed, s.deleted = nil, false
	if isVersion(entry[len(s.prefix):]) {
		s.doomed, s.deleted = entry, versionValue(value) == nil
	}
}

// last removes the latest entry of a key if it is a deletion of too long ago.
func (s *sweep) last(earliest int64, remove func([]byte)) {
	if s.doomed == nil || !s.deleted {
		return
	}
	if _, at := splitVersion(s.doomed[len(s.prefix):]); at < earliest {
		remove(s.doomed)
	}
}
