package streams_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

// try runs a topology over records of topic "in" and prints what it writes to
// "out".
func try(t *topology.Topology, records ...streamstest.Record) error {
	d, err := streamstest.New(t, &streamstest.Options{
		Properties: map[string]string{"errors.dead.letter.queue.topic.name": "dlq"},
	})
	if err != nil {
		return err
	}
	if err := d.Send("in", records...); err != nil {
		return err
	}
	if err := d.Commit(); err != nil {
		return err
	}
	for _, r := range d.Read("out") {
		fmt.Printf("%s=%s\n", r.Key, r.Value)
	}
	for _, r := range d.Rejected() {
		fmt.Printf("rejected %s[%d]@%d: %s\n", r.Topic, r.Partition, r.Offset, r.Reason)
	}
	return nil
}

func at(seconds int64, key, value string) streamstest.Record {
	return streamstest.Record{Key: []byte(key), Value: []byte(value), Timestamp: time.Unix(seconds, 0)}
}

// A stream whose key was changed goes through a repartition topic by itself.
func ExampleGroupByKey_afterSelectKey() {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	byValue := streams.SelectKey(in, func(_, v string) (string, error) { return v, nil })
	streams.Count(streams.GroupByKey(byValue, streams.String()), "counts")
	t, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Sources {
			fmt.Println(s.Topic, s.Internal)
		}
	}
	// Output:
	// in false
	// counts-repartition true
}

// An app that writes the values of a topic in capitals to another.
func Example() {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	capitals := streams.MapValues(in, func(v string) (string, error) { return strings.ToUpper(v), nil })
	streams.To(capitals, "out", streams.String(), streams.String())
	t, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	app, err := app.New(t, map[string]string{
		"application.id":    "capitals",
		"bootstrap.servers": "localhost:9092",
		"state.dir":         "/var/lib/capitals",
	}, &app.Options{Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		fmt.Println(err)
		return
	}
	run := func(ctx context.Context) error { return app.Run(ctx) } // blocks until ctx is done
	_ = run
	fmt.Print(t)
	// Output:
	// Topologies:
	//    Sub-topology: 0
	//     Source: KSTREAM-SOURCE-0000000000 (topics: [in])
	//       --> KSTREAM-MAPVALUES-0000000001
	//     Processor: KSTREAM-MAPVALUES-0000000001 (stores: [])
	//       --> KSTREAM-SINK-0000000002
	//       <-- KSTREAM-SOURCE-0000000000
	//     Sink: KSTREAM-SINK-0000000002 (topic: out)
	//       <-- KSTREAM-MAPVALUES-0000000001
}

func ExampleMapValues() {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	lengths := streams.MapValues(in, func(v string) (int, error) { return len(v), nil })
	streams.To(lengths, "out", streams.String(), streams.JSON[int]())
	t, err := b.Build()
	if err == nil {
		err = try(t, at(0, "a", "water"), at(0, "b", ""))
	}
	fmt.Println(err)
	// Output:
	// a=5
	// b=0
	// <nil>
}

func ExampleFlatMap() {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	words := streams.FlatMap(in, func(key, line string, emit func(string, string) error) error {
		for word := range strings.FieldsSeq(line) {
			if err := emit(word, key); err != nil {
				return err
			}
		}
		return nil
	})
	streams.To(words, "out", streams.String(), streams.String())
	t, err := b.Build()
	if err == nil {
		err = try(t, at(0, "line1", "to be"))
	}
	fmt.Println(err)
	// Output:
	// to=line1
	// be=line1
	// <nil>
}

func ExampleReject() {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	checked := streams.MapValues(in, func(v string) (string, error) {
		if v == "" {
			return "", streams.Reject(fmt.Errorf("no value"))
		}
		return v, nil
	})
	streams.To(checked, "out", streams.String(), streams.String())
	t, err := b.Build()
	if err == nil {
		err = try(t, at(0, "a", "1"), at(0, "b", ""), at(0, "c", "2"))
	}
	fmt.Println(err)
	// Output:
	// a=1
	// c=2
	// rejected in[0]@1: no value
	// <nil>
}

func ExampleCount() {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	byValue := streams.GroupBy(in, "by-value",
		func(_, value string) (string, error) { return value, nil }, streams.String(), streams.String())
	counts := streams.Count(byValue, "counts").ToStream()
	streams.To(counts, "out", streams.String(), streams.JSON[int64]())
	t, err := b.Build()
	if err == nil {
		err = try(t, at(0, "1", "x"), at(0, "2", "y"), at(0, "3", "x"))
	}
	fmt.Println(err)
	// Output:
	// y=1
	// x=2
	// <nil>
}

func ExampleCountWindows() {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	perMinute := streams.GroupByKey(in, streams.String()).
		WindowedBy(streams.TimeWindows{Size: time.Minute, Grace: 10 * time.Second})
	counts := streams.Map(streams.CountWindows(perMinute, "counts").ToStream(),
		func(w streams.Windowed[string], n int64) (string, int64, error) {
			return w.Key + " " + w.Start.Format("15:04"), n, nil
		})
	streams.To(counts, "out", streams.String(), streams.JSON[int64]())
	t, err := b.Build()
	if err == nil {
		// The last record is later than its window's grace and left out.
		err = try(t, at(10, "a", ""), at(50, "a", ""), at(60, "a", ""), at(75, "b", ""), at(20, "a", ""))
	}
	fmt.Println(err)
	// Output:
	// a 00:00=2
	// a 00:01=1
	// b 00:01=1
	// <nil>
}

func ExampleProcess() {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	store := streams.NewKeyValueStore("last", streams.String(), streams.String())
	changes := streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
		last := store.Open(ctx)
		return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
			before, known, err := last.Get(r.Key)
			if err != nil || known && before == r.Value {
				return err // nothing has changed
			}
			if err := last.Put(r.Key, r.Value); err != nil {
				return err
			}
			return ctx.Forward(r)
		})
	}, streams.WithStores(store))
	streams.To(changes, "out", streams.String(), streams.String())
	t, err := b.Build()
	if err == nil {
		err = try(t, at(0, "a", "up"), at(1, "a", "up"), at(2, "a", "down"))
	}
	fmt.Println(err)
	// Output:
	// a=up
	// a=down
	// <nil>
}

func ExampleJoinGlobal() {
	b := streams.NewBuilder()
	currencies := streams.GlobalTable(b, "currencies", streams.String(), streams.String())
	orders := streams.Stream(b, "orders", streams.String(), streams.String())
	named := streams.JoinGlobal(orders, currencies,
		func(_, order string) (string, error) { // the row to look for
			_, currency, _ := strings.Cut(order, " ")
			return currency, nil
		},
		func(order, currency string) (string, error) { return order + ", " + currency, nil })
	streams.To(named, "out", streams.String(), streams.String())
	t, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := streamstest.New(t, &streamstest.Options{Partitions: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows := streamstest.Input(d, "currencies", streams.String(), streams.String())
	in := streamstest.Input(d, "orders", streams.String(), streams.String())
	fmt.Println(rows.Send("JPY", "yen"), rows.Send("EUR", "euros"))
	fmt.Println(in.Send("1", "500 JPY"), in.Send("2", "7 USD"), in.Send("3", "20 EUR"), d.Commit())
	for _, r := range d.Read("out") {
		fmt.Printf("%s: %s\n", r.Key, r.Value)
	}
	// Output:
	// <nil> <nil>
	// <nil> <nil> <nil> <nil>
	// 1: 500 JPY, yen
	// 3: 20 EUR, euros
}
