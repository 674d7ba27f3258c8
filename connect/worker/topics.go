package worker

import (
	"context"
	"errors"
	"fmt"
	"sort"

	"github.com/suiro/suiro/connect/config"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// topicMaker makes sure that a source's topics exist before it writes to them,
// so that a misspelt one is an error and not a topic.
type topicMaker struct {
	admin      *kadm.Client
	connector  string
	enabled    bool
	partitions int32
	replicas   int16
	configs    map[string]*string
	known      map[string]bool
}

const creationPrefix = "topic.creation.default."

func topicMakerOf(v config.Values, props map[string]string, worker *Config, admin *kadm.Client) *topicMaker {
	m := &topicMaker{
		admin: admin, connector: v.String("name"), known: map[string]bool{},
		enabled:    worker.values.Bool("topic.creation.enable") && v.IsSet(creationPrefix+"partitions"),
		partitions: int32(v.Int(creationPrefix + "partitions")),
		replicas:   int16(v.Int(creationPrefix + "replication.factor")),
		configs:    map[string]*string{},
	}
	for k, value := range under(props, creationPrefix) {
		if k != "partitions" && k != "replication.factor" {
			m.configs[k] = &value
		}
	}
	return m
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
		m.known[topic] = true
		return nil
	case !errors.Is(err, kerr.UnknownTopicOrPartition):
		return fmt.Errorf("look for topic %s: %w", topic, err)
	case !m.enabled:
		return fmt.Errorf("topic %s does not exist: create it, or let connector %s do so with "+
			"%[3]sreplication.factor and %[3]spartitions", topic, m.connector, creationPrefix)
	}
	resp, err := m.admin.CreateTopic(ctx, m.partitions, m.replicas, m.configs, topic)
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return fmt.Errorf("create topic %s with %d partitions and %d replicas (%s): %w: %s",
			topic, m.partitions, m.replicas, creationPrefix+"…", err, resp.ErrMessage)
	}
	m.known[topic] = true
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
