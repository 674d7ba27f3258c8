// Package work has the connectors and tasks of a worker in the two forms that
// package group needs: [Work] for those who run it, and [Set] for those who
// compare and divide it.
package work

import (
	"cmp"
	"maps"
	"slices"

	"github.com/suiro/suiro/connect/herder/api"
)

// Connector is the task number that stands for the connector itself, in a [Set]
// as in Kafka Connect's group protocol.
const Connector = -1

// Work is connectors and tasks. Both lists are sorted and name nothing twice.
type Work struct {
	// Connectors are names of connectors whose instance is to run: the part that
	// plans the tasks.
	Connectors []string
	// Tasks are tasks, of these connectors and of others.
	Tasks []api.TaskID
}

// Set returns the set of w.
func (w Work) Set() Set {
	s := make(Set, len(w.Connectors)+len(w.Tasks))
	for _, c := range w.Connectors {
		s[api.TaskID{Connector: c, Task: Connector}] = true
	}
	for _, t := range w.Tasks {
		s[t] = true
	}
	return s
}

// Empty reports whether there are neither connectors nor tasks.
func (w Work) Empty() bool { return len(w.Connectors) == 0 && len(w.Tasks) == 0 }

// Set is a set of connectors and tasks. A connector is a task of the number
// [Connector].
type Set map[api.TaskID]bool

// Sorted returns what is in the set by name of connector, then number, so that a
// connector comes before its tasks.
func (s Set) Sorted() []api.TaskID {
	return slices.SortedFunc(maps.Keys(s), func(a, b api.TaskID) int {
		return cmp.Or(cmp.Compare(a.Connector, b.Connector), cmp.Compare(a.Task, b.Task))
	})
}

// Work returns the set as sorted lists.
func (s Set) Work() Work {
	w := Work{}
	for _, id := range s.Sorted() {
		if id.Task == Connector {
			w.Connectors = append(w.Connectors, id.Connector)
		} else {
			w.Tasks = append(w.Tasks, id)
		}
	}
	return w
}

// Add puts everything of other into the set.
func (s Set) Add(other Set) { maps.Copy(s, other) }

// Minus returns a new set of what is in s and in none of the others.
func (s Set) Minus(others ...Set) Set {
	left := maps.Clone(s)
	if left == nil {
		left = Set{}
	}
	for _, o := range others {
		maps.DeleteFunc(left, func(id api.TaskID, _ bool) bool { return o[id] })
	}
	return left
}

// And returns a new set of what is in both.
func (s Set) And(other Set) Set {
	both := Set{}
	for id := range s {
		if other[id] {
			both[id] = true
		}
	}
	return both
}
