package assign

import (
	"cmp"
	"maps"
	"slices"

	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/suiro/suiro/connect/herder/api"
)

// shares is what each member has, by member id. None is missing.
type shares map[string]work.Set

func (s shares) members() []string { return slices.Sorted(maps.Keys(s)) }

// all is what the members have together.
func (s shares) all() work.Set {
	all := work.Set{}
	for _, set := range s {
		all.Add(set)
	}
	return all
}

// twice is what more than one member has.
func (s shares) twice() work.Set {
	once, twice := work.Set{}, work.Set{}
	for _, set := range s {
		for id := range set {
			if once[id] {
				twice[id] = true
			}
			once[id] = true
		}
	}
	return twice
}

// minus takes away from each member.
func (s shares) minus(other shares) shares {
	left := make(shares, len(s))
	for m, set := range s {
		left[m] = set.Minus(other[m])
	}
	return left
}

// of is what both have, of the members that have any of it.
func (s shares) of(other shares) shares {
	both := shares{}
	for m, set := range s {
		if and := set.And(other[m]); len(and) > 0 {
			both[m] = and
		}
	}
	return both
}

// give assigns each connector and task to one of the members, the heaviest first and
// always to who has the least of its kind, the first by name among equals.
func (s shares) give(what work.Set, members []string, w weights) {
	for _, k := range kinds {
		has := make(map[string]int64, len(members))
		for _, m := range members {
			has[m] = w.sum(k, s[m])
		}
		for _, id := range w.heaviestFirst(k.of(what)) {
			m := slices.MinFunc(members, func(a, b string) int { return cmp.Compare(has[a], has[b]) })
			s[m][id] = true
			has[m] += w.of(id)
		}
	}
}

// kind tells connectors and tasks apart: each is balanced by itself, because a
// task works more than a connector.
type kind bool

const (
	connectors kind = true
	tasks      kind = false
)

var kinds = []kind{connectors, tasks}

// has reports whether id is of the kind: true for connectors.
func (k kind) has(id api.TaskID) bool { return (id.Task == work.Connector) == bool(k) }

func (k kind) of(s work.Set) []api.TaskID {
	return slices.DeleteFunc(s.Sorted(), func(id api.TaskID) bool { return !k.has(id) })
}

func (k kind) count(s work.Set) (n int) {
	for id := range s {
		if k.has(id) {
			n++
		}
	}
	return n
}

// surplus is what members have beyond their fair share of what is configured. By number
// that is so many that nobody has two more of a kind than another once the rest is given
// out; with weights tasks are divided by these.
func (s shares) surplus(configured work.Set, w weights) shares {
	out := shares{}
	for _, k := range kinds {
		if w == nil || k == connectors {
			s.excess(k, k.count(configured), out)
		}
	}
	return out
}

// excess adds what members have beyond their fair share of so many of a kind.
func (s shares) excess(k kind, total int, out shares) {
	least, extra := total/len(s), total%len(s)
	for _, m := range s.members() {
		mine := k.of(s[m])
		keep := least
		if len(mine) > least && extra > 0 {
			keep++
			extra--
		}
		for _, id := range mine[min(keep, len(mine)):] {
			out.add(m, work.Set{id: true})
		}
	}
}

// add puts something into what a member has, which may be missing.
func (s shares) add(member string, what work.Set) {
	if s[member] == nil {
		s[member] = work.Set{}
	}
	s[member].Add(what)
}
