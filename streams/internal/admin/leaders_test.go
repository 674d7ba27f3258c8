package admin_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams/internal/admin"
)

// refuseOffsets makes brokers answer so many requests for offsets with an error. It returns how
// many there were.
func refuseOffsets(c *kfake.Cluster, requests int64, with *kerr.Error) *atomic.Int64 {
	asked := new(atomic.Int64)
	c.ControlKey(kmsg.ListOffsets.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if asked.Add(1) > requests {
			return nil, nil, false
		}
		req := r.(*kmsg.ListOffsetsRequest)
		resp := req.ResponseKind().(*kmsg.ListOffsetsResponse)
		for _, topic := range req.Topics {
			t := kmsg.NewListOffsetsResponseTopic()
			t.Topic = topic.Topic
			for _, partition := range topic.Partitions {
				p := kmsg.NewListOffsetsResponseTopicPartition()
				p.Partition, p.ErrorCode = partition.Partition, with.Code
				t.Partitions = append(t.Partitions, p)
			}
			resp.Topics = append(resp.Topics, t)
		}
		return resp, nil, true
	})
	return asked
}

// A topic that was made a moment ago has no leader yet: the app does not start before.
func TestPrepareWaitsForLeaders(t *testing.T) {
	for name, tt := range map[string]struct {
		requests int64
		with     *kerr.Error
		patience time.Duration
		want     error
	}{
		"there are leaders":         {},
		"they come":                 {30, kerr.NotLeaderForPartition, time.Minute, nil},
		"the topic gets known":      {30, kerr.UnknownTopicOrPartition, time.Minute, nil},
		"they do not come":          {1 << 40, kerr.NotLeaderForPartition, 300 * time.Millisecond, kerr.NotLeaderForPartition},
		"the app must not ask them": {1 << 40, kerr.TopicAuthorizationFailed, time.Minute, kerr.TopicAuthorizationFailed},
	} {
		t.Run(name, func(t *testing.T) {
			c := kafkatest.Start(t, kfake.SeedTopics(3, "in", "out"))
			var asked *atomic.Int64
			if tt.with != nil {
				asked = refuseOffsets(c, tt.requests, tt.with)
			}
			_, err := admin.Prepare(t.Context(), []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...), kgo.RequestRetries(0)}, names,
				app(t), admin.Options{Replication: 1, Patience: tt.patience})
			if !errors.Is(err, tt.want) {
				t.Fatalf("Prepare() = %v, want %v", err, tt.want)
			}
			if errors.Is(err, kerr.NotLeaderForPartition) && !strings.Contains(err.Error(), "kafka-topics.sh --describe") {
				t.Errorf("the error does not say what to do: %v", err)
			}
			if tt.want == nil && tt.with != nil && asked.Load() <= tt.requests {
				t.Errorf("Prepare asked for offsets %d times, want more than %d", asked.Load(), tt.requests)
			}
		})
	}
}

// A broker that goes away while the app waits for leaders is waited for, too.
func TestPrepareWaitsForABrokerThatGoesAway(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(3, "in", "out"))
	asked := refuseOffsets(c, 1, kerr.NotLeaderForPartition)
	closed := new(atomic.Int64)
	c.ControlKey(kmsg.Metadata.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if asked.Load() == 0 || closed.Add(1) > 10 {
			return nil, nil, false
		}
		return nil, errors.New("the connection is closed"), true
	})
	opts := []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...), kgo.RequestRetries(0)}
	if _, err := admin.Prepare(t.Context(), opts, names, app(t), admin.Options{Replication: 1, Patience: time.Minute}); err != nil {
		t.Fatal(err)
	}
	if closed.Load() <= 10 {
		t.Errorf("%d connections were closed, want 10 and an answer", closed.Load())
	}
}
