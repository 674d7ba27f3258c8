package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// Topic says how a topic is made.
type Topic struct {
	// Name is the name of the topic.
	Name string
	// Partitions is how many partitions it gets; -1 is the broker's default.
	// Default: 1.
	Partitions int32
	// Replication is how many replicas it gets; -1 is the broker's default.
	// Default: -1.
	Replication int16
	// Configs are the topic's own settings, such as cleanup.policy. Default: the
	// broker's.
	Configs map[string]string
	// ReplicationKey is the configuration key that Replication comes from. Errors
	// name it.
	ReplicationKey string
}

// Create makes the topic, unless there is one of its name. The topic may be
// unknown to some brokers for a moment afterwards.
func (t Topic) Create(ctx context.Context, adm *kadm.Client) error {
	partitions, replication := t.Partitions, t.Replication
	if partitions == 0 {
		partitions = 1
	}
	if replication == 0 {
		replication = -1
	}
	configs := make(map[string]*string, len(t.Configs))
	for k, v := range t.Configs {
		configs[k] = &v
	}
	r, err := adm.CreateTopic(ctx, partitions, replication, configs, t.Name)
	if err == nil || errors.Is(err, kerr.TopicAlreadyExists) {
		return nil
	}
	var code *kerr.Error
	if r.ErrMessage != "" && errors.As(err, &code) {
		err = refusal{code, r.ErrMessage}
	}
	if errors.Is(err, kerr.InvalidReplicationFactor) && t.ReplicationKey != "" {
		err = fmt.Errorf("%w: set %s", err, t.ReplicationKey)
	}
	return fmt.Errorf("create topic %s%s: %w", t.Name, shape(partitions, replication), err)
}

// refusal is a broker's error with what the broker says about it, instead of the
// sentence that stands for the code.
type refusal struct {
	code *kerr.Error
	text string
}

func (r refusal) Error() string { return r.code.Message + ": " + r.text }
func (r refusal) Unwrap() error { return r.code }

// shape says what was asked for, and nothing of what the brokers choose.
func shape(partitions int32, replication int16) string {
	switch {
	case partitions > 0 && replication > 0:
		return fmt.Sprintf(" with %d partitions and %d replicas", partitions, replication)
	case partitions > 0:
		return fmt.Sprintf(" with %d partitions", partitions)
	case replication > 0:
		return fmt.Sprintf(" with %d replicas", replication)
	}
	return ""
}
