package task

import (
	"bytes"
	"context"
	"encoding/binary"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/topology"
)

// FuzzRestore checks that a changelog, whatever it holds, is restored or refused, and
// that the task then processes records and commits.
func FuzzRestore(f *testing.F) {
	for kind := range byte(3) {
		f.Add([]byte("k"), []byte("v"), int64(0), kind)
		f.Add([]byte("12345678-key"), []byte(nil), int64(-1), kind)
		f.Add(format.WindowKey{Key: []byte("k"), Start: -60_000}.Append(nil), []byte{}, int64(1)<<40, kind)
	}
	f.Fuzz(func(t *testing.T, key, value []byte, at int64, kind byte) {
		o := Options{
			Sub: &topology.Subtopology{
				Stores:  []topology.Store{{Name: "s", Kind: topology.StoreKind(kind % 3)}},
				Sources: []topology.Source{{Topic: "in", New: reader}},
			},
			DB: mem.Open(), Changelog: func(store string) string { return store }, DeadLetters: "dlq", Metrics: metrics(t),
			Logger: slog.New(slog.DiscardHandler), Topic: func(name string) string { return name }, Ahead: time.Hour,
			StreamTime: NoStreamTime,
		}
		o.Produce = func(ctx context.Context, r *kgo.Record, done func(*kgo.Record, error)) {
			r.Context = ctx
			done(r, nil)
		}
		task, err := Inline(o, []*kgo.Record{{Topic: "s", Key: key, Value: value, Timestamp: time.UnixMilli(at)}})
		if err != nil {
			return
		}
		if err := task.ProcessInline([]*kgo.Record{{Topic: "in", Key: key, Value: value, Timestamp: time.UnixMilli(at)}}); err != nil {
			t.Fatal(err)
		}
		if err := task.WriteChangelog(); err != nil {
			t.Fatal(err)
		}
		if err := task.Committed(); err != nil {
			t.Fatal(err)
		}
	})
}

// A store and its changelog say the same in two forms.
func TestChangelogsHaveTheBytesOfKafkaStreams(t *testing.T) {
	stamped := format.AppendTimestamped(nil, 5, []byte("v"))
	start := binary.BigEndian.AppendUint64(nil, 60_000^1<<63)
	for name, tt := range map[string]struct {
		kind       topology.StoreKind
		key, value []byte // in the store
		logKey     []byte
		logValue   []byte
		at         int64 // 0: not set
	}{
		"key-value":   {topology.KeyValue, []byte("k"), []byte("v"), []byte("k"), []byte("v"), 0},
		"timestamped": {topology.TimestampedKeyValue, []byte("k"), stamped, []byte("k"), []byte("v"), 5},
		"deleted":     {topology.TimestampedKeyValue, []byte("k"), nil, []byte("k"), nil, 7},
		"window": {topology.TimestampedWindow, append(start, 'k'), stamped,
			format.WindowKey{Key: []byte("k"), Start: 60_000}.Append(nil), []byte("v"), 5},
	} {
		l := newChangelog(topology.Store{Name: "s", Kind: tt.kind}, "app-s-changelog", 3)
		var r kgo.Record
		if err := l.encode(&r, tt.key, tt.value, 7); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(r.Key, tt.logKey) || !bytes.Equal(r.Value, tt.logValue) || (r.Value == nil) != (tt.logValue == nil) {
			t.Errorf("%s: the changelog has %q=%q, want %q=%q", name, r.Key, r.Value, tt.logKey, tt.logValue)
		}
		if got := r.Timestamp; got.IsZero() != (tt.at == 0) || tt.at != 0 && got.UnixMilli() != tt.at {
			t.Errorf("%s: the record's timestamp is %v, want %d ms", name, got, tt.at)
		}
		op, err := l.decode(&r)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Concat(stores.TaskPrefix("3"), stores.Key(nil, "s", tt.key))
		if !bytes.Equal(op.Key, want) || !bytes.Equal(op.Value, tt.value) || (op.Value == nil) != (tt.value == nil) {
			t.Errorf("%s: restored %q=%q, want %q=%q", name, op.Key, op.Value, want, tt.value)
		}
	}
}

// reader puts each record into a store and walks its windows.
func reader(ctx topology.Context) topology.Handler {
	s := ctx.Overlay().Window("s")
	return func(r *topology.Record) error {
		s.Put(r.Key, r.Timestamp.UnixMilli(), format.AppendTimestamped(nil, r.Timestamp.UnixMilli(), r.Value))
		_, err := s.Expire(ctx.StreamTime().UnixMilli())
		return err
	}
}
