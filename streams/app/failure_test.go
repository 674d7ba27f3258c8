package app_test

import (
	"bytes"
	"context"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// fails runs an app that cannot continue, and returns its error.
func fails(t *testing.T, topo *topology.Topology, props map[string]string) error {
	t.Helper()
	all := map[string]string{"application.id": "test-app", "state.dir": t.TempDir(), "replication.factor": "1"}
	maps.Copy(all, props)
	app, err := app.New(topo, all, &app.Options{Logger: logger(t)})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err = app.Run(ctx)
	if err == nil || ctx.Err() != nil {
		t.Fatalf("the app ran for %v and ended with %v, want an error of its own", 30*time.Second, err)
	}
	return err
}

func says(t *testing.T, err error, want ...string) {
	t.Helper()
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("error has no %q:\n%v", w, err)
		}
	}
}

func TestMissingTopicsAreNamed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		topics []string
		want   string
	}{
		{"input", []string{"out"}, "input topic in does not exist"},
		{"output", []string{"in"}, "output topic out does not exist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			brokers := cluster(t, tt.topics...)
			says(t, fails(t, upper(t), map[string]string{"bootstrap.servers": brokers[0]}), tt.want)
		})
	}
}

func TestMissingTopicsAreMadeWhenTheAppIsTold(t *testing.T) {
	brokers := cluster(t)
	_, stop := start(t, upper(t), brokers, t.TempDir(),
		map[string]string{"create.topics": "true", "create.topics.partitions": "2", "replication.factor": "1"})
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	kafkatest.Eventually(t, "both topics have two partitions", func() bool {
		topics, err := adm.ListTopics(t.Context(), "in", "out")
		return err == nil && len(topics["in"].Partitions) == 2 && len(topics["out"].Partitions) == 2
	})
	produce(t, brokers, "in", 0, 10)
	kafkatest.Consume(t, brokers, "out", 10)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

func TestBrokersThatAreNotThereAreNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	says(t, fails(t, upper(t), map[string]string{"bootstrap.servers": addr}),
		addr, "bootstrap.servers", "nothing listens there")
}

func TestWrongPasswordIsSaid(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"),
		kfake.EnableSASL(), kfake.Superuser("PLAIN", "suiro", "right"))
	err := fails(t, upper(t), map[string]string{
		"bootstrap.servers": c.ListenAddrs()[0], "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
		"sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required username="suiro" password="wr0ng";`,
	})
	says(t, err, c.ListenAddrs()[0], "password", "sasl.jaas.config")
	if strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("error shows the password: %v", err)
	}
}

func TestStateFolderInUseIsNamed(t *testing.T) {
	brokers := cluster(t, "in", "out")
	dir := t.TempDir()
	kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: []byte("x")})
	_, stop := start(t, upper(t), brokers, dir, nil)
	kafkatest.Consume(t, brokers, "out", 1)
	err := fails(t, upper(t), map[string]string{"bootstrap.servers": brokers[0], "state.dir": dir})
	says(t, err, filepath.Join(dir, "test-app"), "another process uses it", "state.dir")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

func TestStateFolderThatCannotBeMadeIsNamed(t *testing.T) {
	brokers := cluster(t, "in", "out")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, fails(t, upper(t), map[string]string{"bootstrap.servers": brokers[0], "state.dir": file}),
		file, "set state.dir to a folder that can be written")
}

// picky rejects the value "bad".
func picky(t *testing.T) *topology.Topology {
	return build(t, func(in *words) { toOut(streams.MapValues(in, good)) })
}

func TestBadRecordsStopTheAppWithoutDeadLetters(t *testing.T) {
	brokers := cluster(t, "in", "out")
	kafkatest.Produce(t, brokers,
		&kgo.Record{Topic: "in", Partition: 2, Value: []byte("a")},
		&kgo.Record{Topic: "in", Partition: 2, Value: []byte("bad")})
	dir := t.TempDir()
	err := fails(t, picky(t), map[string]string{"bootstrap.servers": brokers[0], "state.dir": dir})
	says(t, err, "in-2@1", "processing", "bad value", "errors.dead.letter.queue.topic.name")

	// With dead letters it continues at that record, and nothing is lost.
	_, stop := start(t, picky(t), brokers, dir, map[string]string{"errors.dead.letter.queue.topic.name": "dlq"})
	kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Partition: 2, Value: []byte("b")})
	got := []string{}
	for _, r := range kafkatest.Consume(t, brokers, "out", 2) {
		got = append(got, string(r.Value))
	}
	slices.Sort(got) // they have no key, and may be in two partitions
	same(t, "output", got, []string{"A", "B"})
	dead := kafkatest.Consume(t, brokers, "dlq", 1)[0]
	headers := headersOf(dead)
	for key, want := range map[string]string{
		"exception": "processing", "message": "bad value", "topic": "in", "partition": "2", "offset": "1",
	} {
		if got := headers["__streams.errors."+key]; got != want {
			t.Errorf("header %s is %q, want %q", key, got, want)
		}
	}
	if string(dead.Value) != "bad" {
		t.Errorf("dead letter %q, want the record's value", dead.Value)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

func headersOf(r *kgo.Record) map[string]string {
	m := map[string]string{}
	for _, h := range r.Headers {
		m[h.Key] = string(h.Value)
	}
	return m
}

// A record larger than the output takes becomes a dead letter with its
// beginning and its true length.
func TestRecordsTooLargeForTheOutputAreDeadLetters(t *testing.T) {
	brokers := cluster(t, "in", "out")
	large := bytes.Repeat([]byte("x"), 900_000)
	kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: large}, &kgo.Record{Topic: "in", Value: []byte("fits")})
	twice := func(t *testing.T) *topology.Topology {
		return build(t, func(in *words) {
			toOut(streams.MapValues(in, func(v string) (string, error) { return v + v, nil }))
		})
	}
	_, stop := start(t, twice(t), brokers, t.TempDir(), map[string]string{
		"errors.dead.letter.queue.topic.name": "dlq", "max.request.size": "500000",
	})
	if got := kafkatest.Consume(t, brokers, "out", 1)[0].Value; string(got) != "fitsfits" {
		t.Errorf("output %.20q, want fitsfits", got)
	}
	dead := kafkatest.Consume(t, brokers, "dlq", 1)[0]
	headers := headersOf(dead)
	if got, want := headers["__streams.errors.message"], "is over max.request.size 500000"; !strings.Contains(got, want) {
		t.Errorf("reason %q, want one with %q", got, want)
	}
	if got, want := headers["__streams.errors.value.truncated.from"], strconv.Itoa(len(large)); got != want {
		t.Errorf("true length %q, want %s", got, want)
	}
	if n := len(dead.Value); n > 500_000 || !bytes.HasPrefix(large, dead.Value) {
		t.Errorf("dead letter of %d bytes, want the value's beginning within 500000", n)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// Without a committed offset, auto.offset.reset=none makes the app end.
func TestNoOffsetToBeginAtIsSaid(t *testing.T) {
	brokers := cluster(t, "in", "out")
	props := map[string]string{"bootstrap.servers": brokers[0], "auto.offset.reset": "none"}
	says(t, fails(t, upper(t), props), "in-", "no committed offset", "auto.offset.reset is none", "group test-app")

	// With a committed offset the app starts there. The group of the app that
	// failed has a member until its session times out, so this is another group.
	props["application.id"] = "test-app-2"
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	offsets := kadm.Offsets{}
	for p := range int32(4) {
		offsets.AddOffset("in", p, 0, -1)
	}
	if err := kadm.NewClient(cl).CommitAllOffsets(t.Context(), "test-app-2", offsets); err != nil {
		t.Fatal(err)
	}
	_, stop := start(t, upper(t), brokers, t.TempDir(), props)
	produce(t, brokers, "in", 0, 10)
	onceEach(t, kafkatest.Consume(t, brokers, "out", 10), 10)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// A changelog that was made a moment ago is unknown to some brokers. The app
// asks again.
func TestChangelogThatABrokerDoesNotKnowYet(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(2, "in"))
	var unknown atomic.Int64
	c.ControlKey(kmsg.Metadata.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := r.(*kmsg.MetadataRequest)
		if len(req.Topics) != 1 || req.Topics[0].Topic == nil || !strings.HasSuffix(*req.Topics[0].Topic, "-changelog") ||
			unknown.Add(1) > 3 {
			return nil, nil, false
		}
		resp := r.ResponseKind().(*kmsg.MetadataResponse)
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic, topic.ErrorCode = req.Topics[0].Topic, kerr.UnknownTopicOrPartition.Code
		resp.Topics = append(resp.Topics, topic)
		return resp, nil, true
	})
	brokers := c.ListenAddrs()
	app, _ := start(t, counts(t), brokers, t.TempDir(), nil)
	produce(t, brokers, "in", 0, 10)
	kafkatest.Eventually(t, "all is counted", func() bool { return total(t, app) >= 10 })
	if unknown.Load() == 0 {
		t.Error("the app never asked for its changelog")
	}
}
