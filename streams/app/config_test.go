package app_test

import (
	"bytes"
	_ "embed" // for the keys of clients
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
)

// newApp makes an app with the properties that are needed and those given.
func newApp(t *testing.T, props map[string]string) error {
	t.Helper()
	all := map[string]string{"application.id": "a", "bootstrap.servers": "localhost:9092"}
	for k, v := range props {
		if v == "<unset>" {
			delete(all, k)
		} else {
			all[k] = v
		}
	}
	_, err := app.New(build(t, toOut), all, nil)
	return err
}

func TestConfigTellsEveryBadKeyAtOnce(t *testing.T) {
	err := newApp(t, map[string]string{
		"application.id": "<unset>", "security.protocol": "HTTP",
		"processing.guarantee": "twice", "num.stream.threads": "0", "commit.interval.ms": "soon",
		"auto.offset.reset": "middle", "compression.type": "rar", "max.request.size": "1",
		"replication.factor": "-2", "statestore.cache.max.bytes": "-1",
	})
	var errs config.Errors
	if !errors.As(err, &errs) {
		t.Fatalf("error %v, want config.Errors", err)
	}
	got := map[string]bool{}
	for _, e := range errs {
		got[e.Key] = true
	}
	for _, key := range []string{
		"application.id", "security.protocol", "processing.guarantee", "num.stream.threads", "commit.interval.ms",
		"auto.offset.reset", "compression.type", "max.request.size", "replication.factor", "statestore.cache.max.bytes",
	} {
		if !got[key] {
			t.Errorf("no error for %s in:\n%v", key, err)
		}
	}
	if want := "exactly_once_v2, at_least_once"; !strings.Contains(err.Error(), want) {
		t.Errorf("error does not say what is accepted (%s):\n%v", want, err)
	}
}

func TestConfigRulesBetweenKeys(t *testing.T) {
	tests := []struct {
		name  string
		props map[string]string
		want  string // "" is accepted
	}{
		{"heartbeat as long as the session",
			map[string]string{"heartbeat.interval.ms": "6000", "session.timeout.ms": "6000"},
			"heartbeat.interval.ms: must be smaller than session.timeout.ms (6000)"},
		{"heartbeat shorter than the session",
			map[string]string{"heartbeat.interval.ms": "5999", "session.timeout.ms": "6000"}, ""},
		{"epoch as long as its transaction may be",
			map[string]string{"commit.interval.ms": "10000"},
			"commit.interval.ms: must be smaller than transaction.timeout.ms (10000)"},
		{"long epoch, longer transaction",
			map[string]string{"commit.interval.ms": "10000", "transaction.timeout.ms": "10001"}, ""},
		{"at least once has no transaction",
			map[string]string{"processing.guarantee": "at_least_once", "commit.interval.ms": "60000"}, ""},
		{"at least once by default commits every 30s",
			map[string]string{"processing.guarantee": "at_least_once", "transaction.timeout.ms": "1000"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := newApp(t, tt.props)
			if tt.want == "" {
				if err != nil {
					t.Errorf("error %v, want none", err)
				}
				return
			}
			if err == nil {
				t.Fatal("no error")
			}
			key, rule, _ := strings.Cut(tt.want, ": ")
			if !strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), rule) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// Misspelt keys are reported to a program that embeds an app as well as on the
// command line.
func TestUnknownKeysAreRefusedWithEverythingElse(t *testing.T) {
	err := newApp(t, map[string]string{
		"commit.interval.m": "100", "consumer.max.poll.record": "secret-value", "num.stream.threads": "0",
	})
	for _, want := range []string{
		`Unknown configuration "commit.interval.m", did you mean "commit.interval.ms"?`,
		`Unknown configuration "consumer.max.poll.record"`,
		`Invalid value 0 for configuration num.stream.threads`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "secret-value") {
		t.Errorf("error %v shows a value", err)
	}
}

// The file of a Kafka Streams app still works, and the log says which keys have no
// effect.
func TestKeysOfKafkaStreamsWithoutEffectAreWarnings(t *testing.T) {
	var log bytes.Buffer
	_, err := app.New(build(t, toOut), map[string]string{
		"application.id": "a", "default.key.serde": "org.apache.kafka.common.serialization.Serdes$StringSerde",
		"num.standby.replicas": "1", "metrics.recording.level": "DEBUG", "cache.max.bytes.buffering": "0",
	}, &app.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatalf("New = %v, want no error", err)
	}
	for _, want := range []string{
		"key=default.key.serde reason=\"it names Java classes\"", "key=num.standby.replicas", "key=metrics.recording.level",
		"key=cache.max.bytes.buffering reason=\"set statestore.cache.max.bytes\"",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %q:\n%s", want, &log)
		}
	}
	for _, name := range []string{"num.standby.replica", "metrics", "application.id", "poll.msx"} {
		if why, ok := app.Ignored(name); ok {
			t.Errorf("Ignored(%s) = %q, want it not to be ignored", name, why)
		}
	}
}

// Whoever knows a key of Kafka Streams finds out what it is here.
func TestEveryKeyOfKafkaStreamsIsKnown(t *testing.T) {
	known := 0
	for _, k := range app.KafkaStreamsKeys() {
		if known++; k.Here == "" {
			t.Errorf("%s is no key here, and nothing says what becomes of it", k.Name)
		}
	}
	if known < 80 {
		t.Errorf("%d keys were looked at, want all of Kafka Streams'", known)
	}
}

//go:embed testdata/kafka-clients-4.3.1.txt
var clientKeys string

// The properties of a Kafka Streams app may have any key of its clients, but for other ways
// to log in and to encrypt: these must not be left out without a word.
func TestEveryKeyOfKafkasClientsIsKnown(t *testing.T) {
	for name := range strings.FieldsSeq(clientKeys) {
		_, ours := app.Config().Key(name)
		secures := strings.HasPrefix(name, "sasl.") || strings.HasPrefix(name, "ssl.") || strings.HasPrefix(name, "security.")
		if _, ignored := app.Ignored(name); !ours && !ignored && !secures {
			t.Errorf("%s is neither a key here nor ignored", name)
		}
	}
}

// One client does the work of several, so the prefixes of their keys are taken away.
func TestKeysOfClientsMayHaveAPrefix(t *testing.T) {
	var log bytes.Buffer
	_, err := app.New(build(t, toOut), map[string]string{
		"application.id": "a", "producer.linger.ms": "5", "main.consumer.max.poll.records": "100",
		"topic.min.insync.replicas": "2", "restore.consumer.max.poll.records": "10",
		"consumer.interceptor.classes": "x", "topology.optimization": "none",
	}, &app.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatalf("New = %v, want no error", err)
	}
	for _, want := range []string{"key=restore.consumer.max.poll.records", "key=consumer.interceptor.classes"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %q:\n%s", want, &log)
		}
	}
	if got := strings.Count(log.String(), "has no effect"); got != 2 {
		t.Errorf("%d keys have no effect, want 2:\n%s", got, &log)
	}
	err = newApp(t, map[string]string{"consumer.max.poll.records": "none", "topology.optimization": "all",
		"producer.request.timeout.ms": "1000", "consumer.request.timeout.ms": "2000"})
	for _, want := range []string{"max.poll.records", "Invalid value all for configuration topology.optimization",
		"producer.request.timeout.ms is another value"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// A key that has an effect must not be reported as ignored.
func TestNoKeyOfAnAppIsIgnored(t *testing.T) {
	for _, name := range app.Config().Names() {
		if why, ok := app.Ignored(name); ok {
			t.Errorf("%s is ignored: %s", name, why)
		}
	}
}

// A dead letter that came back would be rejected again, and so on without end.
func TestDeadLettersMustNotComeBack(t *testing.T) {
	byKey := func(in *words) {
		streams.Count(streams.GroupBy(in, "by-key", value, streams.String(), streams.String()), "counts")
	}
	for topic, want := range map[string]string{
		"in":                   "is read by the app itself",
		"a-by-key-repartition": "is read by the app itself",
		"a-counts-changelog":   "is a changelog of the app",
		"a-by-key-changelog":   "", // no store has this name
		"by-key":               "", // a name in the topology, not in Kafka
		"dlq":                  "",
		"":                     "",
	} {
		_, err := app.New(build(t, byKey), map[string]string{
			"application.id": "a", "errors.dead.letter.queue.topic.name": topic,
		}, nil)
		if want == "" && err != nil {
			t.Errorf("dead letters to %q: %v, want no error", topic, err)
		}
		text := "configuration errors.dead.letter.queue.topic.name: " + want
		if want != "" && (err == nil || !strings.Contains(err.Error(), text)) {
			t.Errorf("dead letters to %q: %v, want an error with %q", topic, err, text)
		}
	}
}

// What an app wrote there would be taken for its own state.
func TestInternalTopicsAreNotOutputs(t *testing.T) {
	for topic, refused := range map[string]bool{"a-by-key-repartition": true, "a-counts-changelog": true, "a-x-changelog": false} {
		_, err := app.New(build(t, func(in *words) {
			streams.Count(streams.GroupBy(in, "by-key", value, streams.String(), streams.String()), "counts")
			streams.To(in, topic, streams.String(), streams.String())
		}), map[string]string{"application.id": "a"}, nil)
		if want := "writes topic " + topic + ", which is an internal topic of the app"; refused &&
			(err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("output %s: error %v, want one with %q", topic, err, want)
		}
		if !refused && err != nil {
			t.Errorf("output %s: error %v, want none", topic, err)
		}
	}
}

// They would be read by two nodes.
func TestInternalTopicsAreNotInputs(t *testing.T) {
	b := streams.NewBuilder()
	s := streams.String()
	for _, topic := range []string{"a-by-key-repartition", "a-counts-changelog", "a-x-changelog"} {
		streams.Stream(b, topic, s, s)
	}
	streams.Count(streams.GroupBy(streams.Stream(b, "in", s, s), "by-key", value, s, s), "counts")
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	_, err = app.New(topo, map[string]string{"application.id": "a", "errors.dead.letter.queue.topic.name": "in"}, nil)
	rest := ", which is an internal topic of the app: go on from the stream or table that is behind it, or choose another " +
		"application.id"
	for _, want := range []string{"node KSTREAM-SOURCE-0000000000 reads topic a-by-key-repartition" + rest,
		"node KSTREAM-SOURCE-0000000001 reads topic a-counts-changelog" + rest, "so that dead letters would come back"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "a-x-changelog") {
		t.Errorf("error %v, and no store has that changelog", err)
	}
}

// Kafka accepts these values, so an app does too. What can never work is an error
// before any client is opened.
func TestLimitsOfTheClientAreFoundAtOnce(t *testing.T) {
	for _, props := range []map[string]string{
		{"metadata.max.age.ms": "2000"}, {"fetch.max.bytes": "209715200"}, {"request.timeout.ms": "3600000"},
		{"max.in.flight.requests.per.connection": "5"}, {"linger.ms": "120000"},
	} {
		if err := newApp(t, props); err != nil {
			t.Errorf("New with %v = %v, want nil", props, err)
		}
	}
	err := newApp(t, map[string]string{"delivery.timeout.ms": "1000", "heartbeat.interval.ms": "45000",
		"commit.interval.ms": "10000"})
	for _, want := range []string{"delivery.timeout.ms: must not", "heartbeat.interval.ms: must be", "commit.interval.ms: must be"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// Every key of an app has a doc, and no key is required and has a default.
func TestEveryKeyIsDocumented(t *testing.T) {
	for _, k := range app.Config().Keys() {
		if k.Doc == "" {
			t.Errorf("%s has no doc", k.Name)
		}
		if k.Required && k.Default != nil {
			t.Errorf("%s is required and has a default", k.Name)
		}
	}
}

// The id of an app is part of topics, of a folder and of metrics.
func TestApplicationIDsAreNames(t *testing.T) {
	for id, ok := range map[string]bool{
		"orders": true, "..": false, "../../tmp/x": false, "a/b": false, "\xff": false, "a b": false,
		strings.Repeat("a", 249): false, // its changelog would have a longer name
	} {
		_, err := app.New(counts(t), map[string]string{"application.id": id, "bootstrap.servers": "localhost:1"}, nil)
		if (err == nil) != ok {
			t.Errorf("application.id %.20q: error %v, want one: %v", id, err, !ok)
		}
		if err != nil && !strings.Contains(err.Error(), "application.id") {
			t.Errorf("error %v does not name the key", err)
		}
	}
}
