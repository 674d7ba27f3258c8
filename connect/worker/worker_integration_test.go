//go:build integration

package worker_test

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kgo"
)

// realKafka returns the real Kafka that SUIRO_KAFKA names, and a suffix that no
// other run of the test uses there.
func realKafka(t *testing.T) (address, suffix string) {
	t.Helper()
	address = os.Getenv("SUIRO_KAFKA")
	switch {
	case address != "":
	case os.Getenv("SUIRO_REQUIRE_SERVICES") == "1":
		t.Fatal("SUIRO_KAFKA is not set: start Kafka with scripts/services and set it to host:port")
	default:
		t.Skip("SUIRO_KAFKA is not set: start Kafka with scripts/services and set it to host:port")
	}
	return address, strings.ToLower(rand.Text()[:8])
}

// The good records before a bad one arrive once on a real Kafka too, whose
// transactions the embedded one only imitates, and a sink that fails behind them
// has committed what it wrote.
func TestFailingTasksKeepWhatIsSafeOnARealKafka(t *testing.T) {
	address, suffix := realKafka(t)
	lines, offsets := "lines-"+suffix, "offsets-"+suffix
	admin := admin(kafkatest.Client(t, []string{address}))
	if _, err := admin.CreateTopic(t.Context(), 1, 1, nil, lines); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.DeleteTopics(context.Background(), lines, offsets) })

	bad := numbered(9)
	bad[5] = "cannot be converted"
	once := exactlyOnce()
	once["group.id"], once["offset.storage.topic"], once["offset.storage.replication.factor"] = "w-"+suffix, offsets, "1"
	src := &source{values: bad, batch: 9, topic: lines}
	w := startWorker(t, address, src.plugin(), once)
	c := startConnector(t, w, sourceProps("name", "src-"+suffix, "errors.restart.max", "2"))
	kafkatest.Eventually(t, "the last restart of the source to fail", func() bool {
		return c.Counts().Restarts == 2 && c.Tasks[0].Status().State == worker.Failed
	})
	stop(t, c)
	kafkatest.Produce(t, []string{address}, &kgo.Record{Topic: lines, Value: []byte(`not json`)})
	if got, want := values(kafkatest.Consume(t, []string{address}, lines, 6)), strings.Join(append(numbered(5), "not json"), " "); got != want {
		t.Errorf("topic holds %s, want %s", got, want)
	}

	out := &sink{}
	snk := startConnector(t, startWorker(t, address, out.plugin(), nil),
		sinkProps("name", "snk-"+suffix, "topics", lines, "errors.restart.max", "2",
			"transforms", "numbers", "transforms.numbers.type", "OnlyNumbers"))
	kafkatest.Eventually(t, "the last restart of the sink to fail", func() bool {
		return snk.Counts().Restarts == 2 && snk.Tasks[0].Status().State == worker.Failed
	})
	if got := out.values(); len(got) != 5 {
		t.Errorf("written %q, want the five good records once", got)
	}
	group, err := admin.FetchOffsets(t.Context(), "connect-snk-"+suffix)
	if o, ok := group.Lookup(lines, 0); err != nil || !ok || o.At < 5 {
		t.Errorf("committed %+v, %v, want what is behind the good records", o, err)
	}
}
