package kafka_test

import (
	"maps"
	"testing"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestBrokersCreateTopicsOnlyWhenAskedTo(t *testing.T) {
	for name, c := range map[string]struct {
		opts   []kfake.Opt
		create bool
		want   map[string]int32
	}{
		"asked to":                    {[]kfake.Opt{kfake.AllowAutoTopicCreation()}, true, map[string]int32{"in": 3, "new": 10}},
		"not asked to":                {[]kfake.Opt{kfake.AllowAutoTopicCreation()}, false, map[string]int32{"in": 3}},
		"asked to and not allowed to": {nil, true, map[string]int32{"in": 3}},
	} {
		t.Run(name, func(t *testing.T) {
			cl := kafkatest.Client(t, kafkatest.Start(t, append(c.opts, kfake.SeedTopics(3, "in"))...).ListenAddrs())
			got, err := kafka.Existing(t.Context(), cl, c.create, "in", "new")
			if err != nil || !maps.Equal(got, c.want) {
				t.Errorf("Existing = %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

// Without topics the request would be for all that there are.
func TestNoTopicsExistWhenNoneIsAskedFor(t *testing.T) {
	cl := kafkatest.Client(t, kafkatest.Start(t, kfake.SeedTopics(3, "in")).ListenAddrs())
	if got, err := kafka.Existing(t.Context(), cl, true); err != nil || len(got) > 0 {
		t.Errorf("Existing = %v, %v, want nothing", got, err)
	}
}

// A client that may not create topics learns that there is none, and not that it may not.
func TestATopicThatMayNotBeCreatedIsMissing(t *testing.T) {
	c := kafkatest.Start(t)
	c.ControlKey(kmsg.Metadata.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := r.(*kmsg.MetadataRequest)
		if !req.AllowAutoTopicCreation || len(req.Topics) == 0 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.MetadataResponse)
		for _, asked := range req.Topics {
			topic := kmsg.NewMetadataResponseTopic()
			topic.Topic, topic.ErrorCode = asked.Topic, kerr.TopicAuthorizationFailed.Code
			resp.Topics = append(resp.Topics, topic)
		}
		return resp, nil, true
	})
	cl := kafkatest.Client(t, c.ListenAddrs())
	if got, err := kafka.Existing(t.Context(), cl, true, "new"); err != nil || len(got) > 0 {
		t.Errorf("Existing = %v, %v, want nothing", got, err)
	}
}
