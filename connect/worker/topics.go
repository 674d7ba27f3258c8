package worker

import (
	"context"
	"errors"
	"fmt"
	"sort"

	"github.com/suiro/suiro/connect/plan"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// topicMaker makes sure that a source's topics exist before it writes to them,
// so that a misspelt one is an error and not a topic.
type topicMaker struct {
	admin     *kadm.Client
	connector string
	creation  plan.TopicCreation
	known     map[string]bool
}

// ensure returns nil when the topic exists or could be made.
func (m *topicMaker) ensure(ctx context.Context, topic string) error {
	if m.known[topic] {
		return nil
	}
	if topic == "" {
		return errors.New("record has no topic")
	}
	topics, err := m.admin.ListTopics(ctx, topic)
	if err != nil {
		return fmt.Errorf("look for topic %s: %w", topic, err)
	}
	switch err := topics[topic].Err; {
	case err == nil:
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		if err := m.create(ctx, topic); err != nil {
			return err
		}
	default:
		return fmt.Errorf("look for topic %s: %w", topic, err)
	}
	m.known[topic] = true
	return nil
}

// create creates a topic as its group says.
func (m *topicMaker) create(ctx context.Context, topic string) error {
	g, ok := m.creation.Group(topic)
	if !ok {
		return fmt.Errorf("topic %s does not exist: create it, or let connector %s do so with "+
			"topic.creation.default.replication.factor and topic.creation.default.partitions", topic, m.connector)
	}
	configs := make(map[string]*string, len(g.Configs))
	for k, v := range g.Configs {
		configs[k] = &v
	}
	resp, err := m.admin.CreateTopic(ctx, g.Partitions, g.Replication, configs, topic)
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return fmt.Errorf("create topic %s with %d partitions and %d replicas, as topic.creation.%s says: %w: %s",
			topic, g.Partitions, g.Replication, g.Name, err, resp.ErrMessage)
	}
	return nil
}

// missingTopics returns those of the topics that do not exist, sorted.
func missingTopics(ctx context.Context, admin *kadm.Client, topics []string) ([]string, error) {
	found, err := admin.ListTopics(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("look for topics %v: %w", topics, err)
	}
	var missing []string
	for _, t := range topics {
		switch err := found[t].Err; {
		case errors.Is(err, kerr.UnknownTopicOrPartition):
			missing = append(missing, t)
		case err != nil:
			return nil, fmt.Errorf("look for topic %s: %w", t, err)
		}
	}
	sort.Strings(missing)
	return missing, nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
