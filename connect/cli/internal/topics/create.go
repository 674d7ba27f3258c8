package topics

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/suiro/suiro/internal/kafka"
)

// ErrExists is that there is a topic of the name already.
var ErrExists = errors.New("it exists already")

// Create makes a topic; negative numbers of partitions and replicas are the
// brokers' choice. A topic that exists is an error, which is [ErrExists] when the
// number of partitions is the one that was asked for.
func (c *Client) Create(ctx context.Context, t kafka.Topic) error {
	details, err := c.adm.ListTopicsWithInternal(ctx, t.Name)
	if err != nil {
		return fmt.Errorf("create topic %s: %w", t.Name, explain(err))
	}
	if d, ok := details[t.Name]; ok && d.Err == nil {
		return exists(topicOf(d), t)
	}
	err = t.Create(ctx, c.adm)
	switch {
	case errors.Is(err, kerr.InvalidReplicationFactor):
		return fmt.Errorf("%w: --replication-factor must not be more than the number of brokers", err)
	case err != nil:
		return explain(err)
	}
	return nil
}

func exists(is Topic, asked kafka.Topic) error {
	n := len(is.Partitions)
	if asked.Partitions > 0 && int(asked.Partitions) != n {
		return differs(is.Name, "number of partitions", n, int(asked.Partitions))
	}
	if asked.Replication > 0 && int(asked.Replication) != is.Replicas {
		return differs(is.Name, "replication factor", is.Replicas, int(asked.Replication))
	}
	return fmt.Errorf("create topic %s: %w", is.Name, ErrExists)
}

func differs(name, what string, is, asked int) error {
	return fmt.Errorf("create topic %s: it exists with the %s %d, and %d was asked for: "+
		"choose another name, or take it as it is", name, what, is, asked)
}
