package properties_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams/internal/properties"
)

// parse reads properties to which what every app needs is added.
func parse(t *testing.T, more map[string]string) (*properties.Properties, error) {
	t.Helper()
	given := map[string]string{"application.id": "app", "bootstrap.servers": "localhost:9092", "state.dir": "state"}
	for key, value := range more {
		given[key] = value
	}
	return properties.Parse(given)
}

// What an app does follows from its guarantee, unless it is said.
func TestWhatFollowsFromTheGuarantee(t *testing.T) {
	for name, tt := range map[string]struct {
		given    map[string]string
		exactly  bool
		interval time.Duration
	}{
		"by default":    {nil, true, 100 * time.Millisecond},
		"at least once": {map[string]string{"processing.guarantee": properties.AtLeastOnce}, false, 30 * time.Second},
		"an interval":   {map[string]string{"commit.interval.ms": "250"}, true, 250 * time.Millisecond},
		"both":          {map[string]string{"processing.guarantee": properties.AtLeastOnce, "commit.interval.ms": "60000"}, false, time.Minute},
	} {
		p, err := parse(t, tt.given)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.ExactlyOnce() != tt.exactly || p.CommitInterval() != tt.interval {
			t.Errorf("%s: exactly once %v, commits each %v; want %v, %v", name, p.ExactlyOnce(), p.CommitInterval(), tt.exactly, tt.interval)
		}
		if got, want := p.StateDir(), filepath.Join("state", "app"); got != want {
			t.Errorf("%s: the state is in %s, want %s", name, got, want)
		}
	}
}

// All that is wrong is reported together, each key with what to write.
func TestAllWrongKeysAreReported(t *testing.T) {
	_, err := parse(t, map[string]string{"num.stream.threads": "many", "comit.interval.ms": "1", "topology.optimization": "all",
		"max.poll.records": "0"})
	var wrong config.Errors
	if !errors.As(err, &wrong) {
		t.Fatalf("Parse = %v, want errors of keys", err)
	}
	for _, want := range []string{"num.stream.threads", "commit.interval.ms", "topology.optimization", "max.poll.records"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error says nothing of %s: %v", want, err)
		}
	}
	_, err = parse(t, map[string]string{"commit.interval.ms": "10000", "transaction.timeout.ms": "10000"})
	if err == nil || !strings.Contains(err.Error(), "must be smaller than transaction.timeout.ms (10000)") {
		t.Errorf("Parse = %v, want that an epoch is longer than its transaction", err)
	}
}

// Keys of Kafka Streams go to the one client, to topics, or nowhere.
func TestKeysOfKafkaStreams(t *testing.T) {
	p, err := parse(t, map[string]string{"main.consumer.max.poll.records": "7", "topic.segment.bytes": "1048576"})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Int("max.poll.records"); got != 7 {
		t.Errorf("max.poll.records is %d, want 7", got)
	}
	if got := p.Topics["segment.bytes"]; got != "1048576" {
		t.Errorf("segment.bytes of internal topics is %q, want 1048576", got)
	}
	for name, want := range map[string]bool{"rocksdb.config.setter": true, "commit.interval.ms": false, "no.such.key": false} {
		if _, got := properties.Ignored(name); got != want {
			t.Errorf("Ignored(%s) = %v, want %v", name, got, want)
		}
	}
}

// A heartbeat that is slower than a thread's own changes nothing, which its page has to say.
func TestThePageOfHeartbeatsSaysHowOftenThreadsSendThem(t *testing.T) {
	key, ok := properties.Def().Key("heartbeat.interval.ms")
	if !ok || !strings.Contains(key.Doc, "every 200 ms") {
		t.Errorf("the page of heartbeat.interval.ms says %q, and not how often a thread sends heartbeats", key.Doc)
	}
}
