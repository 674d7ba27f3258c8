package streams_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
)

// asking makes a processor that answers each record with what ask says.
func asking(in *words, store streams.Store, open func(ctx *streams.Context[string, string]) func(r *streams.Record[string,
	string]) (string, error)) {
	toOut(streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
		ask := open(ctx)
		return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) (err error) {
			if r.Value, err = ask(r); err != nil {
				return err
			}
			return ctx.Forward(r)
		})
	}, streams.WithStores(store)))
}

// disturbed drives a topology, which is restarted and restored between two parts of the input.
func disturbed(t *testing.T, describe func(in *words), before, after []string) []string {
	t.Helper()
	d := drive(t, build(t, describe), nil)
	d.send(before...)
	out := d.read("out")
	d.send("a=lost@1")
	d.Abort()
	for _, wipe := range []bool{false, true} {
		if err := d.Restart(wipe); err != nil {
			t.Fatal(err)
		}
	}
	d.send(after...)
	return append(out, d.read("out")[1:]...)
}

func TestVersionedStoresOfProcessors(t *testing.T) {
	store := streams.NewVersionedKeyValueStore("past", time.Minute, streams.String(), streams.String())
	got := disturbed(t, func(in *words) {
		asking(in, store, func(ctx *streams.Context[string, string]) func(r *streams.Record[string, string]) (string, error) {
			past := store.Open(ctx)
			return func(r *streams.Record[string, string]) (string, error) {
				if r.Value == "delete" {
					kept, err := past.Delete(r.Key, r.Timestamp)
					return fmt.Sprint("deleted ", kept), err
				}
				before, was, err := past.GetAsOf(r.Key, r.Timestamp)
				if err != nil {
					return "", err
				}
				kept, err := past.Put(r.Key, r.Value, r.Timestamp)
				if err != nil {
					return "", err
				}
				latest, is, err := past.Get(r.Key)
				all, err2 := past.Versions(r.Key, time.Time{}, r.Timestamp.Add(time.Hour))
				return fmt.Sprintf("%s %v %v %s %v %d", before.Value, was, kept, latest.Value, is, len(all)), errors.Join(err, err2)
			}
		})
	}, []string{"a=1@100", "a=2@110", "a=0@90", "a=old@49"}, []string{"a=x@105", "a=delete@120", "a=3@115"})
	same(t, "answers", got, []string{"a= false true 1 true 1", "a=1 true true 2 true 2", "a= false true 2 true 3",
		"a= false false 2 true 3", "a=1 true true 2 true 4", "a=deleted true", "a=2 true true  false 5"})
}

func TestWindowStoresOfProcessors(t *testing.T) {
	store := streams.NewWindowStore("minutes", time.Hour, time.Minute, streams.String(), streams.String())
	got := disturbed(t, func(in *words) {
		asking(in, store, func(ctx *streams.Context[string, string]) func(r *streams.Record[string, string]) (string, error) {
			minutes := store.Open(ctx)
			return func(r *streams.Record[string, string]) (string, error) {
				start := r.Timestamp.Truncate(time.Minute)
				was, _, err := minutes.Fetch(r.Key, start)
				if err != nil {
					return "", err
				}
				if r.Value == "delete" {
					return "delete " + was, minutes.Delete(r.Key, start)
				}
				kept, err := minutes.Put(r.Key, was+r.Value, start)
				found := fmt.Sprint(kept)
				one := minutes.Range(r.Key, start.Add(-time.Hour), start, func(start time.Time, v string) (bool, error) {
					found += fmt.Sprintf(" %d:%s", start.Unix()/60, v)
					return true, nil
				})
				all := 0
				every := minutes.All(start.Add(-time.Hour), start, func(string, time.Time, string) (bool, error) {
					all++
					return true, nil
				})
				return fmt.Sprint(found, " of ", all), errors.Join(err, one, every)
			}
		})
	}, []string{"a=x@6000", "a=y@6001", "b=z@6060"}, []string{"a=w@6060", "a=old@2000", "a=delete@6000", "a=v@6061"})
	same(t, "answers", got, []string{"a=true 100:x of 1", "a=true 100:xy of 1", "b=true 101:z of 2",
		"a=true 100:xy 101:w of 3", "a=false of 0", "a=delete xy", "a=true 101:wv of 2"})
}

func TestSessionStoresOfProcessors(t *testing.T) {
	store := streams.NewSessionStore("visits", time.Hour, streams.String(), streams.String())
	const gap = 10 * time.Second
	got := disturbed(t, func(in *words) {
		asking(in, store, func(ctx *streams.Context[string, string]) func(r *streams.Record[string, string]) (string, error) {
			visits := store.Open(ctx)
			return func(r *streams.Record[string, string]) (string, error) {
				session := streams.Windowed[string]{Key: r.Key, Start: r.Timestamp, End: r.Timestamp}
				value := r.Value
				err := visits.Find(r.Key, r.Timestamp.Add(-gap), r.Timestamp.Add(gap),
					func(s streams.Windowed[string], v string) (bool, error) {
						value = v + value
						if s.Start.Before(session.Start) {
							session.Start = s.Start
						}
						if s.End.After(session.End) {
							session.End = s.End
						}
						return true, visits.Remove(s)
					})
				if err != nil {
					return "", err
				}
				kept, err := visits.Put(session, value)
				if err != nil {
					return "", err
				}
				back, ok, err := visits.Fetch(session)
				return fmt.Sprint(session.Start.Unix(), "-", session.End.Unix(), " ", kept, " ", back, " ", ok), err
			}
		})
	}, []string{"a=x@6000", "a=y@6020", "b=z@6000"}, []string{"a=w@6010", "a=old@2000"})
	same(t, "answers", got, []string{"a=6000-6000 true x true", "a=6020-6020 true y true", "b=6000-6000 true z true",
		"a=6000-6020 true yxw true", "a=2000-2000 false  false"})
}

func TestAWindowStoreKeepsItsWindows(t *testing.T) {
	b := streams.NewBuilder()
	store := streams.NewWindowStore("minutes", time.Second, time.Minute, streams.String(), streams.String())
	toText(streams.Process(readText(b, "in"), func(*streams.Context[string, string]) streams.Processor[string, string] {
		return nil
	}, streams.WithStores(store)), "out")
	if _, err := b.Build(); err == nil || !strings.Contains(err.Error(), "windows of 1m0s and a retention of 1s") {
		t.Errorf("Build() = %v, want an error about the retention", err)
	}
}

// Tables of windows can be read by key and window: by processors, and by joins.
func TestRowsOfWindows(t *testing.T) {
	minutes := streams.TimeWindows{Size: time.Minute}
	for name, describe := range map[string]func(in *words) *streams.KTable[streams.Windowed[string], int64]{
		"tumbling": func(in *words) *streams.KTable[streams.Windowed[string], int64] {
			return streams.CountWindows(streams.GroupByKey(in, streams.String()).WindowedBy(minutes), "n")
		},
		"sliding": func(in *words) *streams.KTable[streams.Windowed[string], int64] {
			w := streams.SlidingWindows{TimeDifference: time.Minute}
			return streams.CountWindows(streams.GroupByKey(in, streams.String()).WindowedBy(w), "n")
		},
		"sessions": func(in *words) *streams.KTable[streams.Windowed[string], int64] {
			w := streams.SessionWindows{InactivityGap: time.Minute}
			return streams.CountSessions(streams.GroupByKey(in, streams.String()).SessionWindowedBy(w), "n")
		},
	} {
		d := drive(t, build(t, func(in *words) {
			counts := describe(in)
			rows := streams.StoreOf(counts)
			toOut(streams.Process(counts.ToStream(),
				func(ctx *streams.Context[string, string]) streams.Processor[streams.Windowed[string], int64] {
					table := rows.Open(ctx)
					return streams.ProcessorFunc[streams.Windowed[string], int64](
						func(r *streams.Record[streams.Windowed[string], int64]) error {
							n, at, ok, err := table.Get(r.Key)
							if err != nil {
								return err
							}
							return ctx.Forward(&streams.Record[string, string]{Key: r.Key.Key, Timestamp: r.Timestamp,
								Value: fmt.Sprint(n, ok, at.Equal(r.Timestamp), n == r.Value)})
						})
				}, streams.WithStores(rows)))
		}), nil)
		d.send("a=x@0", "a=y@0")
		same(t, name, d.read("out"), []string{"a=2 true true true"})
	}
}

func TestTablesOfWindowsAreJoined(t *testing.T) {
	b := streams.NewBuilder()
	minutes := streams.TimeWindows{Size: time.Minute}
	count := func(topic string) *streams.KTable[streams.Windowed[string], int64] {
		return streams.CountWindows(streams.GroupByKey(readText(b, topic), streams.String()).WindowedBy(minutes), topic)
	}
	joined := streams.JoinTables(count("left"), count("right"),
		func(l, r int64) (string, error) { return fmt.Sprint(l, "/", r), nil })
	toText(streams.SelectKey(joined.ToStream(), func(w streams.Windowed[string], _ string) (string, error) {
		return fmt.Sprintf("%s@%d", w.Key, w.Start.Unix()), nil
	}), "out")
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d := drive(t, topo, nil)
	d.to("left", "a=x@1", "a=x@2", "a=x@61")
	d.to("right", "a=x@3")
	same(t, "output", d.read("out"), []string{"a@0=2/1", "a@0=2/1"}) // both sides have changed
	d.to("right", "a=x@62", "b=x@62")
	same(t, "output", d.read("out"), []string{"a@60=1/1"})
}
