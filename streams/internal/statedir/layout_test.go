package statedir_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/statedir"
	"github.com/suiro/suiro/streams/topology"
)

// adopt opens a folder for an app with stores, and closes it.
func adopt(t *testing.T, path string, stores ...topology.Store) error {
	t.Helper()
	d, err := statedir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	return d.Adopt(stores)
}

func TestStoresThatDoNotFitTheFolderAreRefused(t *testing.T) {
	counts := topology.Store{Spec: kinds.Spec{Name: "counts", Kind: kinds.Timestamped}}
	minutes := topology.Store{Spec: kinds.Spec{Name: "minutes", Kind: kinds.TimestampedWindow}, Size: time.Minute}
	numbered := topology.Store{Spec: kinds.Spec{
		Name: "KSTREAM-AGGREGATE-STATE-STORE-0000000002", Kind: kinds.Timestamped}}
	hours := minutes
	hours.Size = time.Hour
	path := t.TempDir()
	for _, step := range []struct {
		stores []topology.Store
		want   string // in the error, empty for none
	}{
		{[]topology.Store{counts}, ""},
		{[]topology.Store{counts, minutes}, ""},
		{[]topology.Store{counts, hours}, "store minutes is a timestamped-window store of 60000 ms there"},
		{[]topology.Store{counts}, ""}, // a store that has a name may go
		{[]topology.Store{{Spec: kinds.Spec{Name: "minutes"}}}, "give the store another name"},
		{[]topology.Store{counts, numbered}, ""},
		{[]topology.Store{counts}, "the name was generated"},
	} {
		err := adopt(t, path, step.stores...)
		if step.want == "" && err != nil || step.want != "" && (err == nil || !strings.Contains(err.Error(), step.want)) {
			t.Errorf("stores %v: error %v, want one with %q", step.stores, err, step.want)
		}
	}
}

func TestStateOfEarlierVersionsIsRefused(t *testing.T) {
	path := t.TempDir()
	if err := os.Mkdir(filepath.Join(path, "stores"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := adopt(t, path, topology.Store{Spec: kinds.Spec{Name: "counts"}})
	if err == nil || !strings.Contains(err.Error(), "state of an earlier version") || !strings.Contains(err.Error(), "reset") {
		t.Errorf("error %v, want one that says how to reset the app", err)
	}
}
