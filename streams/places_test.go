package streams_test

import (
	"maps"
	"testing"

	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

// placesOf are the places of a topology's stores.
func placesOf(t *topology.Topology) map[string]topology.Place {
	places := map[string]topology.Place{}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Stores {
			places[s.Name] = s.Place
		}
	}
	return places
}

// The default is about what operators need, and not about what a store's own maker asks for.
func TestPlacesOfStores(t *testing.T) {
	topo := build(t, func(in *words) {
		group := streams.GroupByKey(in, streams.String())
		streams.Count(group, "anywhere")
		streams.Count(group, "memory", streams.InMemory())
		streams.Count(group, "disk", streams.OnDisk())
		streams.Count(group, "versions", streams.Versioned(1e9))
		own := streams.NewKeyValueStore("own", streams.String(), streams.String())
		light := streams.NewKeyValueStore("light", streams.String(), streams.String(), streams.InMemory())
		toOut(streams.Process(in, func(*streams.Context[string, string]) streams.Processor[string, string] {
			return streams.ProcessorFunc[string, string](func(*streams.Record[string, string]) error { return nil })
		}, streams.WithStores(own, light)))
	})
	want := map[string]topology.Place{"anywhere": topology.Anywhere, "memory": topology.InMemory, "disk": topology.OnDisk,
		"versions": topology.OnDisk, "own": topology.OnDisk, "light": topology.InMemory}
	if got := placesOf(topo); !maps.Equal(got, want) {
		t.Errorf("stores are in %v, want %v", got, want)
	}
	want["anywhere"] = topology.InMemory
	if got := placesOf(topo.Place(topology.InMemory)); !maps.Equal(got, want) {
		t.Errorf("in memory by default: stores are in %v, want %v", got, want)
	}
}

// A store in memory is empty after a restart, and is restored from its changelog; one without
// a changelog stays empty.
func TestStoresInMemoryAreRestored(t *testing.T) {
	for name, c := range map[string]struct {
		config map[string]string
		opts   []streams.Option
		want   int64
	}{
		"by option":           {nil, []streams.Option{streams.InMemory()}, 3},
		"by default":          {map[string]string{"default.dsl.store": "in_memory"}, nil, 3},
		"without a changelog": {nil, []streams.Option{streams.InMemory(), streams.WithoutLogging()}, 1},
		"on the disk":         {nil, []streams.Option{streams.WithoutLogging()}, 3},
	} {
		topo := build(t, func(in *words) { streams.Count(streams.GroupByKey(in, streams.String()), "n", c.opts...) })
		d := drive(t, topo, &streamstest.Options{DB: mem.Open(), Properties: c.config})
		d.send("a=1", "a=2")
		d.commit()
		if err := d.Restart(false); err != nil {
			t.Fatal(err)
		}
		d.send("a=3")
		d.commit()
		if got := d.counts("n")["a"]; got != c.want {
			t.Errorf("%s: a was counted %d times, want %d", name, got, c.want)
		}
	}
}
