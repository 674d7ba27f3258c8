package assign

import (
	"cmp"
	"maps"
	"slices"

	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/suiro/suiro/connect/herder/api"
)

// weights say how much of a worker each connector and task takes; nil weighs all alike.
type weights map[api.TaskID]int64

// weigh makes weights of the loads of tasks. One of which nothing is known yet weighs as
// much as the average, and one that idles a tenth of that, as it takes memory and may be
// busy again.
func weigh(configured work.Set, loads map[api.TaskID]int64) weights {
	var sum, known int64
	tasks := tasks.of(configured)
	for _, id := range tasks {
		if load, ok := loads[id]; ok {
			sum += min(max(load, 0), greatestLoad)
			known++
		}
	}
	mean := sum / max(known, 1)
	w := weights{}
	for _, id := range tasks {
		w[id] = max(mean, 1)
		if load, ok := loads[id]; ok {
			w[id] = max(min(load, greatestLoad), mean/10, 1)
		}
	}
	return w
}

// greatestLoad keeps the sum of all loads a number.
const greatestLoad = 1 << 40

func (w weights) of(id api.TaskID) int64 {
	if weight, ok := w[id]; ok {
		return weight
	}
	return 1
}

// sum is the weight of what is of a kind.
func (w weights) sum(k kind, s work.Set) (sum int64) {
	for id := range s {
		if k.has(id) {
			sum += w.of(id)
		}
	}
	return sum
}

// heaviestFirst sorts by weight, and by name among equals.
func (w weights) heaviestFirst(ids []api.TaskID) []api.TaskID {
	slices.SortStableFunc(ids, func(a, b api.TaskID) int { return cmp.Compare(w.of(b), w.of(a)) })
	return ids
}

// overload is what members give up because of their loads. It is empty unless the member
// with the greatest load gets lighter by a fifth of a fair share, or one has no task at
// all, so that tasks do not wander about for small differences.
func (s shares) overload(w weights) shares {
	moved := s.relieve(w)
	left, what := s.minus(moved), moved.all()
	left.give(what, left.members(), w)
	before, after := s.heaviest(w), left.heaviest(w)
	if s.workless() || before-after >= max(w.sum(tasks, s.all())/int64(len(s))/5, 1) {
		return moved
	}
	return nil
}

// workless reports whether a member has no task.
func (s shares) workless() bool {
	for _, set := range s {
		if tasks.count(set) == 0 {
			return true
		}
	}
	return false
}

// heaviest is the greatest load of a member.
func (s shares) heaviest(w weights) (most int64) {
	for _, set := range s {
		most = max(most, w.sum(tasks, set))
	}
	return most
}

// relieve moves tasks, one at a time, from the member with the greatest load to the one
// with the least, until nothing gets better, and returns what each would give up.
func (s shares) relieve(w weights) shares {
	sums, at := map[string]int64{}, shares{}
	for m, set := range s {
		sums[m], at[m] = w.sum(tasks, set), maps.Clone(set)
	}
	byLoad := func(a, b string) int { return cmp.Compare(sums[a], sums[b]) }
	for range tasks.count(s.all()) {
		from, to := slices.MaxFunc(s.members(), byLoad), slices.MinFunc(s.members(), byLoad)
		id, ok := w.between(tasks.of(at[from]), sums[from]-sums[to])
		if !ok {
			break
		}
		delete(at[from], id)
		at[to][id] = true
		sums[from] -= w.of(id)
		sums[to] += w.of(id)
	}
	out := shares{}
	for m, set := range s {
		if gone := set.Minus(at[m]); len(gone) > 0 {
			out[m] = gone
		}
	}
	return out
}

// between is the task that best halves a difference, if one makes it smaller.
func (w weights) between(ids []api.TaskID, difference int64) (best api.TaskID, ok bool) {
	off := difference
	for _, id := range ids {
		if d := max(difference-2*w.of(id), 2*w.of(id)-difference); d < off {
			best, off, ok = id, d, true
		}
	}
	return best, ok
}
