// Package topics lists, describes and makes the topics of a cluster.
package topics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
)

// Client asks the brokers. Each call is bounded by its context alone.
type Client struct {
	cl  *kgo.Client
	adm *kadm.Client
}

// Open connects to the brokers that the properties name, which are the keys of a
// client. Keys of producers and consumers in them have no effect. An error of the
// properties is a [config.Errors]; another one says why no broker answers.
func Open(ctx context.Context, props map[string]string) (*Client, error) {
	values, err := kafka.Admin.ParseShared(props)
	if err != nil {
		return nil, err
	}
	opts, err := kafka.Admin.Options(values, nil)
	if err != nil {
		return nil, err
	}
	if err := kafka.Check(ctx, opts...); err != nil {
		return nil, err
	}
	cl, err := kgo.NewClient(append(opts, kgo.RequestRetries(3))...)
	if err != nil {
		return nil, fmt.Errorf("configure the kafka client: %w", err)
	}
	return &Client{cl, kadm.NewClient(cl)}, nil
}

// Close closes the connections.
func (c *Client) Close() { c.cl.Close() }

// List returns all topics by name, and of internal ones only with internal. hidden
// is the number of those left out.
func (c *Client) List(ctx context.Context, internal bool) (list []Topic, hidden int, err error) {
	details, err := c.adm.ListTopicsWithInternal(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("list topics: %w", explain(err))
	}
	for _, d := range details.Sorted() {
		if !internal && (d.IsInternal || strings.HasPrefix(d.Topic, "__")) {
			hidden++
			continue
		}
		list = append(list, topicOf(d))
	}
	return list, hidden, c.addOffsets(ctx, list)
}

// Describe returns topics with their own settings. The error names every topic that
// there is not, and the one that was probably meant.
func (c *Client) Describe(ctx context.Context, names []string) ([]Topic, error) {
	details, err := c.adm.ListTopicsWithInternal(ctx)
	if err != nil {
		return nil, fmt.Errorf("describe topics: %w", explain(err))
	}
	var list []Topic
	var errs []error
	for _, name := range names {
		d, ok := details[name]
		switch {
		case !ok:
			errs = append(errs, missing(name, details.Names()))
		case d.Err != nil:
			errs = append(errs, fmt.Errorf("describe topic %s: %w", name, explain(d.Err)))
		default:
			list = append(list, topicOf(d))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if err := c.addOffsets(ctx, list); err != nil {
		return nil, err
	}
	return list, c.addConfigs(ctx, list)
}

// addOffsets completes partitions with their first and next offsets. Those that
// cannot be read stay unknown.
func (c *Client) addOffsets(ctx context.Context, list []Topic) error {
	var names []string
	for _, t := range list {
		names = append(names, t.Name)
	}
	if len(names) == 0 {
		return nil
	}
	first, err := c.adm.ListStartOffsets(ctx, names...)
	if err == nil {
		var next kadm.ListedOffsets
		if next, err = c.adm.ListEndOffsets(ctx, names...); err == nil {
			setOffsets(list, first, next)
		}
	}
	var some *kadm.ShardErrors
	if errors.As(err, &some) && !some.AllFailed {
		return nil // of the brokers that are away
	}
	if err != nil {
		return fmt.Errorf("list offsets: %w", explain(err))
	}
	return nil
}

func setOffsets(list []Topic, first, next kadm.ListedOffsets) {
	for i := range list {
		for j := range list[i].Partitions {
			p := &list[i].Partitions[j]
			from, hasFirst := first.Lookup(list[i].Name, p.ID)
			to, hasNext := next.Lookup(list[i].Name, p.ID)
			if hasFirst && hasNext && from.Err == nil && to.Err == nil {
				p.First, p.Next, p.Known = from.Offset, to.Offset, true
			}
		}
	}
}

// addConfigs completes topics with the settings that are their own and not the
// brokers'.
func (c *Client) addConfigs(ctx context.Context, list []Topic) error {
	var names []string
	for _, t := range list {
		names = append(names, t.Name)
	}
	configs, err := c.adm.DescribeTopicConfigs(ctx, names...)
	if err != nil {
		return fmt.Errorf("describe the settings of topics: %w", explain(err))
	}
	for i := range list {
		r, err := configs.On(list[i].Name, nil)
		if err = cmp.Or(err, r.Err); err != nil {
			return fmt.Errorf("describe the settings of topic %s: %w", list[i].Name, explain(err))
		}
		for _, own := range r.Configs {
			if own.Source.String() == "DYNAMIC_TOPIC_CONFIG" {
				list[i].Configs = append(list[i].Configs, [2]string{own.Key, own.MaybeValue()})
			}
		}
		slices.SortFunc(list[i].Configs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	}
	return nil
}

// missing is the error for a topic that does not exist.
func missing(name string, all []string) error {
	if near := config.Nearest(name, all); near != "" {
		return fmt.Errorf("there is no topic %s, did you mean %s?", name, near)
	}
	return fmt.Errorf("there is no topic %s, or its ACLs do not let this user see it", name)
}

// explain adds what to do to errors of Kafka.
func explain(err error) error {
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return fmt.Errorf("%w: give the user the ACLs Describe and DescribeConfigs on the topic, and Create to make it", err)
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		return fmt.Errorf("%w: give the user the ACL Create on the cluster", err)
	}
	return err
}
