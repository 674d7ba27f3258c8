package topology

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/stores/kinds"
)

// Store is a store of a processor. Its name is what its state is found by: in the
// changelog <application.id>-<name>-changelog, and on the disk. Processors that share a store
// say the same of it.
type Store struct {
	// Spec says what the store holds, and so what its changelog looks like.
	kinds.Spec
	// Size is how long a window is, in stores of windows. Default: not known.
	Size time.Duration
	// NoChangelog leaves out the changelog: the store is empty in an instance that has not
	// had its partition before. Default: the store has one.
	NoChangelog bool
	// Place is where the store is kept. Default: on the disk, unless [Topology.Place] says
	// otherwise.
	Place Place
	// ChangelogConfig are configs of the changelog topic, by Kafka's names. They replace those
	// that a changelog has anyway. Default: none.
	ChangelogConfig map[string]string
	// Buffer says that the key-value store is the buffer of a suppression: the records of
	// its changelog have the header [format.BufferVersionHeader].
	Buffer bool
}

// Place is where a store is kept.
type Place int

// The places of stores.
const (
	// Anywhere leaves it to the app.
	Anywhere Place = iota
	// OnDisk is in the app's DB on the disk.
	OnDisk
	// InMemory is in the memory of the process: it is restored from the changelog when a
	// task starts.
	InMemory
)

// storeNames returns the names of stores.
func storeNames(stores []Store) []string {
	names := make([]string, len(stores))
	for i, s := range stores {
		names[i] = s.Name
	}
	return names
}

// Equal reports whether two nodes say the same of a store.
func (s Store) Equal(o Store) bool {
	return s.Spec == o.Spec && s.Size == o.Size && s.NoChangelog == o.NoChangelog && s.Buffer == o.Buffer &&
		s.Place == o.Place && maps.Equal(s.ChangelogConfig, o.ChangelogConfig)
}

// merge adds the stores of a processor, and returns those that are others for another one.
func (s *Subtopology) merge(stores []Store) (errs []error) {
	for _, n := range stores {
		i := slices.IndexFunc(s.Stores, func(o Store) bool { return o.Name == n.Name })
		switch {
		case i < 0:
			s.Stores = append(s.Stores, n)
		case !n.Equal(s.Stores[i]):
			errs = append(errs, fmt.Errorf("store %q is %v for one node and %v for another, or they differ in its retention, "+
				"window size or changelog: give each its own store", n.Name, s.Stores[i].Kind, n.Kind))
		}
	}
	slices.SortFunc(s.Stores, func(a, b Store) int { return strings.Compare(a.Name, b.Name) })
	return errs
}

// checkStores returns which stores of a subtopology cannot be made. Those without a name are
// left out.
func (s *Subtopology) checkStores() (errs []error) {
	for _, store := range s.Stores {
		if err := store.Check(); err != nil && CheckName(store.Name) == nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// Logged returns the stores that have a changelog.
func (s *Subtopology) Logged() []Store {
	return slices.DeleteFunc(slices.Clone(s.Stores), func(s Store) bool { return s.NoChangelog })
}
