//go:build integration

package streams_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// lives is an app on Kafka that is started again and again, each time with an empty folder.
type lives struct {
	t       *testing.T
	topo    *topology.Topology
	brokers []string
	prefix  string
	began   time.Time // of the minutes below
}

// newLives makes topics of one partition with a prefix of their own.
func newLives(t *testing.T, describe func(b *streams.Builder, prefix string), topics ...string) *lives {
	t.Helper()
	l := &lives{t: t, brokers: kafkatest.Real(t), prefix: fmt.Sprintf("restored-%d-", time.Now().UnixNano()),
		began: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
	adm, forever := kadm.NewClient(kafkatest.Client(t, l.brokers)), "-1"
	if _, err := adm.CreateTopics(t.Context(), 1, 1, map[string]*string{"retention.ms": &forever},
		named(l.prefix, topics...)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { deleteAll(t, adm, l.prefix) })
	b := streams.NewBuilder()
	describe(b, l.prefix)
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	l.topo = topo
	return l
}

// run starts the app, without any state on disk, calls live once its state is restored, and stops it.
func (l *lives) run(live func(a *app.App)) {
	l.t.Helper()
	a, err := app.New(l.topo, map[string]string{"application.id": l.prefix + "app", "state.dir": l.t.TempDir(),
		"bootstrap.servers": strings.Join(l.brokers, ",")}, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(l.t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	kafkatest.Eventually(l.t, "the app is running", func() bool { return a.State() == app.Running })
	live(a)
	cancel()
	if err := <-done; err != nil {
		l.t.Fatal(err)
	}
}

// send sends records written as "key=value@minute"; the value null is null.
func (l *lives) send(topic string, texts ...string) {
	l.t.Helper()
	for _, text := range texts {
		r, minutes := record(l.t, text), 0
		_, at, _ := strings.Cut(text, "@")
		if _, err := fmt.Sscan(at, &minutes); err != nil {
			l.t.Fatal(err)
		}
		k := &kgo.Record{Topic: l.prefix + topic, Key: r.Key, Value: r.Value,
			Timestamp: l.began.Add(time.Duration(minutes) * time.Minute)}
		if string(k.Value) == "null" {
			k.Value = nil
		}
		kafkatest.Produce(l.t, l.brokers, k)
	}
}

// writes waits until the records of a topic since the last call are these, written as
// "key=value@minute".
func (l *lives) writes(seen *int, topic string, want ...string) {
	l.t.Helper()
	records := kafkatest.Consume(l.t, l.brokers, l.prefix+topic, *seen+len(want))
	var got []string
	for _, r := range records[*seen:] {
		value := string(r.Value)
		if r.Value == nil {
			value = "null"
		}
		got = append(got, fmt.Sprintf("%s=%s@%v", r.Key, value, r.Timestamp.Sub(l.began).Minutes()))
	}
	same(l.t, topic, got, want)
	*seen = len(records)
}

// rows are the rows of a key-value store.
func (l *lives) rows(a *app.App, store string) map[string]string {
	l.t.Helper()
	found := map[string]string{}
	parts, err := a.Store(store)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, p := range parts {
		var it stores.Iterator
		if it, err = p.All(); err != nil {
			l.t.Fatal(err)
		}
		for it.Next() {
			found[string(it.Key())] = string(it.Value())
		}
		if err := it.Close(); err != nil {
			l.t.Fatal(err)
		}
	}
	return found
}

// has waits until a store has these rows and no others.
func (l *lives) has(a *app.App, store string, want map[string]string) {
	l.t.Helper()
	var got map[string]string
	if !kafkatest.Within(10*time.Second, func() bool { got = l.rows(a, store); return maps.Equal(got, want) }) {
		l.t.Fatalf("store %s has %v, want %v", store, got, want)
	}
}

// A table whose keys expire, restored from its changelog: what had expired does not come back,
// what is left expires when its own time has come, and is forwarded once.
func TestTablesWithATTLAreRestoredFromKafka(t *testing.T) {
	l := newLives(t, func(b *streams.Builder, prefix string) {
		rows := streams.Table(b, prefix+"rows", streams.String(), streams.String(), streams.StoreName("rows"),
			streams.WithTTL(time.Hour), streams.WithoutCaching())
		toText(rows.ToStream(), prefix+"out")
		byValue := streams.GroupTable(rows, func(k, v string) (string, string, error) { return v, k, nil },
			streams.String(), streams.String())
		streams.To(streams.CountTable(byValue, "living", streams.WithoutCaching()).ToStream(), prefix+"living",
			streams.String(), show[int64]("%d"))
	}, "rows", "out", "living")
	out := 0
	l.run(func(a *app.App) {
		l.send("rows", "a=v@0", "b=v@20", "c=v@40", "b=v@30", "d=v@30", "d=null@31", "clock=now@70")
		l.writes(&out, "out", "a=v@0", "b=v@20", "c=v@40", "b=v@30", "d=v@30", "d=null@31", "clock=now@70", "a=null@60")
		l.has(a, "rows", map[string]string{"b": "v", "c": "v", "clock": "now"})
	})
	l.run(func(a *app.App) {
		l.has(a, "rows", map[string]string{"b": "v", "c": "v", "clock": "now"})
		l.send("rows", "old=v@9") // has expired when it comes, by the time that was restored
		l.send("rows", "clock=now@95")
		l.writes(&out, "out", "old=null@9", "clock=now@95", "b=null@90")
		l.has(a, "rows", map[string]string{"c": "v", "clock": "now"})
	})
	l.run(func(a *app.App) {
		l.has(a, "rows", map[string]string{"c": "v", "clock": "now"})
		l.send("rows", "c=v@96") // anew
		l.send("rows", "clock=now@110")
		l.writes(&out, "out", "c=v@96", "clock=now@110")
		l.send("rows", "clock=now@165")
		l.writes(&out, "out", "clock=now@165", "c=null@156")
	})
	l.run(func(a *app.App) { l.has(a, "rows", map[string]string{"clock": "now"}) })
	last := map[string]string{}
	for _, r := range readAll(t, l.brokers, l.prefix+"living") {
		last[string(r.Key)] = string(r.Value)
	}
	if want := map[string]string{"v": "0", "now": "1"}; !maps.Equal(last, want) {
		t.Errorf("the rows are counted as %v, want %v", last, want)
	}
}

// A versioned table, restored from its changelog, has the versions that it had: joins look up
// those of the past, a version that comes late takes its place between them, and one that is
// older than the history is left out.
func TestVersionedTablesAreRestoredFromKafka(t *testing.T) {
	l := newLives(t, func(b *streams.Builder, prefix string) {
		prices := streams.Table(b, prefix+"prices", streams.String(), streams.String(), versioned(time.Hour)...)
		toText(prices.ToStream(), prefix+"taken")
		toText(streams.LeftJoinTable(readText(b, prefix+"orders"), prices, left), prefix+"priced")
	}, "prices", "orders", "taken", "priced")
	taken, priced := 0, 0
	l.run(func(a *app.App) {
		l.send("prices", "p=1@10", "p=3@30", "p=2@20", "q=1@30", "q=null@40", "p=5@50")
		l.writes(&taken, "taken", "p=1@10", "p=3@30", "p=2@20", "q=1@30", "q=null@40", "p=5@50")
		l.send("orders", "p=x@20")
		l.writes(&priced, "priced", "p=x+2@20")
	})
	l.run(func(a *app.App) {
		l.send("orders", "p=x@9", "p=x@10", "p=x@29", "p=x@30", "p=x@99", "q=x@29", "q=x@30", "q=x@40")
		l.writes(&priced, "priced", "p=x+-@9", "p=x+1@10", "p=x+2@29", "p=x+3@30", "p=x+5@99", "q=x+-@29", "q=x+1@30",
			"q=x+-@40")
		l.send("prices", "p=4@40", "q=2@35")
		l.writes(&taken, "taken", "p=4@40", "q=2@35")
		l.send("orders", "p=y@45", "q=y@36", "q=y@41")
		l.writes(&priced, "priced", "p=y+4@45", "q=y+2@36", "q=y+-@41")
	})
	l.run(func(a *app.App) {
		l.send("prices", "p=9@90") // what is from before 30 is older than the history
		l.send("prices", "p=lost@29", "p=kept@31")
		l.writes(&taken, "taken", "p=9@90", "p=kept@31")
		l.send("orders", "p=z@31", "p=z@45", "p=z@89", "p=z@90", "q=z@36")
		l.writes(&priced, "priced", "p=z+kept@31", "p=z+4@45", "p=z+5@89", "p=z+9@90", "q=z+2@36")
	})
}
