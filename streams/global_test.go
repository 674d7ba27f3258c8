package streams_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

// withRows makes a topology that reads "in" and the global table "rows".
func withRows(t *testing.T, describe func(in *words, rows *streams.GlobalKTable[string, string])) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	rows := streams.GlobalTable(b, "rows", streams.String(), streams.String(), streams.StoreName("all"))
	describe(readText(b, "in"), rows)
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// sendRow sends a row as drive_test's record.
func (d driver) sendRow(rows ...string) {
	d.t.Helper()
	for _, text := range rows {
		r := record(d.t, text)
		if string(r.Value) == "null" {
			r.Value = nil
		}
		if err := d.Send("rows", r); err != nil {
			d.t.Fatal(err)
		}
	}
}

// keyInValue is the key that the first letter of the value names, "-" names none.
func keyInValue(_, value string) (*string, error) {
	if strings.HasPrefix(value, "-") {
		return nil, nil
	}
	key := value[:1]
	return &key, nil
}

// pointers is the Serde of texts that may be nil.
func pointers() streams.Serde[*string] {
	return streams.NewSerde(func(s *string) ([]byte, error) { return []byte(*s), nil },
		func(data []byte) (*string, error) { s := string(data); return &s, nil })
}

func TestStreamsAreJoinedWithGlobalTables(t *testing.T) {
	for _, partitions := range []int{1, 4} {
		b := streams.NewBuilder()
		rows := streams.GlobalTable(b, "rows", pointers(), streams.String())
		in := readText(b, "in")
		toText(streams.JoinGlobal(in, rows, keyInValue, both), "inner")
		toText(streams.LeftJoinGlobal(in, rows, keyInValue, left), "left")
		topo, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		d := drive(t, topo, &streamstest.Options{Partitions: partitions})
		d.send("k=x1")
		d.sendRow("x=X", "y=Y", "no key")
		d.send("k=x2")
		d.Abort()
		d.sendRow("x=XX", "y=null")
		d.send("k=y3", "k=-4", "x5")
		same(t, "inner", sorted(d.read("inner")), []string{"=x5+XX", "k=x1+XX", "k=x2+XX"})
		same(t, "left", sorted(d.read("left")), []string{"=x5+XX", "k=-4+-", "k=x1+XX", "k=x2+XX", "k=y3+-"})
		if got, want := d.Dropped(), 2; got != want { // the row without a key, and what has no key to look for
			t.Errorf("%d records are dropped, want %d", got, want)
		}
		if err := d.Restart(true); err != nil {
			t.Fatal(err)
		}
		d.send("k=x6")
		same(t, "inner after a restart", d.read("inner"), []string{"k=x6+XX"})
	}
}

func TestBadRowsOfGlobalTablesAreRejected(t *testing.T) {
	b := streams.NewBuilder()
	streams.GlobalTable(b, "rows", streams.String(), streams.JSON[int](), streams.StoreName("all"))
	toText(readText(b, "in"), "out")
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d := drive(t, topo, nil)
	d.sendRow("a=1", "b=two", "c=3")
	d.Abort()
	same(t, "rows", sorted(keysOf(d.texts("all"))), []string{"a=1", "c=3"})
	if got := d.rejected(); len(got) != 1 || !strings.Contains(got[0], "deserialization") {
		t.Errorf("rejected %q, want the value two", got)
	}
	d2, err := streamstest.New(topo, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d2.Send("rows", streamstest.Record{Key: []byte("b"), Value: []byte("two")}); err == nil ||
		!strings.Contains(err.Error(), "rows-0@0") {
		t.Errorf("error %v, want one that names the record", err)
	}
}

func keysOf(m map[string]string) (out []string) {
	for k, v := range m {
		out = append(out, k+"="+v)
	}
	return out
}

// Every processor reads a global table, also in a punctuation, without having been given it.
func TestProcessorsReadGlobalTables(t *testing.T) {
	topo := withRows(t, func(in *words, rows *streams.GlobalKTable[string, string]) {
		toText(streams.ProcessValues(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			all := rows.Open(ctx)
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				value, at, ok, err := all.Get(r.Value)
				if err != nil {
					return err
				}
				text := fmt.Sprintf("%s@%d %v", value, at.Unix(), ok)
				from, to := "b", "d"
				err = all.Range(&from, &to, func(key, value string, _ time.Time) (bool, error) {
					text += " " + key + value
					return key != "c", nil
				})
				r.Value = text
				return errors.Join(err, ctx.Forward(r))
			})
		}), "out")
	})
	d := drive(t, topo, nil)
	d.sendRow("a=1@5", "b=2@6", "c=3@7", "ca=4@8", "d=5@9")
	d.send("k=a", "k=c")
	same(t, "out", d.read("out"), []string{"k=1@5 true b2 c3", "k=3@7 true b2 c3"})
}

// A store of one's own that is made of a topic: how often each value came.
func counted(b *streams.Builder) *streams.KeyValueStore[string, int64] {
	store := streams.NewKeyValueStore("counted", streams.String(), streams.Int64())
	streams.AddGlobalStore(b, store, "rows", streams.String(), streams.String(),
		func(ctx *streams.GlobalContext) streams.Processor[string, string] {
			kv := store.Open(ctx)
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				if ctx.RecordMetadata().Topic != "rows" {
					return fmt.Errorf("the record is at %v", ctx.RecordMetadata())
				}
				n, _, err := kv.Get(r.Value)
				return errors.Join(err, kv.Put(r.Value, n+1))
			})
		})
	return store
}

func TestGlobalStoresAreWrittenByTheirProcessorAlone(t *testing.T) {
	b := streams.NewBuilder()
	store := counted(b)
	toText(streams.ProcessValues(readText(b, "in"),
		func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			kv := store.Open(ctx)
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				n, ok, err := kv.Get(r.Value)
				if err != nil {
					return err
				}
				for _, err := range []error{kv.Put("x", 1), kv.Delete("x")} {
					if err == nil || !strings.Contains(err.Error(), "only its own processor may") {
						return fmt.Errorf("a write of a task: %w", err)
					}
				}
				r.Value = fmt.Sprint(n, ok)
				return ctx.Forward(r)
			})
		}), "out")
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d := drive(t, topo, &streamstest.Options{Partitions: 3})
	d.sendRow("a=x", "b=y", "c=x")
	d.send("k=x", "k=z")
	same(t, "out", d.read("out"), []string{"k=2 true", "k=0 false"})
}

func TestMistakesWithGlobalTablesAreToldByBuild(t *testing.T) {
	other := streams.NewBuilder()
	for want, describe := range map[string]func(b *streams.Builder){
		"both read topic \"rows\"": func(b *streams.Builder) {
			streams.GlobalTable(b, "rows", streams.String(), streams.String())
			toText(readText(b, "rows"), "out")
		},
		"global table of another Builder": func(b *streams.Builder) {
			rows := streams.GlobalTable(other, "rows", streams.String(), streams.String())
			toText(streams.JoinGlobal(readText(b, "in"), rows, valueOf, both), "out")
		},
		"which is global": func(b *streams.Builder) {
			store := counted(b)
			streams.Process(readText(b, "in"), func(*streams.Context[string, string]) streams.Processor[string, string] {
				return nil
			}, streams.WithStores(store))
		},
		"two tables keep their values in store \"all\"": func(b *streams.Builder) {
			streams.GlobalTable(b, "rows", streams.String(), streams.String(), streams.StoreName("all"))
			streams.GlobalTable(b, "more", streams.String(), streams.String(), streams.StoreName("all"))
		},
		"does not take the option WithTimestamps": func(b *streams.Builder) {
			streams.GlobalTable(b, "rows", streams.String(), streams.String(), streams.WithTimestamps(
				func(r *streams.Record[string, string], _ time.Time) (time.Time, error) { return r.Timestamp, nil }))
		},
	} {
		b := streams.NewBuilder()
		describe(b)
		if _, err := b.Build(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
