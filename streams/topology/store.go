package topology

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Store is a store of a processor. Its name is what its state is found by: in the
// changelog <application.id>-<name>-changelog, and on the disk.
type Store struct {
	// Name is the name of the store.
	Name string
	// Kind says what the store holds. A processor that names the store of another one
	// may leave it out. Default: [KeyValue].
	Kind StoreKind
	// Size is how long a window is, in stores of windows.
	Size time.Duration
}

// StoreKind says what a store holds, and so what its changelog looks like.
type StoreKind int

// The kinds of stores.
const (
	// KeyValue is a store of keys and values, which the changelog has as they are.
	KeyValue StoreKind = iota
	// TimestampedKeyValue is a store whose values begin with a timestamp. The changelog
	// has it as the timestamp of the record.
	TimestampedKeyValue
	// TimestampedWindow is a store of keys in windows whose values begin with a
	// timestamp. The changelog's keys are those of Kafka Streams.
	TimestampedWindow
)

var storeKinds = [...]string{"key-value", "timestamped-key-value", "timestamped-window"}

// String returns a name such as timestamped-window.
func (k StoreKind) String() string { return storeKinds[k] }

// storeNames returns the names of stores.
func storeNames(stores []Store) []string {
	names := make([]string, len(stores))
	for i, s := range stores {
		names[i] = s.Name
	}
	return names
}

// merge adds the stores of a processor. What one processor says of a store holds for
// another one that only names it.
func (s *Subtopology) merge(stores []Store) error {
	for _, n := range stores {
		i := slices.IndexFunc(s.Stores, func(o Store) bool { return o.Name == n.Name })
		named := Store{Name: n.Name}
		switch {
		case i < 0:
			s.Stores = append(s.Stores, n)
		case s.Stores[i] == named:
			s.Stores[i] = n
		case n != named && n != s.Stores[i]:
			return fmt.Errorf("build topology: store %q is a %s store for one node and a %s store for another: give each "+
				"its own store", n.Name, s.Stores[i].Kind, n.Kind)
		}
	}
	slices.SortFunc(s.Stores, func(a, b Store) int { return strings.Compare(a.Name, b.Name) })
	return nil
}
