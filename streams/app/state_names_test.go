package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams/topology"
)

// To make a changelog again, or to wipe the state that is there, loses values either way.
func TestAChangelogThatIsGoneEndsTheApp(t *testing.T) {
	for name, again := range map[string]bool{"deleted": false, "made again": true} {
		t.Run(name, func(t *testing.T) {
			brokers := cluster(t, "in")
			dir := t.TempDir()
			produce(t, brokers, "in", 0, 100)
			app, stop := start(t, counts(t), brokers, dir, nil)
			kafkatest.Eventually(t, "all is counted", func() bool { return total(t, app) == 100 })
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			adm := kadm.NewClient(kafkatest.Client(t, brokers))
			if _, err := adm.DeleteTopics(t.Context(), "test-app-counts-changelog"); err != nil {
				t.Fatal(err)
			}
			if again {
				if _, err := adm.CreateTopics(t.Context(), 4, 1, nil, "test-app-counts-changelog"); err != nil {
					t.Fatal(err)
				}
			}
			err := runs(t, counts(t), brokers, dir)
			for _, want := range []string{"test-app-counts-changelog", "bring the topic back", "give the values up", dir} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("Run = %v, want an error with %q", err, want)
				}
			}
		})
	}
}

// Whoever may write to a changelog must not be able to keep the app from starting.
func TestARecordOfAnotherProgramInAChangelogIsLeftOut(t *testing.T) {
	brokers := cluster(t, "in")
	produce(t, brokers, "in", 0, 100)
	app, stop := start(t, counts(t), brokers, t.TempDir(), nil)
	kafkatest.Eventually(t, "all is counted", func() bool { return total(t, app) == 100 })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	cl := kafkatest.Client(t, brokers, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for partition := range int32(4) {
		for _, key := range []string{"", "k", "a key of some length"} {
			r := &kgo.Record{Topic: "test-app-counts-changelog", Partition: partition, Key: []byte(key), Value: []byte("x")}
			if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	app, stop = start(t, counts(t), brokers, t.TempDir(), nil) // in another folder, so that all is restored
	kafkatest.Eventually(t, "all is counted still", func() bool { return total(t, app) == 100 })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// runs runs an app and returns how it ends.
func runs(t *testing.T, topo *topology.Topology, brokers []string, dir string) error {
	t.Helper()
	w := watch(t, topo, brokers, map[string]string{"application.id": "test-app", "state.dir": dir})
	w.run()
	defer w.stop()
	select {
	case err := <-w.done:
		return err
	case <-time.After(time.Minute):
		t.Fatal("the app runs after a minute, want an error")
		return nil
	}
}
