package restore

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

// kindKey begins the names under which a task keeps with its offsets what its changelogs hold. The
// topics say nothing of it, and what is in them would be taken for keys and windows that it is not.
const kindKey = "store/"

// mostKinds is how many bytes of names are kept at most: brokers take 4096 bytes with an offset,
// of which others keep something too.
const mostKinds = 1000

// The keys that changelogs have: those of a store with a value for each key, as they are, or with
// a session, or with the start of a window of a size.
const (
	plainKeys   = 0
	sessionKeys = 1
	windowKeys  = 2 // plus the size in milliseconds, 0 if it is not known
)

// keysOf says which keys the changelog of a store has.
func keysOf(s topology.Store) int64 {
	switch s.Kind {
	case kinds.Window, kinds.TimestampedWindow:
		return windowKeys + s.Size.Milliseconds()
	case kinds.Session:
		return sessionKeys
	}
	return plainKeys
}

// sameKeys reports whether changelogs have the same keys. A size of 0 is not known.
func sameKeys(a, b int64) bool {
	return a == b || min(a, b) == windowKeys
}

// describeKeys says it in words.
func describeKeys(n int64) string {
	switch n {
	case plainKeys:
		return "a store of keys"
	case sessionKeys:
		return "a session store"
	}
	return fmt.Sprintf("a window store of %v", time.Duration(n-windowKeys)*time.Millisecond)
}

// NoteKinds returns what a task has kept with its offsets, and with it what the changelogs of its
// stores hold, for the next task that is restored from them.
func NoteKinds(kept map[string]int64, stores []topology.Store) map[string]int64 {
	noted, size := maps.Clone(kept), 0
	maps.DeleteFunc(noted, func(name string, _ int64) bool { return strings.HasPrefix(name, kindKey) })
	for _, s := range stores {
		if size += len(kindKey) + len(s.Name); size > mostKinds {
			break
		}
		if noted == nil {
			noted = map[string]int64{}
		}
		noted[kindKey+s.Name] = keysOf(s)
	}
	return noted
}

// checkKind returns an error when a changelog holds something else than its store.
func checkKind(o *Options, l Changelog) error {
	had, known := o.Kept[kindKey+l.Store.Name]
	if want := keysOf(l.Store); known && !sameKeys(had, want) {
		return fmt.Errorf("changelog %s-%d is that of %s, and store %s of the topology is %s: give the store another name, "+
			"to begin with an empty one, or stop all instances and run the app's command reset (or App.Reset) on each machine",
			l.Topic, o.Partition, describeKeys(had), l.Store.Name, describeKeys(want))
	}
	return nil
}
