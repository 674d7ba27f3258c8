// Package translate translates offsets of one cluster to those of its mirror, by offset syncs.
//
// A sync says of one record where it is upstream and downstream. Between two syncs records may be
// missing downstream, so that only the record of a sync is known exactly. An offset is translated by the
// last sync at or before it: at the sync to the sync's own offset, and beyond it to the one behind, which
// is before whatever comes next. Whoever continues there may read records again and misses none.
package translate

import "github.com/suiro/suiro/connect"

// Table holds the syncs of all partitions. It is used by one goroutine at a time. The zero Table is
// empty.
type Table struct {
	syncs map[connect.TopicPartition][]pair // ordered
}

// pair are the offsets of one record.
type pair struct{ up, down int64 }

// Add takes the next sync of a partition upstream. When it goes back upstream, records were written
// again, as after a transaction that was aborted: the syncs from there on say nothing any more, and
// those before are as true as they were. When it goes back downstream, the mirror was made anew, and no
// other sync says anything.
func (t *Table) Add(p connect.TopicPartition, up, down int64) {
	if t.syncs == nil {
		t.syncs = map[connect.TopicPartition][]pair{}
	}
	list := t.syncs[p]
	if n := len(list); n > 0 && down < list[n-1].down {
		list = list[:0]
	}
	for len(list) > 0 && up <= list[len(list)-1].up {
		list = list[:len(list)-1]
	}
	t.syncs[p] = thin(append(list, pair{up, down}))
}

// exactness is how far apart syncs are kept at a distance from the last one: by that part of the
// distance, or as far as they came.
const exactness = 8

// thin drops syncs, the more the older they are. A group that is far behind need not be translated as
// exactly as one that is about to be switched over.
func thin(list []pair) []pair {
	last := list[len(list)-1].up
	kept := list[:1]
	for i := 1; i < len(list); i++ {
		if i < len(list)-1 {
			next := list[i+1].up
			if gap := next - kept[len(kept)-1].up; gap <= (last-next)/exactness {
				continue
			}
		}
		kept = append(kept, list[i])
	}
	return kept
}

// Downstream translates the next offset of a group. It returns false when there is no sync at or before
// it.
func (t *Table) Downstream(p connect.TopicPartition, up int64) (down int64, ok bool) {
	list := t.syncs[p]
	for i := len(list) - 1; i >= 0; i-- {
		switch s := list[i]; {
		case s.up == up:
			return s.down, true
		case s.up < up:
			return s.down + 1, true
		}
	}
	return 0, false
}
