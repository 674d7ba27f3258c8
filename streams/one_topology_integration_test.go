//go:build integration

package streams_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/query"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

// partitions is how many each topic of these tests has.
const partitions = 3

// several is a topology of several operators, whose topics' names begin with prefix. It reads
// clicks, views and users.
func several(t *testing.T, prefix string) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	clicks := readText(b, prefix+"clicks")
	minutes := streams.TimeWindows{Size: time.Minute, Grace: time.Hour}
	counts := streams.CountWindows(groupByValue(clicks, "by-page").WindowedBy(minutes), "by-minute").ToStream()
	toCounts(streams.SelectKey(counts, func(w streams.Windowed[string], _ int64) (string, error) {
		return fmt.Sprintf("%s@%d", w.Key, w.Start.Unix()), nil
	}), prefix+"minutes")
	users := streams.Table(b, prefix+"users", streams.String(), streams.String(), streams.StoreName("users"))
	toText(streams.LeftJoinTable(clicks, users, left), prefix+"joined")
	toText(streams.OuterJoin(clicks, readText(b, prefix+"views"), streams.TimeDifference(5*time.Second, 0), either,
		streams.String(), streams.String(), streams.String()), prefix+"pairs")
	byCity := streams.GroupTable(users, func(user, city string) (string, string, error) { return city, user, nil },
		streams.String(), streams.String())
	toCounts(streams.CountTable(byCity, "cities").ToStream(), prefix+"cities")
	visited(clicks, prefix+"visits")
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// visited is a processor with two stores and a punctuation: it says which pages a key has
// visited in a minute before, and every minute which one was the last.
func visited(clicks *words, out string) {
	last := streams.NewKeyValueStore("last", streams.String(), streams.String())
	pages := streams.NewWindowStore("pages", 24*time.Hour, time.Minute, streams.String(), streams.String())
	toText(streams.Process(clicks, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
		last, pages := last.Open(ctx), pages.Open(ctx)
		ctx.Schedule(time.Minute, streams.StreamTime, func(now time.Time) error {
			return last.Range(nil, nil, func(key, page string) (bool, error) {
				return true, ctx.Forward(&streams.Record[string, string]{Key: key, Value: "still " + page, Timestamp: now})
			})
		})
		return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
			before, _, err := last.Get(r.Key)
			if err != nil {
				return err
			}
			if err := last.Put(r.Key, r.Value); err != nil {
				return err
			}
			minute := r.Timestamp.Truncate(time.Minute)
			all, _, err := pages.Fetch(r.Key, minute)
			if err != nil {
				return err
			}
			if _, err := pages.Put(r.Key, all+r.Value, minute); err != nil {
				return err
			}
			r.Value = before + ">" + all + r.Value
			return ctx.Forward(r)
		})
	}, streams.WithStores(last, pages)), out)
}

// wrote is what a topology has written, and what its stores have: the records of each topic and
// key in their order, and the rows of each store.
type wrote map[string][]string

// add adds a record of a topic, whose name is without its prefix. minutes and cities are behind
// repartition topics, in which the records of several tasks meet in any order: only their last
// rows are certain. Of a city in which nobody lives that is neither its time nor whether there is
// a row, as who came and went within an epoch is not told.
func (w wrote) add(topic string, key, value []byte, partition int32, at time.Time) {
	id := topic + "/" + string(key)
	text := fmt.Sprintf("%q of partition %d at %d", value, partition, at.UnixMilli())
	switch topic {
	case "minutes":
		w[id] = nil
	case "cities":
		delete(w, id)
		if text = fmt.Sprintf("%q of partition %d", value, partition); bytes.Equal(value, make([]byte, 8)) {
			return
		}
	}
	w[id] = append(w[id], text)
}

// addStores adds the rows of all stores that hold something of their own.
func (w wrote) addStores(t *testing.T, store func(name string) ([]app.Partition, error)) {
	t.Helper()
	for name, windowed := range map[string]bool{"by-minute": true, "users": false, "cities": false, "last": false, "pages": true} {
		parts, err := store(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(parts) != partitions {
			t.Fatalf("store %s has %d partitions, want %d", name, len(parts), partitions)
		}
		for _, p := range parts {
			var it stores.Iterator
			if windowed {
				it, err = p.FetchAll(-1<<60, 1<<60)
			} else {
				it, err = p.All()
			}
			if err != nil {
				t.Fatal(err)
			}
			for it.Next() {
				id := fmt.Sprintf("store %s/%d/%s", name, p.Partition, it.Key())
				if windows, ok := it.(*query.WindowIterator); ok {
					id += fmt.Sprint("@", windows.Start())
				}
				if name != "cities" || !bytes.Equal(it.Value(), make([]byte, 8)) {
					w[id] = append(w[id], fmt.Sprintf("%q", it.Value()))
				}
			}
			if err := it.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// differences says where two are different.
func differences(got, want wrote) (wrong []string) {
	all := maps.Clone(want)
	maps.Copy(all, got)
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if !slices.Equal(got[id], want[id]) {
			wrong = append(wrong, fmt.Sprintf("%s:\n got %q\nwant %q", id, got[id], want[id]))
		}
	}
	return wrong
}

// clicksAndAll are the records of all inputs in the order of their timestamps, which all differ.
func clicksAndAll(prefix string, random *rand.Rand) (records []*kgo.Record) {
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 1500 {
		at = at.Add(time.Duration(1+random.IntN(1500)) * time.Millisecond)
		r := &kgo.Record{Key: fmt.Appendf(nil, "k%d", random.IntN(20)), Timestamp: at}
		switch n := random.IntN(10); {
		case n == 0:
			r.Topic = prefix + "users" // and one that is deleted
		case n == 1:
			r.Topic, r.Value = prefix+"users", fmt.Appendf(nil, "city-%d", random.IntN(4))
		case n < 5:
			r.Topic, r.Value = prefix+"views", fmt.Appendf(nil, "view-%d", random.IntN(100))
		default:
			r.Topic, r.Value = prefix+"clicks", fmt.Appendf(nil, "p%d", random.IntN(5))
		}
		records = append(records, r)
	}
	return records
}

// driven is what a driver says that a topology makes of the records.
func driven(t *testing.T, topo *topology.Topology, prefix string, records []*kgo.Record, props map[string]string) wrote {
	t.Helper()
	d, err := streamstest.New(topo, &streamstest.Options{Partitions: partitions, Properties: props})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := d.Send(r.Topic, streamstest.Record{Key: r.Key, Value: r.Value, Timestamp: r.Timestamp}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Commit(); err != nil {
		t.Fatal(err)
	}
	w := wrote{}
	for _, topic := range outputs {
		for _, r := range d.Read(prefix + topic) {
			w.add(topic, r.Key, r.Value, r.Partition, r.Timestamp)
		}
	}
	w.addStores(t, d.Store)
	return w
}

// outputs are the topics that the topology writes.
var outputs = []string{"minutes", "joined", "pairs", "cities", "visits"}

// named are topics with a prefix.
func named(prefix string, topics ...string) []string {
	out := make([]string, len(topics))
	for i, topic := range topics {
		out[i] = prefix + topic
	}
	return out
}

// committed is what an app has written on Kafka.
func committed(t *testing.T, brokers []string, prefix string) wrote {
	t.Helper()
	w := wrote{}
	for _, r := range readAll(t, brokers, named(prefix, outputs...)...) {
		w.add(strings.TrimPrefix(r.Topic, prefix), r.Key, r.Value, r.Partition, r.Timestamp)
	}
	return w
}

// readAll reads what is committed of topics, to their ends.
func readAll(t *testing.T, brokers []string, topics ...string) (records []*kgo.Record) {
	t.Helper()
	cl := kafkatest.Client(t, brokers, kgo.ConsumeTopics(topics...), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListEndOffsets(t.Context(), topics...)
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left++
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), kafkatest.Patience)
	defer cancel()
	for left > 0 {
		if ctx.Err() != nil {
			t.Fatalf("read %q to their ends: %v", topics, ctx.Err())
		}
		for _, r := range cl.PollFetches(ctx).Records() {
			if !r.Attrs.IsControl() {
				records = append(records, r)
			}
			if end, _ := ends.Lookup(r.Topic, r.Partition); r.Offset+1 == end.Offset {
				left--
			}
		}
	}
	return records
}

// ran is what an app writes on Kafka.
func ran(t *testing.T, topo *topology.Topology, brokers []string, prefix string, want wrote, props map[string]string) wrote {
	t.Helper()
	all := map[string]string{"application.id": prefix + "app", "bootstrap.servers": strings.Join(brokers, ","),
		"state.dir": t.TempDir()}
	maps.Copy(all, props)
	a, err := app.New(topo, all, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	got := wrote{}
	for end := time.Now().Add(kafkatest.Patience); time.Now().Before(end); {
		select {
		case err := <-done:
			t.Fatalf("the app has ended with %v", err)
		default:
		}
		if got = committed(t, brokers, prefix); len(got) == 0 || a.State() != app.Running {
			continue
		}
		got.addStores(t, a.Store)
		if len(differences(got, want)) == 0 {
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return got
}

// One topology object runs on the driver, then on Kafka, and on the driver again: with the
// defaults of both, and with properties that both are given, it writes the same records with
// the same timestamps to the same partitions, and its stores have the same rows.
func TestOneTopologyOnTheDriverAndOnKafka(t *testing.T) {
	brokers := kafkatest.Real(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for name, props := range map[string]map[string]string{
		"defaults":      nil,
		"every update":  {"statestore.cache.max.bytes": "0"},
		"at least once": {"processing.guarantee": "at_least_once", "commit.interval.ms": "200", "default.dsl.store": "in_memory"},
	} {
		t.Run(name, func(t *testing.T) {
			prefix := fmt.Sprintf("one-topology-%d-", time.Now().UnixNano())
			adm := kadm.NewClient(kafkatest.Client(t, brokers))
			forever := "-1"
			if _, err := adm.CreateTopics(t.Context(), partitions, 1, map[string]*string{"retention.ms": &forever},
				named(prefix, append([]string{"clicks", "views", "users"}, outputs...)...)...); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { deleteAll(t, adm, prefix) })
			records := clicksAndAll(prefix, rand.New(rand.NewPCG(seed, 0)))
			topo := several(t, prefix)
			want := driven(t, topo, prefix, records, props)
			kafkatest.Produce(t, brokers, records...)
			for where, got := range map[string]func() wrote{
				"on Kafka":            func() wrote { return ran(t, topo, brokers, prefix, want, props) },
				"on the driver again": func() wrote { return driven(t, topo, prefix, records, props) },
			} {
				if wrong := differences(got(), want); len(wrong) > 0 {
					t.Errorf("%s %d of %d keys have other records than on the driver, such as\n%s", where, len(wrong), len(want),
						strings.Join(wrong[:min(3, len(wrong))], "\n"))
				}
			}
		})
	}
}

// deleteAll deletes the topics of a test.
func deleteAll(t *testing.T, adm *kadm.Client, prefix string) {
	topics, err := adm.ListTopics(context.Background())
	if err != nil {
		t.Error(err)
		return
	}
	own := slices.DeleteFunc(topics.Names(), func(name string) bool { return !strings.HasPrefix(name, prefix) })
	if _, err := adm.DeleteTopics(context.Background(), own...); err != nil {
		t.Error(err)
	}
}

// A record that fails ends the app as it ends the driver, without anything set.
func TestAFailingRecordEndsTheDriverAndTheApp(t *testing.T) {
	brokers := kafkatest.Real(t)
	prefix := fmt.Sprintf("one-topology-%d-", time.Now().UnixNano())
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	if _, err := adm.CreateTopics(t.Context(), 1, 1, nil, named(prefix, "in", "out")...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { deleteAll(t, adm, prefix) })
	b := streams.NewBuilder()
	toText(streams.MapValues(readText(b, prefix+"in"), good), prefix+"out")
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	kafkatest.Produce(t, brokers, &kgo.Record{Topic: prefix + "in", Key: []byte("k"), Value: []byte("bad")})
	d, err := streamstest.New(topo, nil)
	if err != nil {
		t.Fatal(err)
	}
	onDriver := d.Send(prefix+"in", streamstest.Record{Key: []byte("k"), Value: []byte("bad")})
	a, err := app.New(topo, map[string]string{"application.id": prefix + "app", "state.dir": t.TempDir(),
		"bootstrap.servers": strings.Join(brokers, ",")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), kafkatest.Patience)
	defer cancel()
	onKafka := a.Run(ctx)
	for where, err := range map[string]error{"the driver": onDriver, "the app": onKafka} {
		for _, want := range []string{prefix + "in-0@0", errBad.Error()} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s has ended with %v, want an error with %q", where, err, want)
			}
		}
	}
}
