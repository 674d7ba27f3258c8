package streams_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

// A source in front gives every subtopology behind it another number.
func TestStateIsFoundWhateverComesBeforeIt(t *testing.T) {
	db := mem.Open()
	options := func() *streamstest.Options { return &streamstest.Options{DB: db} }
	d := drive(t, build(t, countTo), options())
	d.send("u=x", "u=x", "u=x", "u=x", "u=x")
	d.commit()
	b := streams.NewBuilder()
	toText(readText(b, "other"), "copy")
	countTo(readText(b, "in"))
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d = drive(t, topo, options())
	d.send("u=x")
	d.commit()
	if got := d.counts("counts"); got["u"] != 6 {
		t.Errorf("u is counted %d times, want 6", got["u"])
	}
}

// The timestamp of an update is the largest of the records that made it, also of those
// before a restart.
func TestTimestampsOfUpdatesDoNotGoBack(t *testing.T) {
	for _, wipe := range []bool{false, true} {
		d := drive(t, build(t, countTo), nil)
		d.send("u=x@100")
		d.commit()
		if err := d.Restart(wipe); err != nil {
			t.Fatal(err)
		}
		d.send("u=x@50")
		d.commit()
		updates := d.Read("out")
		if got, want := updates[len(updates)-1].Timestamp, second(100); !got.Equal(want) {
			t.Errorf("wipe=%v: the second update has the timestamp %v, want %v", wipe, got, want)
		}
	}
}

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
