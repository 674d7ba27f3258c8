//go:build integration

package app_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
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

// globalEnv makes TestGlobalProcess the process that is killed: a prefix of topics, and the
// state folder.
const globalEnv = "SUIRO_TEST_GLOBAL_PROCESS"

// lookups joins the records of prefix+"in" with the rows that they name.
func lookups(t *testing.T, prefix string) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	rows := streams.GlobalTable(b, prefix+"rows", streams.String(), streams.String(), streams.StoreName("all"))
	out := streams.LeftJoinGlobal(readText(b, prefix+"in"), rows, value, func(id string, row *string) (string, error) {
		if row == nil {
			return id + " has no row", nil
		}
		return id + " has a row", nil
	})
	streams.To(out, prefix+"out", streams.String(), streams.String())
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

func globalProps(prefix, dir string, brokers []string) map[string]string {
	return map[string]string{"application.id": prefix + "app", "bootstrap.servers": strings.Join(brokers, ","),
		"state.dir": dir, "session.timeout.ms": "6000", "metadata.max.age.ms": "500"}
}

// TestGlobalProcess is the app in a process of its own, which ends by being killed.
func TestGlobalProcess(t *testing.T) {
	prefix, dir, ok := strings.Cut(os.Getenv(globalEnv), " ")
	if !ok {
		t.Skip("it is run by TestGlobalTablesSurviveKills")
	}
	a, err := app.New(lookups(t, prefix), globalProps(prefix, dir, kafkatest.Real(t)), &app.Options{Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// globalTopics makes the topics of a test on the real broker, and returns a client of it.
func globalTopics(t *testing.T, brokers []string, prefix string) *kadm.Client {
	t.Helper()
	adm := kadm.NewClient(kafkatest.Client(t, brokers, kgo.MetadataMinAge(100*time.Millisecond)))
	if _, err := adm.CreateTopics(t.Context(), 5, 1, nil, prefix+"rows", prefix+"in", prefix+"out"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = adm.DeleteTopics(context.Background(), prefix+"rows", prefix+"in", prefix+"out")
	})
	return adm
}

// writer writes rows in transactions, every fourth of which is aborted, and keeps what is
// committed.
type writer struct {
	client *kgo.Client
	topic  string
	rand   *rand.Rand
	rows   map[string]string
	count  int
}

func (w *writer) write(t *testing.T, n, keys int) {
	t.Helper()
	if err := w.client.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	made := map[string]string{}
	var records []*kgo.Record
	for range n {
		key := fmt.Sprintf("k%d", w.rand.IntN(keys))
		w.count++
		made[key] = fmt.Sprint(w.count)
		records = append(records, &kgo.Record{Topic: w.topic, Key: []byte(key), Value: []byte(made[key])})
	}
	if err := w.client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	commit := w.rand.IntN(4) > 0
	if err := w.client.EndTransaction(t.Context(), kgo.TransactionEndTry(commit)); err != nil {
		t.Fatal(err)
	}
	for key, value := range made {
		if commit {
			w.rows[key] = value
		}
	}
}

// Killed while it reads and follows its table, an app ends up with what is committed of the
// topic, and no record has been joined with half of the table.
func TestGlobalTablesSurviveKills(t *testing.T) {
	brokers := kafkatest.Real(t)
	prefix, dir := fmt.Sprintf("global-%d-", time.Now().UnixNano()), t.TempDir()
	globalTopics(t, brokers, prefix)
	w := &writer{topic: prefix + "rows", rand: rand.New(rand.NewPCG(seed, 0)), rows: map[string]string{},
		client: kafkatest.Client(t, brokers, kgo.TransactionalID(prefix+"writer"))}
	const keys, rounds, each = 2000, 6, 200
	for len(w.rows) < keys {
		w.write(t, 1000, keys)
	}
	asked := 0
	for range rounds {
		cmd := exec.Command(os.Args[0], "-test.run=^TestGlobalProcess$", "-test.v")
		cmd.Env = append(os.Environ(), globalEnv+"="+prefix+" "+dir)
		cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(time.Duration(300+w.rand.IntN(2500)) * time.Millisecond)
		for time.Now().Before(deadline) {
			w.write(t, 100, keys)
		}
		var in []*kgo.Record
		for range each {
			in = append(in, &kgo.Record{Topic: prefix + "in", Key: fmt.Append(nil, asked), Value: fmt.Appendf(nil, "k%d", asked%keys)})
			asked++
		}
		kafkatest.Produce(t, brokers, in...)
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // which says that it was killed
	}
	a, err := app.New(lookups(t, prefix), globalProps(prefix, dir, brokers), &app.Options{Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	seen := map[string]int{}
	for _, r := range kafkatest.Consume(t, brokers, prefix+"out", asked) {
		seen[string(r.Key)]++
		if !strings.HasSuffix(string(r.Value), "has a row") {
			t.Errorf("%s: %s", r.Key, r.Value)
		}
	}
	if len(seen) != asked {
		t.Errorf("%d of %d records are in the output", len(seen), asked)
	}
	w.write(t, 100, keys)
	kafkatest.Eventually(t, "all rows that are committed", func() bool { return fmt.Sprint(all(t, a)) == fmt.Sprint(w.rows) })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A topic that is made again while the app runs is read again, and the app goes on.
func TestATopicOfAGlobalTableIsMadeAgain(t *testing.T) {
	brokers := kafkatest.Real(t)
	prefix := fmt.Sprintf("global-%d-", time.Now().UnixNano())
	adm := globalTopics(t, brokers, prefix)
	rows := func(value string, n int) {
		var records []*kgo.Record
		for i := range n {
			records = append(records, &kgo.Record{Topic: prefix + "rows", Key: fmt.Appendf(nil, "k%d", i), Value: []byte(value)})
		}
		kafkatest.Produce(t, brokers, records...)
	}
	rows("old", 100)
	a, err := app.New(lookups(t, prefix), globalProps(prefix, t.TempDir(), brokers), &app.Options{Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	kafkatest.Eventually(t, "the app is running", func() bool { return a.State() == app.Running })
	if _, err := adm.DeleteTopics(t.Context(), prefix+"rows"); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "the topic is gone and made again", func() bool {
		made, err := adm.CreateTopic(t.Context(), 3, 1, nil, prefix+"rows")
		return err == nil && made.Err == nil
	})
	rows("new", 50)
	kafkatest.Eventually(t, "the new rows alone", func() bool {
		found := all(t, a)
		return len(found) == 50 && found["k7"] == "new"
	})
	if a.State() != app.Running {
		t.Errorf("the state is %v, want RUNNING", a.State())
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
