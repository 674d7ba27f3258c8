package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// creations is how often [Existing] asks for topics that brokers may create. They say
// that there is none, create it, and say that there is one a moment later: a second or two
// are given to them.
const creations = 7

// Existing returns how many partitions each of the topics has. Those that are missing are
// not in the result. With create the brokers create them first if they are set to with
// auto.create.topics.enable, as Kafka's own clients make them do.
func Existing(ctx context.Context, cl *kgo.Client, create bool, topics ...string) (map[string]int32, error) {
	found := map[string]int32{}
	if err := look(ctx, cl, false, topics, found); err != nil || !create {
		return found, err
	}
	pause := backoff.Backoff{First: 20 * time.Millisecond, Max: time.Second}
	for range creations {
		missing := slices.DeleteFunc(slices.Clone(topics), func(name string) bool { _, ok := found[name]; return ok })
		if len(missing) == 0 {
			break
		}
		if err := look(ctx, cl, true, missing, found); err != nil && !refused(err) {
			return nil, err
		}
		if err := backoff.Sleep(ctx, pause.Next()); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// refused reports whether a broker does not create a topic, or has not done so yet.
func refused(err error) bool {
	return errors.Is(err, kerr.LeaderNotAvailable) || errors.Is(err, kerr.TopicAuthorizationFailed) ||
		errors.Is(err, kerr.ClusterAuthorizationFailed) || errors.Is(err, kerr.InvalidReplicationFactor)
}

// look adds the topics that exist to found.
func look(ctx context.Context, cl *kgo.Client, create bool, topics []string, found map[string]int32) (failed error) {
	if len(topics) == 0 {
		return nil // the request would be for all topics
	}
	req := kmsg.NewPtrMetadataRequest()
	req.AllowAutoTopicCreation = create
	for _, name := range topics {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = &name
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, cl)
	if err != nil {
		return fmt.Errorf("look for topics %s: %w", strings.Join(topics, ", "), err)
	}
	for _, t := range resp.Topics {
		switch err := kerr.ErrorForCode(t.ErrorCode); {
		case t.Topic == nil || errors.Is(err, kerr.UnknownTopicOrPartition):
		case err != nil:
			failed = cmp.Or(failed, fmt.Errorf("look for topic %s: %w", *t.Topic, err))
		default:
			found[*t.Topic] = int32(len(t.Partitions))
		}
	}
	return failed
}
