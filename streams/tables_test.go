package streams_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

// texts is a table of text in the tests.
type table = streams.KTable[string, string]

// rows drives a topology of the table of topic "in"; without a cache, so that each change
// shows.
func rows(t *testing.T, describe func(in *table), opts ...streams.Option) driver {
	t.Helper()
	b := streams.NewBuilder()
	describe(streams.Table(b, "in", streams.String(), streams.String(), opts...))
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return drive(t, topo, &streamstest.Options{Properties: map[string]string{"statestore.cache.max.bytes": "0"}})
}

// tell sends records; one that ends with "-" is a tombstone.
func (d driver) tell(records ...string) {
	d.t.Helper()
	for _, text := range records {
		r := record(d.t, strings.TrimSuffix(text, "-"))
		if strings.HasSuffix(text, "-") {
			r.Value = nil
		}
		if err := d.Send("in", r); err != nil {
			d.t.Fatal(err)
		}
	}
}

// told reads topic "out", tombstones as "-".
func (d driver) told() (out []string) {
	d.t.Helper()
	d.commit()
	for _, r := range d.Read("out") {
		value := string(r.Value)
		if r.Value == nil {
			value = "-"
		}
		out = append(out, string(r.Key)+"="+value)
	}
	return out
}

func longer(_, v string) bool { return len(v) > 1 }

// A filter of a table without a store does not know what it let pass, and deletes in any
// case; above a store it does not.
func TestFilterOfATable(t *testing.T) {
	for name, c := range map[string]struct {
		opts []streams.Option
		want []string
	}{
		"without a store": {nil, []string{"a=-", "a=xx", "a=-", "a=-"}},
		"with a store":    {[]streams.Option{streams.StoreName("rows")}, []string{"a=xx", "a=-"}},
	} {
		d := rows(t, func(in *table) { toOut(in.Filter(longer).ToStream()) }, c.opts...)
		d.tell("a=x", "a=xx", "a=y", "a=-")
		same(t, name, d.told(), c.want)
	}
	d := rows(t, func(in *table) { toOut(in.FilterNot(longer).ToStream()) }, streams.StoreName("rows"))
	d.tell("a=x", "a=xx", "b=yy")
	same(t, "not", d.told(), []string{"a=x", "a=-"})
}

func TestMappedTables(t *testing.T) {
	bang := func(_, v string) (string, error) { return v + "!", nil }
	d := rows(t, func(in *table) {
		toOut(streams.MapTable(in, bang, streams.StoreName("mapped"), streams.ValueSerde(streams.String())).ToStream())
	})
	d.tell("a=x", "a=-", "b=y")
	same(t, "mapped", d.told(), []string{"a=x!", "a=-", "b=y!"})
	if got := d.texts("mapped"); len(got) != 1 || got["b"] != "y!" {
		t.Errorf("the store has %v, want b with y!", got)
	}
	gone := func(*streams.NodeContext) func(string, *string) (string, error) {
		return func(_ string, v *string) (string, error) {
			if v == nil {
				return "gone", nil
			}
			return *v, nil
		}
	}
	d = rows(t, func(in *table) { toOut(streams.TransformTable(in, gone).ToStream()) })
	d.tell("a=x", "a=-")
	same(t, "transformed", d.told(), []string{"a=x", "a=gone"})
}

// A row that changes is taken out of its old group and added to its new one.
func TestAggregatesOfTables(t *testing.T) {
	byValue := func(in *table) *streams.KGroupedTable[string, string] {
		return streams.GroupTable(in, func(k, v string) (string, string, error) { return v, k, nil }, streams.String(),
			streams.String())
	}
	d := rows(t, func(in *table) {
		streams.To(streams.CountTable(byValue(in), "n").ToStream(), "out", streams.String(), show[int64]("%d"))
	})
	d.tell("a=x", "b=x", "a=y", "b=-")
	same(t, "count", d.told(), []string{"x=1", "x=2", "x=1", "y=1", "x=0"})
	add := func(_, v, a string) (string, error) { return a + "+" + v, nil }
	subtract := func(_, v, a string) (string, error) { return a + "-" + v, nil }
	d = rows(t, func(in *table) {
		toOut(streams.AggregateTable(byValue(in), "all", func() string { return "0" }, add, subtract,
			streams.String()).ToStream())
	})
	d.tell("a=x", "b=x", "a=y")
	same(t, "aggregate", d.told(), []string{"x=0+a", "x=0+a+b", "x=0+a+b-a", "y=0+a"})
	d = rows(t, func(in *table) {
		toOut(streams.ReduceTable(byValue(in), "all", func(a, v string) (string, error) { return a + "+" + v, nil },
			func(a, v string) (string, error) { return a + "-" + v, nil }).ToStream())
	})
	d.tell("a=x", "b=x", "a=y")
	same(t, "reduction", d.told(), []string{"x=a", "x=a+b", "x=a+b-a", "y=a"})
}

// A stream whose keys have changed goes through a repartition topic before it is a table.
func TestToTable(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		toOut(streams.ToTable(streams.SelectKey(in, value), streams.KeySerde(streams.String()),
			streams.StoreName("latest")).ToStream())
	}), &streamstest.Options{Partitions: 3})
	d.send("a=x", "b=x", "c=y")
	got := d.told()
	slices.Sort(got)
	same(t, "output", got, []string{"x=x", "y=y"})
	if got := d.Dropped(); got != 0 {
		t.Errorf("%d dropped, want none", got)
	}
}

// Where no Serde is known a table cannot have a store.
func TestATableWithoutASerdeIsRefused(t *testing.T) {
	b := streams.NewBuilder()
	in := streams.Table(b, "in", streams.String(), streams.String())
	streams.MapTable(in, func(_, v string) (int, error) { return len(v), nil }, streams.StoreName("sizes"))
	_, err := b.Build()
	if want := "store sizes, and the Serde of its keys or values is not known: pass KeySerde and ValueSerde"; err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("Build = %v, want an error with %q", err, want)
	}
}

// The function of a table may keep something in a store, which survives as any other, and
// may schedule punctuations.
func TestTransformedTablesHaveStores(t *testing.T) {
	seen := streams.NewKeyValueStore("seen", streams.String(), streams.Int64())
	describe := func(in *table) {
		out := streams.TransformTable(in, func(ctx *streams.NodeContext) func(string, *string) (string, error) {
			counts := seen.Open(ctx)
			return func(key string, v *string) (string, error) {
				n, _, err := counts.Get(key)
				if err != nil {
					return "", err
				}
				value := "gone"
				if v != nil {
					value = *v
				}
				return fmt.Sprint(value, n+1), counts.Put(key, n+1)
			}
		}, streams.WithStores(seen), streams.StoreName("numbered"), streams.ValueSerde(streams.String()))
		toOut(streams.LeftJoinTables(out, in, left).ToStream())
	}
	d := rows(t, describe)
	d.tell("a=x", "a=y", "b=z")
	same(t, "output", d.told(), []string{"a=x1+x", "a=x1+x", "a=y2+y", "a=y2+y", "b=z1+z", "b=z1+z"})
	if err := d.Restart(true); err != nil {
		t.Fatal(err)
	}
	d.tell("a=-")
	same(t, "after a restore", d.told(), []string{"a=gone3+-", "a=gone3+-"})
}
