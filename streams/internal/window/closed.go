package window

import (
	"bytes"
	"cmp"
	"slices"
)

// closed is a window that has closed.
type closed struct {
	time  int64 // the start of a window, the end of a session
	start int64 // of a session
	key   []byte
	value []byte
}

// sortAtOnce is how many closed windows are sorted in memory at a time.
const sortAtOnce = 100_000

// inOrder calls forward with what scan finds from a time to another one, in the order of
// times and then of keys, as Kafka Streams' stores for that have them. Ours are in the
// order of keys first. So what has come due is counted by its time first, and then read in
// parts that memory has room for; of one time it is in the order of keys already.
func inOrder(
	from, to int64, scan func(from, to int64, each func(closed) error) error, forward func(closed) error,
) error {
	counts := map[int64]int{}
	err := scan(from, to, func(e closed) error {
		counts[e.time]++
		return nil
	})
	if err != nil {
		return err
	}
	times := make([]int64, 0, len(counts))
	for t := range counts {
		times = append(times, t)
	}
	slices.Sort(times)
	for len(times) > 0 {
		n, total := 1, counts[times[0]]
		for n < len(times) && total+counts[times[n]] <= sortAtOnce {
			total += counts[times[n]]
			n++
		}
		first, last := times[0], times[n-1]
		times = times[n:]
		if err := part(first, last, total <= sortAtOnce, scan, forward); err != nil {
			return err
		}
	}
	return nil
}

// part forwards what has come due in some of the time.
func part(from, to int64, sorted bool, scan func(from, to int64, each func(closed) error) error,
	forward func(closed) error) error {
	var all []closed
	err := scan(from, to, func(e closed) error {
		e.key, e.value = bytes.Clone(e.key), bytes.Clone(e.value)
		if !sorted {
			return forward(e)
		}
		all = append(all, e)
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b closed) int {
		return cmp.Or(cmp.Compare(a.time, b.time), bytes.Compare(a.key, b.key), cmp.Compare(b.start, a.start))
	})
	for _, e := range all {
		if err := forward(e); err != nil {
			return err
		}
	}
	return nil
}
