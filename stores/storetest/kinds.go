package storetest

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
)

const kindSteps = 12_000

// kindModel is one store of a task in plain maps.
type kindModel interface {
	// change makes a random change in both, near a time.
	change(t *testing.T, rng *rand.Rand, s *kinds.Stores, now int64)
	// check compares a store, or what is committed of it, with the model.
	check(t *testing.T, rng *rand.Rand, v kinds.View, committed bool)
	// view returns what reads the store with what is pending.
	view(s *kinds.Stores) kinds.View
	commit()
	abort()
}

// kindsTask is a task with a store of each kind.
type kindsTask struct {
	prefix  []byte
	overlay *stores.Overlay
	stores  *kinds.Stores
	models  map[string]kindModel
	// changelog is what was committed, all stores together.
	changelog []change
}

type change struct {
	store  string
	record kinds.Record
}

const (
	kindRetention = 100 * time.Second
	kindTTL       = 50 * time.Second
)

var kindSpecs = []kinds.Spec{
	{Name: "plain"},
	{Name: "timestamped", Kind: kinds.Timestamped},
	{Name: "expiring", Kind: kinds.Timestamped, TTL: kindTTL},
	{Name: "versioned", Kind: kinds.Versioned, Retention: kindRetention},
	{Name: "windows", Kind: kinds.Window, Retention: kindRetention},
	{Name: "duplicates", Kind: kinds.Window, Retention: kindRetention, RetainDuplicates: true},
	{Name: "timestamped windows", Kind: kinds.TimestampedWindow, Retention: kindRetention},
	{Name: "sessions", Kind: kinds.Session, Retention: kindRetention},
}

func newKindsTask(id string) *kindsTask {
	task := &kindsTask{prefix: stores.TaskPrefix(id), models: map[string]kindModel{}}
	for _, s := range kindSpecs {
		switch s.Kind {
		case kinds.Versioned:
			task.models[s.Name] = newVersionedModel(s)
		case kinds.Window, kinds.TimestampedWindow, kinds.Session:
			task.models[s.Name] = newTimedModel(s)
		default:
			task.models[s.Name] = newKeyValueModel(s)
		}
	}
	return task
}

// testKinds runs random operations on stores of all kinds and on maps. Now and then the
// DB is opened again, or a task is restored from its changelog.
func testKinds(t *testing.T, db stores.DB, reopen func(stores.DB) stores.DB) {
	rng := rand.New(rand.NewPCG(seed(t), 0))
	tasks := []*kindsTask{newKindsTask("0_1"), newKindsTask("0_10")}
	restart := func() {
		for _, task := range tasks {
			task.open(t, db)
		}
	}
	restart()
	now := int64(1_700_000_000_000)
	for step := range kindSteps {
		if now += rng.Int64N(200); rng.IntN(300) == 0 {
			now += rng.Int64N(2 * kindRetention.Milliseconds())
		}
		if reopen != nil && rng.IntN(kindSteps/6) == 0 {
			db = reopen(db)
			restart()
		}
		tasks[rng.IntN(len(tasks))].step(t, rng, db, now)
		if t.Failed() {
			t.Fatalf("stopped after step %d", step)
		}
	}
	if reopen != nil {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func (k *kindsTask) open(t *testing.T, db stores.DB) {
	t.Helper()
	k.overlay = stores.NewOverlay(db, k.prefix)
	var err error
	if k.stores, err = kinds.Open(k.overlay, kindSpecs...); err != nil {
		t.Fatal(err)
	}
	for _, m := range k.models {
		m.abort()
	}
}

func (k *kindsTask) step(t *testing.T, rng *rand.Rand, db stores.DB, now int64) {
	name := kindSpecs[rng.IntN(len(kindSpecs))].Name
	m := k.models[name]
	switch n := rng.IntN(100); {
	case n < 70:
		m.change(t, rng, k.stores, now)
	case n < 85:
		m.check(t, rng, m.view(k.stores), false)
	case n < 90:
		m.check(t, rng, kinds.Read(db, k.prefix, k.spec(name)), true)
	case n < 96:
		k.commit(t, db)
	case n < 99:
		k.overlay.Clear()
		for _, m := range k.models {
			m.abort()
		}
	case rng.IntN(4) == 0:
		k.restore(t, rng, db)
	}
}

func (k *kindsTask) spec(name string) kinds.Spec {
	return kindSpecs[slices.IndexFunc(kindSpecs, func(s kinds.Spec) bool { return s.Name == name })]
}

func (k *kindsTask) commit(t *testing.T, db stores.DB) {
	t.Helper()
	k.models["expiring"].(*keyValueModel).expire(t, k.stores.KeyValue("expiring"))
	err := k.stores.Changelog(func(store string, r kinds.Record) bool {
		r.Key, r.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
		k.changelog = append(k.changelog, change{store, r})
		return true
	})
	if err != nil {
		t.Error(err)
	}
	var b stores.Batch
	k.overlay.CommitTo(&b)
	apply(t, db, &b)
	k.overlay.Clear()
	for _, m := range k.models {
		m.commit()
	}
}

// restore deletes all that the task has, or continues after what it has, and loads the
// changelog in a few batches.
func (k *kindsTask) restore(t *testing.T, rng *rand.Rand, db stores.DB) {
	t.Helper()
	var b stores.Batch
	for _, s := range kindSpecs {
		s.DeleteFrom(&b, k.prefix)
	}
	apply(t, db, &b)
	l, err := kinds.NewLoader(db, k.prefix, kindSpecs...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range k.changelog {
		if err := l.Add(c.store, c.record); err != nil {
			t.Fatal(err)
		}
		if rng.IntN(500) > 0 {
			continue
		}
		if err := l.Flush(nil); err != nil {
			t.Fatal(err)
		}
		if rng.IntN(2) == 0 { // the process ended here
			if l, err = kinds.NewLoader(db, k.prefix, kindSpecs...); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.Flush(nil); err != nil {
		t.Fatal(err)
	}
	k.models["expiring"].(*keyValueModel).committed.now = k.latest("expiring")
	k.models["duplicates"].(*timedModel).committed.now = k.latestWindow(t, "duplicates")
	k.open(t, db)
	for _, m := range k.models {
		m.check(t, rng, m.view(k.stores), false)
	}
}

// latestWindow is the start of the latest window in a store's changelog. A null that moved
// the time of a store with duplicates is not there.
func (k *kindsTask) latestWindow(t *testing.T, store string) int64 {
	t.Helper()
	at := int64(-1 << 62)
	for _, c := range k.changelog {
		if c.store != store {
			continue
		}
		key, err := format.ParseWindowKey(c.record.Key)
		if err != nil {
			t.Fatal(err)
		}
		at = max(at, key.Start)
	}
	return at
}

// latest is the time of the latest value in a store's changelog. A value that was
// replaced or deleted before it was committed is not there.
func (k *kindsTask) latest(store string) int64 {
	at := int64(-1 << 62)
	for _, c := range k.changelog {
		if c.store == store && c.record.Value != nil {
			at = max(at, c.record.Timestamp)
		}
	}
	return at
}
