package localstores_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/localstores"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/internal/statedir"
	"github.com/suiro/suiro/streams/topology"
)

// app is a topology with these stores.
func app(t *testing.T, all ...topology.Store) *topology.Topology {
	t.Helper()
	var g topology.Graph
	g.AddSource(topology.Source{Name: "s", Topic: "in"})
	if len(all) > 0 {
		g.AddProcessor(topology.Processor{Name: "p", Stores: all}, "s")
	}
	top, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	return top
}

func open(t *testing.T, dir string, all ...topology.Store) (*localstores.Stores, stores.DB) {
	t.Helper()
	d, err := statedir.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s := localstores.New(localstores.Options{Topology: app(t, all...), CacheBytes: 8 << 20, MemoryBytes: 1 << 20,
		Logger: slog.New(slog.DiscardHandler)})
	db, err := s.OpenDB(d)
	if err != nil {
		t.Fatal(err)
	}
	return s, db
}

// What is on the disk is there at the next start; what is in memory is not, nor what the disk had of it.
func TestStoresAreWhereTheySayTheyAre(t *testing.T) {
	onDisk := topology.Store{Spec: kinds.Spec{Name: "kept", Kind: kinds.KeyValue}}
	other := topology.Store{Spec: kinds.Spec{Name: "other", Kind: kinds.KeyValue}}
	inMemory := other
	inMemory.Place = topology.InMemory
	dir := t.TempDir()
	key := func(store string) []byte { return stores.Key(restore.StatePrefix(0), store, []byte("k")) }

	s, db := open(t, dir, onDisk, other)
	var b stores.Batch
	b.Put(key("kept"), []byte("v"))
	b.Put(key("other"), []byte("v"))
	if err := db.Apply(&b); err != nil {
		t.Fatal(err)
	}
	if s.Memory() != 0 {
		t.Errorf("stores in memory take %d bytes, and there are none", s.Memory())
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s, db = open(t, dir, onDisk, inMemory)
	defer db.Close()
	for store, want := range map[string]string{"kept": "v", "other": ""} {
		if got, err := db.Get(key(store)); err != nil || string(got) != want {
			t.Errorf("%s has %q, %v after a start; want %q", store, got, err, want)
		}
	}
	if err := db.Apply(&b); err != nil {
		t.Fatal(err)
	}
	if s.Memory() == 0 {
		t.Error("the store in memory takes none")
	}
}

func TestAnAppWithoutStoresHasNoDB(t *testing.T) {
	s, db := open(t, t.TempDir())
	if db != nil {
		t.Error("there is a DB")
	}
	if sizes, figures := s.Figures(time.Now()); len(sizes) != 0 || figures.Memory != 0 {
		t.Errorf("there are figures of stores: %v, %+v", sizes, figures)
	}
}

// Queries find stores between Begin and End.
func TestQueriesNeedARunningApp(t *testing.T) {
	s, db := open(t, t.TempDir(), topology.Store{Spec: kinds.Spec{Name: "counts", Kind: kinds.KeyValue}})
	defer db.Close()
	fails := func(store, why string) {
		t.Helper()
		if _, err := s.Query(store); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("Query(%s) = %v, want an error that says %q", store, err, why)
		}
	}
	fails("counts", "the app is not running")
	s.Begin(db)
	fails("nothing", "no store of this name")
	if parts, err := s.Query("counts"); err != nil || len(parts) != 0 {
		t.Errorf("Query(counts) = %v, %v, want no partition before a task has recovered", parts, err)
	}
	if sizes, figures := s.Figures(time.Now()); sizes["counts"] != 0 || figures.Memory == 0 {
		t.Errorf("Figures = %v, %+v; want those of a DB with an empty store", sizes, figures)
	}
	s.End()
	fails("counts", "the app is not running")
}
