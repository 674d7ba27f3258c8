package sourcetask

import (
	"context"
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// topics makes sure that topics exist before they are written to, so that a
// misspelt one is an error and not a topic.
type topics struct {
	admin     *kadm.Client
	connector string
	creation  plan.TopicCreation
	known     map[string]bool
}

// ensure returns nil when the topic exists or could be created.
func (t *topics) ensure(ctx context.Context, topic string) error {
	if t.known[topic] {
		return nil
	}
	if topic == "" {
		return errors.New("record has no topic")
	}
	found, err := t.admin.ListTopics(ctx, topic)
	if err != nil {
		return fmt.Errorf("look for topic %s: %w", topic, err)
	}
	switch err := found[topic].Err; {
	case err == nil:
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		if err := t.create(ctx, topic); err != nil {
			return err
		}
	default:
		return fmt.Errorf("look for topic %s: %w", topic, err)
	}
	t.known[topic] = true
	return nil
}

// create creates a topic as its group says.
func (t *topics) create(ctx context.Context, topic string) error {
	g, ok := t.creation.Group(topic)
	if !ok {
		return fmt.Errorf("topic %s does not exist: create it, or let connector %s do so with "+
			"topic.creation.default.replication.factor and topic.creation.default.partitions", topic, t.connector)
	}
	return kafka.Topic{Name: topic, Partitions: g.Partitions, Replication: g.Replication, Configs: g.Configs,
		ReplicationKey: "topic.creation." + g.Name + ".replication.factor"}.Create(ctx, t.admin)
}
