package worker_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// split makes a record of each element of the field all.
type split struct{}

func (split) Apply(r *connect.Record) (*connect.Record, error) { return r, nil }

func (split) Split(r *connect.Record) (out []*connect.Record, err error) {
	_, v, err := r.Value.Decode()
	if err != nil {
		return nil, err
	}
	for _, one := range v.(map[string]any)["all"].([]any) {
		part := *r
		part.Value = connect.Decoded(nil, map[string]any{"n": one})
		out = append(out, &part)
	}
	return out, nil
}

func splitProps(more ...string) map[string]string {
	return sourceProps(append([]string{"transforms", "split", "transforms.split.type", "Split", "errors.tolerance", "all",
		"errors.deadletterqueue.topic.name", "bad", "errors.deadletterqueue.topic.replication.factor", "1"}, more...)...)
}

func TestASourceWritesAllThatARecordBecomes(t *testing.T) {
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1, "lines")
			s := &source{values: []string{`{"all":[0,1]}`, `{"all":[]}`, `{"all":[2,3,4]}`}, batch: 2, topic: "lines"}
			c := startConnector(t, startWorker(t, k.addr(), s.plugin(), more), splitProps())
			kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
			if got, want := values(k.consume("lines", 5)), `{"n":0} {"n":1} {"n":2} {"n":3} {"n":4}`; got != want {
				t.Errorf("topic holds %s, want %s", got, want)
			}
			if got := s.kept(); got[len(got)-1] != 3 {
				t.Errorf("Committed was told %v, want 3 at last", got)
			}
			if n := c.Counts(); n.Read != 3 || n.Written != 5 || n.Filtered != 1 || n.Uncommitted != 0 {
				t.Errorf("counts = %+v, want 3 read, 1 of them filtered, and 5 written", n)
			}
		})
	}
}

// What is bad in one part makes the record a bad one before anything is written.
func TestARecordIsRejectedAsAWhole(t *testing.T) {
	k := startKafka(t, 1, "lines")
	s := &source{values: []string{`{"all":[0,"x",2]}`, `{"all":[3]}`}, batch: 2, topic: "lines"}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil),
		splitProps("transforms", "split,check", "transforms.check.type", "OnlyNumbers"))
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	if got, want := values(k.consume("lines", 1)), `{"n":3}`; got != want {
		t.Errorf("topic holds %s, want %s", got, want)
	}
	if got := values(k.consume("bad", 1)); got != s.values[0] {
		t.Errorf("dead letter = %s, want the whole record", got)
	}
	if n := c.Counts(); n.Written != 1 || n.Rejected != 1 || n.DeadLetters != 1 {
		t.Errorf("counts = %+v, want 1 written, 1 rejected", n)
	}
}

// Kafka refuses two parts of one record, which has one dead letter for both. The others
// are written.
func TestPartsThatKafkaRefusesHaveOneDeadLetter(t *testing.T) {
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1)
			small := "500"
			if _, err := admin(k.cl).CreateTopic(t.Context(), 1, 1, map[string]*string{"max.message.bytes": &small}, "lines"); err != nil {
				t.Fatal(err)
			}
			large := strings.Repeat("x", 1000)
			s := &source{values: []string{fmt.Sprintf(`{"all":[0,"%s",2,"%s"]}`, large, large), `{"all":[3]}`}, batch: 2, topic: "lines"}
			c := startConnector(t, startWorker(t, k.addr(), s.plugin(), more),
				splitProps("producer.override.compression.type", "none"))
			kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
			got := values(k.consume("lines", 3))
			for _, want := range []string{`{"n":0}`, `{"n":2}`, `{"n":3}`} {
				if !strings.Contains(got, want) {
					t.Errorf("topic holds %s, want %s, too", got, want)
				}
			}
			if got := values(k.consume("bad", 1)); got != s.values[0] {
				t.Errorf("dead letter = %.100s, want the whole record", got)
			}
			if n := c.Counts(); n.Written != 3 || n.Rejected != 1 || n.DeadLetters != 1 || n.Uncommitted != 0 {
				t.Errorf("counts = %+v, want 3 written, 1 rejected", n)
			}
			if got := s.kept(); got[len(got)-1] != 2 {
				t.Errorf("Committed was told %v, want 2 at last", got)
			}
		})
	}
}
