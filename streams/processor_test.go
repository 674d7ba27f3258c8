package streams_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

// A processor holds records in a store, and lets them go when their time has come, by the
// records' time or the clock; the record's place is known in Process only.
func TestProcessorsArePunctuated(t *testing.T) {
	for by, want := range map[streams.PunctuationType][]string{
		streams.StreamTime:    {"a=1@1", "b=2@10", "c=3@30"},
		streams.WallClockTime: {"a=1@1010", "b=2@1010", "c=3@1010"},
	} {
		held := streams.NewKeyValueStore("held", streams.String(), streams.String())
		topo := build(t, func(in *words) {
			out := streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
				store := held.Open(ctx)
				ctx.Schedule(10*time.Second, by, func(now time.Time) error {
					if at, ok := ctx.RecordMetadata(); ok {
						return fmt.Errorf("a punctuation has the record %v", at)
					}
					return store.Range(nil, nil, func(k, v string) (bool, error) {
						if err := store.Delete(k); err != nil {
							return false, err
						}
						return true, ctx.Forward(&streams.Record[string, string]{Key: k, Value: v, Timestamp: now})
					})
				})
				return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
					if at, ok := ctx.RecordMetadata(); !ok || at.Topic != "in" {
						return fmt.Errorf("the record is at %v", at)
					}
					return store.Put(r.Key, r.Value)
				})
			}, streams.WithStores(held))
			toText(out.MarkAsPartitioned(), "out")
		})
		d := drive(t, topo, &streamstest.Options{Start: second(1000)})
		d.send("a=1@1", "b=2@10")
		d.Abort() // what was let go comes again
		d.send("c=3@30")
		d.Advance(10 * time.Second)
		d.commit()
		var got []string
		for _, r := range d.Read("out") {
			got = append(got, fmt.Sprintf("%s=%s@%d", r.Key, r.Value, r.Timestamp.Unix()))
		}
		if !slices.Equal(got, want) {
			t.Errorf("type %v: %q, want %q", by, got, want)
		}
	}
}

// Kafka tells an empty value from null, and so do stores.
func TestStoresKeepEmptyValues(t *testing.T) {
	held := streams.NewKeyValueStore("held", streams.Bytes(), streams.Bytes())
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.Bytes(), streams.Bytes())
	out := streams.Process(in, func(ctx *streams.Context[[]byte, []byte]) streams.Processor[[]byte, []byte] {
		store := held.Open(ctx)
		return streams.ProcessorFunc[[]byte, []byte](func(r *streams.Record[[]byte, []byte]) error {
			if err := store.Put(r.Key, r.Value); err != nil {
				return err
			}
			return store.Range(nil, nil, func(k, v []byte) (bool, error) {
				return true, ctx.Forward(&streams.Record[[]byte, []byte]{Key: k, Value: v, Timestamp: r.Timestamp})
			})
		})
	}, streams.WithStores(held))
	streams.To(out, "out", streams.Bytes(), streams.Bytes())
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d := drive(t, topo, nil)
	d.send("a=@1")
	d.commit()
	if got := d.Read("out"); len(got) != 1 || got[0].Value == nil || len(got[0].Value) != 0 {
		t.Errorf("%v, want one record with an empty value", got)
	}
}
