package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// enriched joins "in" with the global table "rows", by the value.
func enriched(t *testing.T) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	rows := streams.GlobalTable(b, "rows", streams.String(), streams.String(), streams.StoreName("all"))
	toOut(streams.LeftJoinGlobal(readText(b, "in"), rows, value, func(key string, row *string) (string, error) {
		if row == nil {
			return key + " has no row", nil
		}
		return key + " is " + *row, nil
	}))
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// produceRows writes the rows k0, k1, … of a round.
func produceRows(t *testing.T, brokers []string, round, n int) {
	t.Helper()
	var rows []*kgo.Record
	for i := range n {
		rows = append(rows, &kgo.Record{Topic: "rows", Key: fmt.Appendf(nil, "k%d", i), Value: fmt.Appendf(nil, "%d-%d", round, i)})
	}
	kafkatest.Produce(t, brokers, rows...)
}

// ask writes records that look for the rows, and returns what they have found.
func ask(t *testing.T, brokers []string, before, n int) map[string]bool {
	t.Helper()
	var in []*kgo.Record
	for i := range n {
		in = append(in, &kgo.Record{Topic: "in", Key: fmt.Append(nil, i), Value: fmt.Appendf(nil, "k%d", i)})
	}
	kafkatest.Produce(t, brokers, in...)
	found := map[string]bool{}
	for _, r := range kafkatest.Consume(t, brokers, "out", before+n) {
		found[string(r.Value)] = true
	}
	return found
}

// A task's first record finds all rows that were there when the app started, whatever
// partition they are in, after a restart too.
func TestTasksStartWithWholeGlobalTables(t *testing.T) {
	brokers := cluster(t, "in", "rows", "out")
	dir := t.TempDir()
	const rows = 500
	for round := range 3 {
		produceRows(t, brokers, round, rows)
		a, stop := start(t, enriched(t), brokers, dir, map[string]string{"num.stream.threads": "2"})
		found := ask(t, brokers, round*rows, rows)
		for i := range rows {
			if want := fmt.Sprintf("k%d is %d-%d", i, round, i); !found[want] {
				t.Errorf("round %d: no record says %q", round, want)
			}
		}
		parts, err := a.Store("all")
		if err != nil || len(parts) != 1 || parts[0].Partition != -1 {
			t.Fatalf("Store(all) = %v, %v, want one part", parts, err)
		}
		if v, err := parts[0].Get([]byte("k7")); err != nil || string(v) != fmt.Sprintf("%d-7", round) {
			t.Errorf("k7 is %q, %v", v, err)
		}
		kafkatest.Eventually(t, "the app is running", func() bool { return a.State() == app.Running })
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
}

// all are the rows that an app has, nil while it cannot say.
func all(t *testing.T, a *app.App) map[string]string {
	t.Helper()
	parts, err := a.Store("all")
	if err != nil || len(parts) == 0 {
		return nil
	}
	it, err := parts[0].All()
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	rows := map[string]string{}
	for it.Next() {
		rows[string(it.Key())] = string(it.Value())
	}
	return rows
}

// body returns what the app answers.
func body(a *app.App, path string) (int, string) {
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestAnAppThatCannotFollowAGlobalTableSaysSo(t *testing.T) {
	brokers := cluster(t, "in", "rows", "out")
	produceRows(t, brokers, 0, 10)
	a, _ := start(t, enriched(t), brokers, t.TempDir(), map[string]string{"metadata.max.age.ms": "100"})
	kafkatest.Eventually(t, "the app is ready", func() bool { code, _ := body(a, "/ready"); return code == http.StatusOK })
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	if _, err := adm.DeleteTopics(t.Context(), "rows"); err != nil {
		t.Fatal(err)
	}
	const want = "global store all does not follow topic rows"
	kafkatest.Eventually(t, "the app is not ready", func() bool {
		code, text := body(a, "/ready")
		return code == http.StatusServiceUnavailable && strings.Contains(text, want)
	})
	if code, text := body(a, "/health"); code != http.StatusOK || !strings.Contains(text, want) {
		t.Errorf("/health is %d %s, want 200 and what is wrong", code, text)
	}
	if found := ask(t, brokers, 0, 10); !found["k7 is 0-7"] { // it goes on with what it has
		t.Errorf("found %v", found)
	}
	if _, err := adm.CreateTopic(t.Context(), 1, 1, nil, "rows"); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "the app is ready again", func() bool { code, _ := body(a, "/ready"); return code == http.StatusOK })
}

// An app that does nothing else has no threads, and is no member of a group.
func TestAnAppMayOnlyKeepGlobalTables(t *testing.T) {
	brokers := cluster(t, "rows")
	produceRows(t, brokers, 0, 10)
	b := streams.NewBuilder()
	streams.GlobalTable(b, "rows", streams.String(), streams.String(), streams.StoreName("all"))
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	a, _ := start(t, topo, brokers, t.TempDir(), nil)
	kafkatest.Eventually(t, "the app is running", func() bool { return a.State() == app.Running })
	if code, text := body(a, "/health"); code != http.StatusOK || !strings.Contains(text, "global stores are kept: 1") {
		t.Errorf("/health is %d %s", code, text)
	}
	_, text := body(a, "/metrics")
	for _, want := range []string{
		`kafka_streams_task_restore_total{application_id="test-app",task_id="-1_-1"} 10`,
		`kafka_streams_task_restore_remaining_records{application_id="test-app",task_id="-1_-1"} 0`,
		`kafka_streams_records_lag{application_id="test-app",partition="0",topic="rows"} 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics have no %s", want)
		}
	}
}

func TestARowThatCannotBeReadEndsTheApp(t *testing.T) {
	brokers := cluster(t, "in", "rows", "out")
	b := streams.NewBuilder()
	streams.GlobalTable(b, "rows", streams.String(), streams.JSON[int](), streams.StoreName("all"))
	copies(b, "in", "out")
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	produceRows(t, brokers, 0, 1)
	a, err := app.New(topo, map[string]string{
		"application.id": "test-app", "bootstrap.servers": strings.Join(brokers, ","), "state.dir": t.TempDir(),
	}, &app.Options{Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = a.Run(ctx)
	if err == nil || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "record rows-") {
		t.Errorf("the app ended with %v, want the record", err)
	}
	if a.State() != app.Error {
		t.Errorf("the state is %v, want ERROR", a.State())
	}
}

func TestDeadLettersDoNotGoToGlobalTables(t *testing.T) {
	_, err := app.New(enriched(t), map[string]string{
		"application.id": "test-app", "bootstrap.servers": "none:9092", "errors.dead.letter.queue.topic.name": "rows",
	}, nil)
	if err == nil || !strings.Contains(err.Error(), "would come back") {
		t.Errorf("error %v, want one that refuses the topic", err)
	}
}
