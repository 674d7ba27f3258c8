package streams_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/query"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

// words is a stream of text in the tests of operators.
type words = streams.KStream[string, string]

// build makes a topology that reads topic "in" as text.
func build(t testing.TB, describe func(in *words)) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	describe(streams.Stream(b, "in", streams.String(), streams.String()))
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// driver is a streamstest.Driver whose errors end the test.
type driver struct {
	*streamstest.Driver
	t testing.TB
}

// drive starts a driver that continues after rejected records.
func drive(t testing.TB, topo *topology.Topology, o *streamstest.Options) driver {
	t.Helper()
	if o == nil {
		o = &streamstest.Options{}
	}
	props := map[string]string{"errors.dead.letter.queue.topic.name": "dlq"}
	maps.Copy(props, o.Properties)
	o.Properties = props
	d, err := streamstest.New(topo, o)
	if err != nil {
		t.Fatal(err)
	}
	return driver{d, t}
}

// second is the timestamp s seconds after 1970.
func second(s int) time.Time { return time.Unix(int64(s), 0).UTC() }

// send sends records written as "key=value" or, with the seconds of their
// timestamp, "key=value@61". Without "=" it is a record without key.
func (d driver) send(records ...string) {
	d.t.Helper()
	for _, text := range records {
		if err := d.Send("in", record(d.t, text)); err != nil {
			d.t.Fatalf("Send(%s): %v", text, err)
		}
	}
}

func record(t testing.TB, text string) streamstest.Record {
	t.Helper()
	var r streamstest.Record
	text, at, timed := strings.Cut(text, "@")
	if timed {
		s := 0
		if _, err := fmt.Sscan(at, &s); err != nil {
			t.Fatalf("record %q: %v", text, err)
		}
		r.Timestamp = second(s)
	}
	key, value, keyed := strings.Cut(text, "=")
	if !keyed {
		key, value = "", text
	} else {
		r.Key = []byte(key)
	}
	r.Value = []byte(value)
	return r
}

func (d driver) commit() {
	d.t.Helper()
	if err := d.Commit(); err != nil {
		d.t.Fatalf("Commit: %v", err)
	}
}

// read commits and returns the new records of a topic as "key=value".
func (d driver) read(topic string) []string {
	d.t.Helper()
	d.commit()
	return texts(d.Read(topic))
}

func texts(records []streamstest.Record) []string {
	out := []string{}
	for _, r := range records {
		out = append(out, string(r.Key)+"="+string(r.Value))
	}
	return out
}

// rejected commits and returns the new rejections as "stage: reason".
func (d driver) rejected() []string {
	d.t.Helper()
	d.commit()
	out := []string{}
	for _, r := range d.Rejected() {
		out = append(out, r.Stage+": "+r.Reason)
	}
	return out
}

// counts returns a key-value store of counts, all partitions together.
func (d driver) counts(store string) map[string]int64 {
	d.t.Helper()
	out := map[string]int64{}
	d.each(store, func(p app.Partition) (stores.Iterator, error) { return p.All() },
		func(it stores.Iterator, n int64) { out[string(it.Key())] += n })
	return out
}

// texts returns a key-value store of texts.
func (d driver) texts(store string) map[string]string {
	d.t.Helper()
	out := map[string]string{}
	parts, err := d.Store(store)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, p := range parts {
		it, err := p.All()
		if err != nil {
			d.t.Fatal(err)
		}
		for it.Next() {
			out[string(it.Key())] = string(it.Value())
		}
		if err := it.Close(); err != nil {
			d.t.Fatal(err)
		}
	}
	return out
}

// windows returns a window store of counts as "key@start", in seconds.
func (d driver) windows(store string) map[string]int64 {
	d.t.Helper()
	out := map[string]int64{}
	d.each(store, func(p app.Partition) (stores.Iterator, error) { return p.FetchAll(-1<<60, 1<<60) },
		func(it stores.Iterator, n int64) {
			w := it.(*query.WindowIterator)
			out[fmt.Sprintf("%s@%d", w.Key(), w.Start()/1000)] += n
		})
	return out
}

func (d driver) each(store string, open func(app.Partition) (stores.Iterator, error),
	visit func(it stores.Iterator, n int64)) {
	d.t.Helper()
	parts, err := d.Store(store)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, p := range parts {
		it, err := open(p)
		if err != nil {
			d.t.Fatal(err)
		}
		for it.Next() {
			n, err := streams.Int64().Deserialize(it.Value())
			if err != nil {
				d.t.Fatal(err)
			}
			visit(it, n)
		}
		if err := it.Close(); err != nil {
			d.t.Fatal(err)
		}
	}
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// show turns a value into text for an output topic.
func show[T any](format string) streams.Serde[T] {
	return streams.NewSerde(
		func(v T) ([]byte, error) { return fmt.Appendf(nil, format, v), nil },
		func([]byte) (v T, err error) { return v, fmt.Errorf("not read in tests") })
}
