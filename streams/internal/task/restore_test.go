package task

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/topology"
)

// FuzzRestore checks that a changelog, whatever it holds, is restored or refused, and
// that the task then processes records and commits.
func FuzzRestore(f *testing.F) {
	for kind := range byte(6) {
		f.Add([]byte("k"), []byte("v"), int64(0), kind)
		f.Add([]byte("12345678-key"), []byte(nil), int64(-1), kind)
		f.Add(format.WindowKey{Key: []byte("k"), Start: -60_000}.Append(nil), []byte{}, int64(1)<<40, kind)
	}
	f.Fuzz(func(t *testing.T, key, value []byte, at int64, kind byte) {
		o := Options{
			Sub: &topology.Subtopology{
				Stores:  []topology.Store{{Spec: spec(kinds.Kind(kind % 6))}},
				Sources: []topology.Source{{Topic: "in", New: reader}},
			},
			DB: mem.Open(), Changelog: func(store string) string { return store }, Failures: failures.Policy{DeadLetters: "dlq"}, Metrics: metrics(t),
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

// spec is a store of a kind.
func spec(kind kinds.Kind) kinds.Spec {
	s := kinds.Spec{Name: "s", Kind: kind}
	if kind != kinds.KeyValue && kind != kinds.Timestamped {
		s.Retention = time.Hour
	}
	return s
}

// What has no time of its own has that of its window or session in the changelog, and
// otherwise the stream time.
func TestChangelogRecordsHaveTheirTime(t *testing.T) {
	window := format.WindowKey{Key: []byte("k"), Start: 60_000}.Append(nil)
	session := format.SessionKey{Key: []byte("k"), Start: 60_000, End: 61_000}.Append(nil)
	for name, tt := range map[string]struct {
		kind   kinds.Kind
		change kinds.Record
		now    int64
		want   int64 // 0: not set
	}{
		"key-value":          {kinds.KeyValue, kinds.Record{Timestamp: kinds.NoTimestamp}, 7, 7},
		"before any record":  {kinds.KeyValue, kinds.Record{Timestamp: kinds.NoTimestamp}, NoStreamTime, 0},
		"timestamped":        {kinds.Timestamped, kinds.Record{Value: []byte("v"), Timestamp: 5}, 7, 5},
		"window":             {kinds.Window, kinds.Record{Key: window, Timestamp: kinds.NoTimestamp}, 7, 60_000},
		"timestamped window": {kinds.TimestampedWindow, kinds.Record{Key: window, Timestamp: 5}, 7, 5},
		"session":            {kinds.Session, kinds.Record{Key: session, Timestamp: kinds.NoTimestamp}, 7, 61_000},
	} {
		l := newChangelog(topology.Store{Spec: spec(tt.kind)}, "app-s-changelog", 3, time.Hour)
		var r kgo.Record
		l.encode(&r, tt.change, tt.now)
		if got := r.Timestamp; got.IsZero() != (tt.want == 0) || tt.want != 0 && got.UnixMilli() != tt.want {
			t.Errorf("%s: the record's timestamp is %v, want %d ms", name, got, tt.want)
		}
	}
}

// Kafka Streams reads the changelog of a suppression by the version in a header.
func TestChangelogOfASuppressionSaysItsVersion(t *testing.T) {
	l := newChangelog(topology.Store{Spec: spec(kinds.KeyValue), Buffer: true}, "app-s-changelog", 3, time.Hour)
	var update, deletion kgo.Record
	l.encode(&update, kinds.Record{Value: []byte("v")}, 7)
	l.encode(&deletion, kinds.Record{}, 7)
	if h := update.Headers; len(h) != 1 || h[0].Key != "v" || string(h[0].Value) != "\x03" || len(deletion.Headers) > 0 {
		t.Errorf("headers %v and %v, want the version 3 for the value alone", h, deletion.Headers)
	}
}

// reader puts each record into a store.
func reader(ctx topology.Context) topology.Handler {
	return func(r *topology.Record) error {
		at := r.Timestamp.UnixMilli()
		v := format.AppendTimestamped(nil, at, r.Value)
		s := ctx.Stores()
		put := []func(){
			func() { s.KeyValue("s").Put(r.Key, v) }, func() { s.Window("s").Put(r.Key, at, v) },
			func() { _, _, _ = s.Versioned("s").Put(r.Key, v, at) },
			func() { s.Session("s").Put(format.SessionKey{Key: r.Key, Start: at, End: at}, v) },
		}
		for _, p := range put {
			try(p)
		}
		return nil
	}
}

// try calls put for the store of the kind that it takes.
func try(put func()) {
	defer func() {
		if err, ok := recover().(error); ok && !errors.Is(err, kinds.ErrUndeclared) {
			panic(err)
		}
	}()
	put()
}
