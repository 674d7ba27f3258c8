package codec_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams/internal/codec"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/serdes"
	"github.com/suiro/suiro/streams/topology"
)

type record = node.Record[string, int64]

// task is a task that emits into a list.
type task struct {
	topology.Context
	out []string
}

func (t *task) Position() topology.Position    { return topology.Position{Topic: "in"} }
func (t *task) Partitions(string) (int, error) { return 3, nil }
func (t *task) EmitTo(topic string, partition int32, key, value []byte, at time.Time, h []topology.Header) error {
	t.out = append(t.out, fmt.Sprintf("%s-%d %q=%x nil %v %v at %d headers %d", topic, partition, key, value, key == nil,
		value == nil, at.UnixMilli(), len(h)))
	return nil
}

// What a source decodes and an output encodes is what it was, null too.
func TestBytesComeBack(t *testing.T) {
	k := &task{}
	o := codec.Output[string, int64]{Key: serdes.String(), Value: serdes.Int64(), Topic: "out"}
	source := codec.Decode(o.Open(k), serdes.String(), serdes.Int64())
	headers := []topology.Header{{Key: "h", Value: []byte("v")}}
	seven := []byte{0, 0, 0, 0, 0, 0, 0, 7}
	for _, c := range []struct {
		in   topology.Record
		want string
	}{
		{topology.Record{Key: []byte("a"), Value: seven, Headers: headers}, `out--1 "a"=0000000000000007 nil false false`},
		{topology.Record{Key: nil, Value: seven}, `out--1 ""=0000000000000007 nil true false`},
		{topology.Record{Key: []byte("a"), Value: nil}, `out--1 "a"= nil false true`},
		{topology.Record{Key: []byte{}, Value: seven}, `out--1 ""=0000000000000007 nil false false`},
		{topology.Record{}, `out--1 ""= nil true true`},
	} {
		k.out, c.in.Timestamp = nil, time.UnixMilli(42)
		if err := source(&c.in); err != nil {
			t.Errorf("%+v: %v", c.in, err)
			continue
		}
		want := fmt.Sprintf("%s at 42 headers %d", c.want, len(c.in.Headers))
		if len(k.out) != 1 || k.out[0] != want {
			t.Errorf("%+v became %q, want %q", c.in, k.out, want)
		}
	}
}

// What cannot be decoded or written is rejected, with its place.
func TestWhatDoesNotFitIsRejected(t *testing.T) {
	choose := func(topic string) func(*record, topology.Position) (string, error) {
		return func(*record, topology.Position) (string, error) { return topic, nil }
	}
	nothing := func(*record) error { return nil }
	for name, c := range map[string]struct {
		do    func() error
		stage string
		want  string
	}{
		"a value that is too short": {func() error {
			return codec.Decode(nothing, serdes.String(), serdes.Int64())(&topology.Record{Value: []byte("1")})
		}, topology.Deserialization, "value: "},
		"a key that is too short": {func() error {
			next := func(*node.Record[int64, string]) error { return nil }
			return codec.Decode(next, serdes.Int64(), serdes.String())(&topology.Record{Key: []byte("1")})
		}, topology.Deserialization, "key: "},
		"no name of a topic": {func() error {
			o := codec.Output[string, int64]{Key: serdes.String(), Value: serdes.Int64(), Choose: choose("a b")}
			return o.Open(&task{})(&record{})
		}, topology.Production, "choose a topic"},
		"a partition that is not there": {func() error {
			o := codec.Output[string, int64]{Key: serdes.String(), Value: serdes.Int64(), Topic: "out",
				Partition: func(string, string, int64, int) int32 { return 3 }}
			return o.Open(&task{})(&record{})
		}, topology.Production, "partition 3 of topic out, which has 3"},
	} {
		err := c.do()
		var rejected *topology.Rejection
		if !errors.As(err, &rejected) || rejected.Stage != c.stage || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want a rejection of %s that says %q", name, err, c.stage, c.want)
		}
	}
}

// Topics and partitions may be chosen for each record; a negative partition leaves it to the key.
func TestRecordsChooseWhereTheyGo(t *testing.T) {
	k := &task{}
	o := codec.Output[string, int64]{Key: serdes.String(), Value: serdes.Int64(),
		Choose:    func(r *record, from topology.Position) (string, error) { return from.Topic + "-" + r.Key, nil },
		Partition: func(_, key string, n int64, partitions int) int32 { return int32(n) % int32(partitions) }}
	out := o.Open(k)
	for _, n := range []int64{5, -4} {
		if err := out(&record{Key: "k", Value: n}); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(k.out, "\n"); !strings.HasPrefix(k.out[0], "in-k-2 ") || !strings.HasPrefix(k.out[1], "in-k--1 ") {
		t.Errorf("records went to\n%s\nwant partition 2, and that of the key", got)
	}
}

// A record that cannot be decoded keeps its time, so that it is rejected in its turn.
func TestTimestamps(t *testing.T) {
	at := codec.Timestamps(func(r *record, latest time.Time) (time.Time, error) {
		return latest.Add(time.Duration(r.Value) * time.Millisecond), nil
	}, serdes.String(), serdes.Int64())
	in := &topology.Record{Value: []byte{0, 0, 0, 0, 0, 0, 0, 7}, Timestamp: time.UnixMilli(1)}
	if got, err := at(in, 100); got != 107 || err != nil {
		t.Errorf("the time is %d, %v, want that of the partition and 7", got, err)
	}
	in.Value = []byte("x")
	if got, err := at(in, 100); got != 1 || err != nil {
		t.Errorf("the time of what cannot be decoded is %d, %v, want its own", got, err)
	}
}
