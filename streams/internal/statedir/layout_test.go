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

// Whatever makes a store, its generated name changes with the nodes before it.
func TestStoresWithGeneratedNamesMustNotGo(t *testing.T) {
	kept := topology.Store{Spec: kinds.Spec{Name: "counts", Kind: kinds.Timestamped}}
	for name, refused := range map[string]bool{
		"KSTREAM-REDUCE-STATE-STORE-0000000002":              true,
		"KTABLE-AGGREGATE-STATE-STORE-0000000002":            true,
		"COGROUPKSTREAM-AGGREGATE-STATE-STORE-0000000002":    true,
		"KTABLE-SUPPRESS-STATE-STORE-0000000004":             true,
		"KTABLE-FK-JOIN-SUBSCRIPTION-STATE-STORE-0000000010": true,
		"orders-STATE-STORE-0000000000":                      true, // of a table that reads orders
		"KSTREAM-JOINTHIS-0000000006-store":                  true,
		"KSTREAM-OUTEROTHER-0000000007-store":                true,
		"KSTREAM-OUTERSHARED-0000000006-store":               true,
		"mine-this-join-store":                               false,
		"counts-0000000001":                                  false,
	} {
		path := t.TempDir()
		if err := adopt(t, path, kept, topology.Store{Spec: kinds.Spec{Name: name}}); err != nil {
			t.Fatal(err)
		}
		err := adopt(t, path, kept)
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), name+", which the topology does not have") {
			t.Errorf("%s is gone: error %v, want one: %v", name, err, refused)
		}
	}
}

// All that does not fit is told at once.
func TestEveryStoreThatDoesNotFitIsNamed(t *testing.T) {
	path := t.TempDir()
	for _, kind := range []kinds.Kind{kinds.KeyValue, kinds.Timestamped} {
		err := adopt(t, path, topology.Store{Spec: kinds.Spec{Name: "a", Kind: kind}},
			topology.Store{Spec: kinds.Spec{Name: "b", Kind: kind}})
		want := "open state folder " + path + ": store a is a key-value store there, and the topology has a " +
			"timestamped-key-value store: give the store another name, to begin with an empty one, or reset the app\n" +
			"store b is a key-value store there, and the topology has a timestamped-key-value store: give the store another " +
			"name, to begin with an empty one, or reset the app\n" +
			"to reset the app: stop all instances, run the app's command reset (or App.Reset) on each machine, and start again"
		if kind == kinds.Timestamped && (err == nil || err.Error() != want) {
			t.Errorf("error\n%v\nwant\n%s", err, want)
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

// FuzzLayout checks that a file of the folder which somebody has changed is refused or read,
// and that what is written then is read again.
func FuzzLayout(f *testing.F) {
	for _, text := range []string{"", "{}", `{"version":1}`, `{"version":1,"stores":{"counts":{"kind":"window","windowSizeMs":60000}}}`,
		`{"version":1,"stores":{"KSTREAM-AGGREGATE-STATE-STORE-0000000001":{}}}`, `{"version":2}`, "null", `{"stores":[]}`} {
		f.Add([]byte(text))
	}
	counts := topology.Store{Spec: kinds.Spec{Name: "counts", Kind: kinds.TimestampedWindow}, Size: time.Minute}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := t.TempDir()
		if err := os.WriteFile(filepath.Join(path, "topology.json"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if adopt(t, path, counts) != nil {
			return
		}
		if err := adopt(t, path, counts); err != nil {
			t.Errorf("%q is adopted, and then refused: %v", data, err)
		}
	})
}
