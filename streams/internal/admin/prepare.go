package admin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/topology"
)

// Options say how topics are made.
type Options struct {
	// Replication is the replication factor of the topics; -1 is the broker's
	// default. Default: -1.
	Replication int16
	// DeadLetters is the topic for dead letters, made if it is missing. Default:
	// none.
	DeadLetters string
}

// Plan describes the topics on the brokers.
type Plan struct {
	// Sources maps the Kafka names of source topics to subtopologies.
	Sources map[string]int
	// Partitions is the number of partitions of each subtopology.
	Partitions []int32
}

// Prepare checks that the topology's topics exist and makes the internal ones.
// The error names every topic that is missing or does not fit.
func Prepare(ctx context.Context, opts []kgo.Opt, n Names, t *topology.Topology, o Options) (*Plan, error) {
	// The client must not answer from memory while it waits for a topic.
	cl, err := kgo.NewClient(append(slices.Clone(opts), kgo.MetadataMinAge(newTopicPause/2))...)
	if err != nil {
		return nil, fmt.Errorf("prepare topics: %w", err)
	}
	defer cl.Close()
	p := &preparation{adm: kadm.NewClient(cl), names: n, options: o, plan: &Plan{
		Sources: map[string]int{}, Partitions: make([]int32, len(t.Subtopologies())),
	}}
	if err := p.list(ctx, t); err != nil {
		return nil, fmt.Errorf("prepare topics: %w", err)
	}
	if err := p.resolve(t); err != nil {
		return nil, fmt.Errorf("prepare topics: %w", err)
	}
	if err := p.create(ctx, t); err != nil {
		return nil, fmt.Errorf("prepare topics: %w", err)
	}
	return p.plan, nil
}

type preparation struct {
	adm     *kadm.Client
	names   Names
	options Options
	exist   kadm.TopicDetails
	plan    *Plan
}

// A topic that was made a moment ago may be unknown to the broker that answers, for
// newTopicWait at most. The broker is asked every newTopicPause.
const (
	newTopicWait  = 3 * time.Second
	newTopicPause = 100 * time.Millisecond
)

// list finds the topics that exist, and waits a little for missing ones.
func (p *preparation) list(ctx context.Context, t *topology.Topology) (err error) {
	for end := time.Now().Add(newTopicWait); ; {
		if p.exist, err = p.adm.ListTopicsWithInternal(ctx); err != nil {
			return fmt.Errorf("list: %w", err)
		}
		if err = p.check(t); err == nil || time.Now().After(end) {
			return err
		}
		if err := backoff.Sleep(ctx, newTopicPause); err != nil {
			return err
		}
	}
}

// check reports the topics that others must make and that do not exist.
func (p *preparation) check(t *topology.Topology) error {
	var errs []error
	missing := func(what, topic string) {
		if !p.exist.Has(topic) {
			errs = append(errs, fmt.Errorf("%s topic %s does not exist: create it first", what, topic))
		}
	}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Sources {
			if !s.Internal {
				missing("input", s.Topic)
			}
		}
		for _, s := range sub.Sinks {
			if !s.Internal {
				missing("output", s.Topic)
			}
		}
	}
	return errors.Join(errs...)
}

// resolve finds the number of partitions of every subtopology: that of its sources
// or, for an internal source, what its writer asks for or has itself.
func (p *preparation) resolve(t *topology.Topology) error {
	subs := t.Subtopologies()
	for range subs { // an internal topic may be fed by another one
		for i, sub := range subs {
			for _, s := range sub.Sources {
				p.plan.Sources[p.names.Topic(s.Topic)] = sub.ID
				if n := p.partitions(subs, s); n > 0 {
					p.plan.Partitions[i] = n
				}
			}
		}
	}
	for i, n := range p.plan.Partitions {
		if n == 0 {
			return fmt.Errorf("subtopology %d: its repartition topic has no writer", i)
		}
	}
	return nil
}

func (p *preparation) partitions(subs []topology.Subtopology, s topology.Source) int32 {
	if d, ok := p.exist[p.names.Topic(s.Topic)]; ok && d.Err == nil {
		return int32(len(d.Partitions))
	}
	for i, sub := range subs {
		for _, sink := range sub.Sinks {
			if sink.Internal && sink.Topic == s.Topic {
				return max(sink.Partitions, p.plan.Partitions[i])
			}
		}
	}
	return 0
}

// create makes the repartition, changelog and dead-letter topics that are missing.
func (p *preparation) create(ctx context.Context, t *topology.Topology) error {
	for _, sub := range t.Subtopologies() {
		n := p.plan.Partitions[sub.ID]
		for _, s := range sub.Sources {
			if !s.Internal {
				continue
			}
			if err := p.ensure(ctx, p.names.Topic(s.Topic), n, repartitionConfig()); err != nil {
				return err
			}
		}
		if len(sub.Stores) == 0 {
			continue
		}
		changelog := p.names.Changelog(sub.ID)
		if err := p.ensure(ctx, changelog, n, map[string]string{"cleanup.policy": "compact"}); err != nil {
			return err
		}
	}
	if p.options.DeadLetters == "" || p.exist.Has(p.options.DeadLetters) {
		return nil
	}
	return p.ensure(ctx, p.options.DeadLetters, 1, nil)
}

// repartitionConfig keeps records until the app deletes them itself.
func repartitionConfig() map[string]string {
	return map[string]string{"cleanup.policy": "delete", "retention.ms": "-1"}
}

// ensure makes a topic, or checks the partitions of one that exists.
func (p *preparation) ensure(ctx context.Context, topic string, partitions int32, configs map[string]string) error {
	if d, ok := p.exist[topic]; ok {
		if have := int32(len(d.Partitions)); have != partitions {
			return fmt.Errorf("internal topic %s has %d partitions and %d are needed: the input's partitions were changed; "+
				"stop all instances, reset the app (delete its internal topics and state) and start again", topic, have, partitions)
		}
		return nil
	}
	return kafka.Topic{
		Name: topic, Partitions: partitions, Configs: configs,
		Replication: p.options.Replication, ReplicationKey: "replication.factor",
	}.Create(ctx, p.adm)
}

// sorted returns the keys of m in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
