package worker_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// startDistributed starts a worker of the kind that allows connectors offset topics of
// their own.
func startDistributed(t *testing.T, k *kafka, s *source, more map[string]string) *worker.Worker {
	t.Helper()
	props := map[string]string{"offset.storage.file.filename": "", "group.id": "workers", "offset.storage.topic": "offsets",
		"config.storage.topic": "configs", "status.storage.topic": "status", "offset.storage.replication.factor": "1"}
	maps.Copy(props, more)
	cfg, err := plan.ParseDistributed(workerProps(t, k.addr(), props))
	if err != nil {
		t.Fatal(err)
	}
	plugins := s.plugin()
	plugins.Converters = testConverters
	w := worker.New(cfg, plugins, &worker.Options{Logger: testLogger(t)})
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// toTheEnd runs a connector until it has read its input.
func toTheEnd(t *testing.T, w *worker.Worker, props map[string]string) {
	t.Helper()
	c := run(t, w, props)
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	stop(t, c)
}

// put keeps the position of the source in the store of a connector.
func put(t *testing.T, w *worker.Worker, props map[string]string, position int) {
	t.Helper()
	p := compile(t, w, props)
	defer func() { _ = p.Close() }()
	store, release, err := w.OpenOffsets(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	entries := []backing.Entry{{Partition: sourcePartition, Offset: map[string]any{"position": position}}}
	if err := store.Put(t.Context(), p.Name, entries); err != nil {
		t.Fatal(err)
	}
}

func TestASourceHasAnOffsetTopicOfItsOwn(t *testing.T) {
	for _, support := range []string{"disabled", "enabled"} {
		t.Run(support, func(t *testing.T) {
			k := startKafka(t, 1, "lines")
			s := &source{values: numbered(2), batch: 2, topic: "lines"}
			w := startDistributed(t, k, s, map[string]string{"exactly.once.source.support": support})
			own := sourceProps("offsets.storage.topic", "own")

			toTheEnd(t, w, sourceProps())
			s.values = numbered(4)
			toTheEnd(t, w, own) // goes on from the worker's topic
			if got := kafkatest.Values(k.consume("own", 1)); got[0] != `{"position":4}` {
				t.Errorf("the connector's own topic has %s, want the position 4", got)
			}
			put(t, w, sourceProps(), 1) // which is not looked at
			s.values = numbered(6)
			toTheEnd(t, w, own)
			s.values = numbered(8)
			toTheEnd(t, w, sourceProps()) // goes on from the copy
			if got, want := values(k.consume("lines", 8)), strings.Join(numbered(8), " "); got != want {
				t.Errorf("lines = %s, want %s", got, want)
			}
		})
	}
}

// A transaction is in one Kafka cluster.
func TestOffsetsOfAnExactlyOnceSourceAreWhereItsRecordsAre(t *testing.T) {
	k, other := startKafka(t, 1), startKafka(t, 1, "lines")
	s := &source{values: numbered(2), batch: 2, topic: "lines"}
	w := startDistributed(t, k, s, map[string]string{"exactly.once.source.support": "enabled"})
	props := sourceProps("producer.override.bootstrap.servers", other.addr())
	for n := 2; n <= 4; n += 2 {
		s.values = numbered(n)
		toTheEnd(t, w, props)
	}
	if got, want := values(other.consume("lines", 4)), strings.Join(numbered(4), " "); got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
	if got, want := values(other.consume("offsets", 2)), `{"position":2} {"position":4}`; got != want {
		t.Errorf("offsets where the records are = %s, want %s", got, want)
	}
}
