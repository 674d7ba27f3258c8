package statedir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

const (
	layoutFile   = "topology.json"
	storesFolder = "stores"
	// layoutVersion changes when an app cannot go on with a folder of the former one.
	layoutVersion = 1
)

// layout is what the stores of a folder hold.
type layout struct {
	Version int                    `json:"version"`
	Stores  map[string]storeLayout `json:"stores"`
}

type storeLayout struct {
	Kind         string `json:"kind"`
	WindowSizeMs int64  `json:"windowSizeMs,omitempty"`
}

// kindNames are the kinds of stores in the file.
var kindNames = map[kinds.Kind]string{
	kinds.KeyValue: "key-value", kinds.Timestamped: "timestamped-key-value", kinds.Versioned: "versioned",
	kinds.Window: "window", kinds.TimestampedWindow: "timestamped-window", kinds.Session: "session",
}

func (s storeLayout) String() string {
	if s.WindowSizeMs > 0 {
		return fmt.Sprintf("%s store of %d ms", s.Kind, s.WindowSizeMs)
	}
	return s.Kind + " store"
}

// Stores returns the folder of the stores' files.
func (d *Dir) Stores() string { return filepath.Join(d.path, storesFolder) }

// Adopt checks that the stores of a topology fit what the folder holds, and notes them.
// It comes before the stores are opened. A store that the topology does not have any
// more keeps its state, unless its name was generated: then it is the nodes before it
// that have changed, and another store would begin in its place.
func (d *Dir) Adopt(stores []topology.Store) error {
	was, err := d.layout()
	if err != nil {
		return fmt.Errorf("open state folder %s: %w", d.path, err)
	}
	now, err := was.with(stores)
	if err != nil {
		return fmt.Errorf("open state folder %s: %w\nto reset the app: %s", d.path, err, reset)
	}
	if reflect.DeepEqual(was, now) {
		return nil
	}
	data, err := json.MarshalIndent(now, "", "  ")
	if err != nil {
		return err
	}
	if err := writeWhole(filepath.Join(d.path, layoutFile), data); err != nil {
		return fmt.Errorf("open state folder: %w", err)
	}
	return nil
}

// with returns the layout with the stores of a topology. The error names all that do not fit.
func (l layout) with(stores []topology.Store) (now layout, err error) {
	var errs []error
	now = layout{Version: layoutVersion, Stores: map[string]storeLayout{}}
	for _, s := range stores {
		wanted := storeLayout{kindNames[s.Kind], s.Size.Milliseconds()}
		if had, ok := l.Stores[s.Name]; ok && had != wanted {
			errs = append(errs, fmt.Errorf("store %s is a %v there, and the topology has a %v: give the store another name, to "+
				"begin with an empty one, or reset the app", s.Name, had, wanted))
		}
		now.Stores[s.Name] = wanted
	}
	for _, name := range slices.Sorted(maps.Keys(l.Stores)) {
		_, kept := now.Stores[name]
		switch {
		case !kept && generated.MatchString(name):
			errs = append(errs, fmt.Errorf("it has the state of store %s, which the topology does not have: the name was "+
				"generated, and changes with the nodes before the store; give the store that name to go on with its values, or "+
				"reset the app, and give its stores names of their own", name))
		case !kept:
			now.Stores[name] = l.Stores[name]
		}
	}
	return now, errors.Join(errs...)
}

// Used reports whether the folder has stores.
func (d *Dir) Used() bool {
	_, err := os.Stat(d.Stores())
	return err == nil
}

// Clear deletes the stores and what is noted about them. The instance keeps its process
// id.
func (d *Dir) Clear() error {
	for _, path := range []string{d.Stores(), filepath.Join(d.path, layoutFile)} {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("clear state folder: %w", err)
		}
	}
	return nil
}

// generated is what generated names of stores look like: those of aggregates, tables and
// suppressions, and of the stores of joins.
var generated = regexp.MustCompile(`-STATE-STORE-[0-9]{10}$|^KSTREAM-(JOIN|OUTER).*-[0-9]{10}-store$`)

// layout reads what the folder holds. Without the file it must be empty: stores were
// written without it by versions whose layout is not read any more.
func (d *Dir) layout() (l layout, err error) {
	path := filepath.Join(d.path, layoutFile)
	data, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(d.Stores()); err == nil {
			return l, fmt.Errorf("it has state of an earlier version, which named it by the numbers of subtopologies and "+
				"is not read any more: reset the app: %s; delete its topics <application.id>-<number>-changelog, too", reset)
		}
		return l, nil
	}
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal(data, &l); err != nil {
		return l, fmt.Errorf("%s is damaged: %w; reset the app: %s", path, err, reset)
	}
	if l.Version != layoutVersion {
		return l, fmt.Errorf("it has the layout %d, and this version reads %d: use the version that wrote it, or reset the "+
			"app: %s", l.Version, layoutVersion, reset)
	}
	return l, nil
}

// reset says how to begin again.
const reset = "stop all instances, run the app's command reset (or App.Reset) on each machine, and start again"

// WaysOut says what to do when a changelog is gone and its state is still in a folder.
func WaysOut(dir string) string {
	return fmt.Sprintf("either bring the topic back as it was, from a backup or a mirror, to go on with its values; or "+
		"give the values up: stop all instances and run the app's command reset (or App.Reset) on each machine, to count "+
		"the input again, or delete the folder %s of each to go on with empty stores", dir)
}
