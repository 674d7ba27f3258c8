package topics

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/suiro/suiro/connectors/mirror/internal/selection"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Configs makes the configurations of mirrored topics those of their originals.
type Configs struct {
	*Flow
	// Excluded chooses the keys that are left alone, and SourceDefaults says that a topic without a
	// value of its own gets the source's default, not the target's.
	Excluded       selection.Selection
	SourceDefaults bool
}

// setting is a value of the configuration of a topic.
type setting struct {
	value  string
	source kmsg.ConfigSource
}

// settings is the configuration of a topic.
type settings map[string]setting

// describe returns the configurations of topics of a cluster. A topic that is gone meanwhile is not
// in the result, nor is a setting that is secret or has no value.
func describe(ctx context.Context, cl *kgo.Client, which string, topics []string) (map[string]settings, error) {
	answers, err := kadm.NewClient(cl).DescribeTopicConfigs(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("read the configurations of topics of the %s cluster: %w", which, err)
	}
	out := map[string]settings{}
	for _, a := range answers {
		if errors.Is(a.Err, kerr.UnknownTopicOrPartition) {
			continue
		}
		if a.Err != nil {
			return nil, fmt.Errorf("read the configuration of topic %s of the %s cluster: %w", a.Name, which, a.Err)
		}
		out[a.Name] = settings{}
		for _, c := range a.Configs {
			if !c.Sensitive && c.Value != nil {
				out[a.Name][c.Key] = setting{*c.Value, c.Source}
			}
		}
	}
	return out, nil
}

// initial returns the configuration with which a mirrored topic is made.
func (c *Configs) initial(of settings) (map[string]string, error) {
	out := map[string]string{}
	for key, s := range of {
		copied, err := c.copies(key, s)
		if err != nil {
			return nil, err
		}
		if copied && (s.source != kmsg.ConfigSourceDefaultConfig || c.SourceDefaults) {
			out[key] = s.value
		}
	}
	return out, nil
}

// copies reports whether a mirrored topic follows a setting of its original. What is in the
// properties file of the source's brokers it does not follow.
func (c *Configs) copies(key string, s setting) (bool, error) {
	if s.source == kmsg.ConfigSourceStaticBrokerConfig {
		return false, nil
	}
	excluded, err := c.Excluded.Chooses(key)
	if err != nil {
		return false, fmt.Errorf("config.properties.exclude: %s: %w", key, err)
	}
	return !excluded, nil
}

// Sync gives the mirrors of topics the configurations of their originals.
func (c *Configs) Sync(ctx context.Context, topics []string) error {
	if len(topics) == 0 {
		return nil
	}
	source, err := describe(ctx, c.Source, "source", topics)
	if err != nil {
		return err
	}
	remotes := make([]string, len(topics))
	for i, topic := range topics {
		remotes[i] = c.remote(topic)
	}
	target, err := describe(ctx, c.Target, "target", remotes)
	if err != nil {
		return err
	}
	req := kmsg.NewPtrIncrementalAlterConfigsRequest()
	for i, topic := range topics {
		theirs, made := target[remotes[i]]
		if !made {
			continue
		}
		changes, err := c.changes(source[topic], theirs)
		if err != nil {
			return err
		}
		if len(changes) > 0 {
			r := kmsg.NewIncrementalAlterConfigsRequestResource()
			r.ResourceType, r.ResourceName, r.Configs = kmsg.ConfigResourceTypeTopic, remotes[i], changes
			req.Resources = append(req.Resources, r)
		}
	}
	return c.alter(ctx, req)
}

// change is a change of one setting.
type change = kmsg.IncrementalAlterConfigsRequestResourceConfig

// changes returns what is to be changed in the configuration of a mirrored topic.
func (c *Configs) changes(original, mirrored settings) (out []change, err error) {
	for _, key := range slices.Sorted(maps.Keys(original)) {
		want, has := original[key], mirrored[key]
		copied, err := c.copies(key, want)
		if err != nil {
			return nil, err
		}
		todo := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		todo.Name = key
		switch own := has.source == kmsg.ConfigSourceDynamicTopicConfig; {
		case !copied:
			continue
		case want.source == kmsg.ConfigSourceDefaultConfig && !c.SourceDefaults:
			if !own {
				continue
			}
			todo.Op = kmsg.IncrementalAlterConfigOpDelete
		case want.value == has.value:
			continue
		default:
			todo.Op, todo.Value = kmsg.IncrementalAlterConfigOpSet, kmsg.StringPtr(want.value)
		}
		out = append(out, todo)
	}
	return out, nil
}

// alter makes the changes. One that a broker refuses is logged.
func (c *Configs) alter(ctx context.Context, req *kmsg.IncrementalAlterConfigsRequest) error {
	if len(req.Resources) == 0 {
		return nil
	}
	resp, err := req.RequestWith(ctx, c.Target)
	if err != nil {
		return fmt.Errorf("change the configurations of mirrored topics: %w", err)
	}
	for _, r := range resp.Resources {
		if err := refused(r.ErrorCode, r.ErrorMessage); err != nil {
			c.Logger.Warn("the configuration of a mirrored topic cannot be changed", "topic", r.ResourceName, "error", err)
		} else {
			c.Logger.Info("changed the configuration of a mirrored topic", "topic", r.ResourceName)
		}
	}
	return nil
}

// refused returns a broker's error with what the broker says about it, nil when there is none.
func refused(code int16, message *string) error {
	err := kerr.ErrorForCode(code)
	if err == nil || message == nil || *message == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, *message)
}
