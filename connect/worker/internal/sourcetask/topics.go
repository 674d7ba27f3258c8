package sourcetask

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// topics makes sure that topics exist before they are written to: that they are made as
// the connector says, or else by the brokers, and that an error names what is missing.
type topics struct {
	client    *kgo.Client
	connector string
	creation  plan.TopicCreation
	known     map[string]int32 // how many partitions a topic has
}

// ensure sees to it that the topic of a record exists, and creates it if it may.
// misfit says why no topic can take the record.
func (t *topics) ensure(ctx context.Context, r *kgo.Record) (misfit, err error) {
	if n, ok := t.known[r.Topic]; ok && r.Partition < n {
		return nil, nil
	}
	if err := checkName(r.Topic); err != nil {
		return err, nil
	}
	n, err := t.partitions(ctx, r.Topic)
	if errors.Is(err, kerr.InvalidTopicException) { // for instance when it differs from another in . and _ alone
		return err, nil
	}
	if err != nil {
		return nil, err
	}
	t.known[r.Topic] = n
	if r.Partition >= n {
		return fmt.Errorf("the record is for partition %d of topic %s, which has %d, counted from 0", r.Partition, r.Topic,
			n), nil
	}
	return nil, nil
}

// longestTopic is how many bytes the name of a topic has at most.
const longestTopic = 249

// checkName says why a name cannot be that of a topic. A transform may make it of
// what is in a record.
func checkName(name string) error {
	ok := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._-", c)
	}
	switch {
	case name == "":
		return errors.New("the record has no topic")
	case name == "." || name == ".." || len(name) > longestTopic ||
		strings.ContainsFunc(name, func(c rune) bool { return !ok(c) }):
		return fmt.Errorf("the record is for topic %.300q, and the name of a topic has at most %d letters, digits, dots, "+
			"underscores and hyphens, and is not . or ..", name, longestTopic)
	}
	return nil
}

// partitions returns how many partitions a topic has, which it creates when it
// is missing.
func (t *topics) partitions(ctx context.Context, topic string) (int32, error) {
	g, ours := t.creation.Group(topic)
	found, err := kafka.Existing(ctx, t.client, !ours, topic)
	if n, ok := found[topic]; ok || err != nil {
		return n, err
	}
	if !ours {
		return 0, fmt.Errorf("topic %s does not exist: create it, or let connector %s do so with "+
			"topic.creation.default.replication.factor and topic.creation.default.partitions", topic, t.connector)
	}
	err = kafka.Topic{Name: topic, Partitions: g.Partitions, Replication: g.Replication, Configs: g.Configs,
		ReplicationKey: "topic.creation." + g.Name + ".replication.factor"}.Create(ctx, kadm.NewClient(t.client))
	if err != nil {
		return 0, err
	}
	if found, err = kafka.Existing(ctx, t.client, false, topic); err != nil {
		return 0, err
	}
	return cmp.Or(found[topic], math.MaxInt32), nil // the broker asked may not have heard of it yet
}
