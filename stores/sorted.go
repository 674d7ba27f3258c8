package stores

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// place is where an entry is in the order of keys.
type place struct {
	head  uint64 // the eight bytes of the key that are compared, as a number
	index int32  // of the entry
}

// fewKeys are so few that their heads are not worth looking for, and mostHeads is how many
// times that is done for a key: what is equal until then is compared as a whole.
const (
	fewKeys   = 12
	mostHeads = 8
)

// sortPlaces sorts places by the keys of their entries, which have the first bytes in common.
// What all of them have in common is skipped, as the name of a store, and the next eight bytes
// are compared as numbers that lie side by side: to compare the keys themselves is to fetch
// them from all over the memory each time.
func sortPlaces(places []place, entries []entry, first, heads int) {
	if len(places) > fewKeys && heads > 0 {
		first += common(places, entries, first)
	}
	if len(places) <= fewKeys || heads == 0 || !setHeads(places, entries, first) {
		slices.SortFunc(places, func(a, b place) int { return bytes.Compare(entries[a.index].dbKey, entries[b.index].dbKey) })
		return
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.head, b.head) })
	for len(places) > 0 {
		n := 1
		for n < len(places) && places[n].head == places[0].head {
			n++
		}
		if n > 1 {
			sortPlaces(places[:n], entries, first+8, heads-1)
		}
		places = places[n:]
	}
}

// common returns how many bytes all keys have in common behind the first ones.
func common(places []place, entries []entry, first int) int {
	one := entries[places[0].index].dbKey
	one = one[min(first, len(one)):]
	for _, p := range places[1:] {
		key := entries[p.index].dbKey
		key = key[min(first, len(key)):]
		n := 0
		for n < len(one) && n < len(key) && one[n] == key[n] {
			n++
		}
		one = one[:n]
	}
	return len(one)
}

// setHeads takes the heads of the keys behind the first bytes. It returns false when one of them
// ends before that, as then the heads do not tell its place. A key that is too short for a head
// counts as one that goes on with zeros.
func setHeads(places []place, entries []entry, first int) bool {
	for i := range places {
		p := &places[i]
		key := entries[p.index].dbKey
		switch {
		case len(key) >= first+8:
			p.head = binary.BigEndian.Uint64(key[first:])
		case len(key) >= first:
			var padded [8]byte
			copy(padded[:], key[first:])
			p.head = binary.BigEndian.Uint64(padded[:])
		default:
			return false
		}
	}
	return true
}
