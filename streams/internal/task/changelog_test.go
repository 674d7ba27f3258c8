package task

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// Closed channels are the end of the recovery to goka, so a replay that failed must
// not close them before goka has seen the error.
func TestReplayKeepsChannelsOpenAfterAnError(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "log"))
	c.ControlKey(kmsg.Fetch.Int16(), forbid)
	task := &Task{Options: Options{
		Changelog: "log", Client: []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...)},
		Logger: slog.New(slog.DiscardHandler),
	}}
	pc, err := (&changelogConsumer{task}).ConsumePartition("", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case m, ok := <-pc.Messages():
		t.Fatalf("message %v, open %v before the error", m, ok)
	case e := <-pc.Errors():
		if !errors.Is(e.Err, kerr.TopicAuthorizationFailed) {
			t.Errorf("error %v, want TOPIC_AUTHORIZATION_FAILED", e.Err)
		}
	case <-time.After(time.Minute):
		t.Fatal("no error after a minute")
	}
	select {
	case <-pc.Messages():
		t.Error("messages are closed after the error")
	case <-pc.Errors():
		t.Error("errors are closed after the error")
	case <-time.After(50 * time.Millisecond):
	}
	if err := task.cause(errors.New("text of goka")); !errors.Is(err, kerr.TopicAuthorizationFailed) {
		t.Errorf("the task's cause is %v, want TOPIC_AUTHORIZATION_FAILED", err)
	}
	if err := pc.Close(); err != nil {
		t.Error(err)
	}
	if _, ok := <-pc.Messages(); ok {
		t.Error("messages are open after Close")
	}
}

// forbid answers a fetch with an authorization error for all it asks.
func forbid(r kmsg.Request) (kmsg.Response, error, bool) {
	req := r.(*kmsg.FetchRequest)
	resp := req.ResponseKind().(*kmsg.FetchResponse)
	for _, topic := range req.Topics {
		out := kmsg.NewFetchResponseTopic()
		out.Topic, out.TopicID = topic.Topic, topic.TopicID
		for _, p := range topic.Partitions {
			part := kmsg.NewFetchResponseTopicPartition()
			part.Partition, part.ErrorCode = p.Partition, kerr.TopicAuthorizationFailed.Code
			out.Partitions = append(out.Partitions, part)
		}
		resp.Topics = append(resp.Topics, out)
	}
	return resp, nil, true
}
