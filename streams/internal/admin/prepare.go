package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/internal/statedir"
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
	// CreateTopics makes input and output topics that are missing. Default: a
	// missing topic is an error.
	CreateTopics bool
	// Partitions is how many partitions such a topic gets. 0 and -1 stand for the
	// broker's default in an input topic, and for as many as the subtopology that
	// writes it has in an output topic.
	Partitions int32
	// Configs are configurations of internal topics, in front of those that the app gives
	// them. Default: none.
	Configs map[string]string
	// Ahead is how far ahead of the clock the app takes timestamps. Default: any.
	Ahead time.Duration
	// Stored reports whether this instance has state of a partition of a store. Default:
	// it has none.
	Stored func(store string, partition int32) (bool, error)
	// Patience is how long topics may have no leader, and brokers may be away. Default: topics must
	// have one, and brokers answer.
	Patience time.Duration
	// Logger gets what the app waits for. Default: nobody does.
	Logger *slog.Logger
	// StateDir is the folder that errors about state name.
	StateDir string
	// Brokers are those that the commands in errors name, host:port with commas
	// between.
	Brokers string
}

// Plan describes the topics on the brokers.
type Plan struct {
	// Sources maps the Kafka names of source topics to subtopologies.
	Sources map[string]int
	// Topics are the numbers of partitions of the source topics.
	Topics map[string]int32
	// Partitions is the number of partitions of each subtopology.
	Partitions []int32
	// Created are the input and output topics that were made.
	Created []string
}

// Prepare checks that the topology's topics exist, makes the internal ones, and waits until what
// was made has leaders. Where brokers go away meanwhile it begins again, for Options.Patience.
// The error names every topic that is missing or does not fit.
func Prepare(ctx context.Context, opts []kgo.Opt, n Names, t *topology.Topology, o Options) (*Plan, error) {
	// The client must not answer from memory while it waits for a topic.
	cl, err := kgo.NewClient(append(slices.Clone(opts), kgo.MetadataMinAge(newTopicPause/2))...)
	if err != nil {
		return nil, fmt.Errorf("prepare topics: %w", err)
	}
	defer cl.Close()
	var created []string
	var p *preparation
	err = kafka.Outlast(ctx, o.Patience, func() error {
		p = &preparation{adm: kadm.NewClient(cl), names: n, options: o, plan: &Plan{
			Sources: map[string]int{}, Topics: map[string]int32{}, Partitions: make([]int32, len(t.Subtopologies())),
		}}
		err := p.run(ctx, t)
		created = append(created, p.plan.Created...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("prepare topics: %w", err)
	}
	p.plan.Created = created
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

func (p *preparation) run(ctx context.Context, t *topology.Topology) (err error) {
	inputs := func(u use) bool { return u.input }
	all := func(use) bool { return true }
	if p.options.CreateTopics {
		if err := p.createMissing(ctx, t, inputs); err != nil {
			return err
		}
	}
	needed := all
	if p.options.CreateTopics {
		needed = inputs // the number of partitions of the others follows from them
	}
	if err := p.list(ctx, t, needed); err != nil {
		return err
	}
	if err := p.resolve(t); err != nil {
		return err
	}
	if p.options.CreateTopics {
		if err := p.createMissing(ctx, t, all); err != nil {
			return err
		}
		if err := p.list(ctx, t, all); err != nil {
			return err
		}
	}
	return p.create(ctx, t)
}

// createMissing makes the topics of those uses that do not exist.
func (p *preparation) createMissing(ctx context.Context, t *topology.Topology, which func(use) bool) (err error) {
	if p.exist, err = p.adm.ListTopicsWithInternal(ctx); err != nil {
		return fmt.Errorf("list: %w", err)
	}
	for _, u := range uses(t) {
		if !which(u) || p.exist.Has(u.topic) || slices.Contains(p.plan.Created, u.topic) {
			continue
		}
		n := p.options.Partitions
		if n <= 0 {
			n = -1
		}
		if n < 0 && !u.input {
			n = p.plan.Partitions[u.sub]
		}
		topic := kafka.Topic{
			Name: u.topic, Partitions: n, Replication: p.options.Replication, ReplicationKey: "replication.factor",
		}
		if err := topic.Create(ctx, p.adm); err != nil {
			return err
		}
		p.plan.Created = append(p.plan.Created, u.topic)
	}
	return nil
}

// list finds the topics that exist, and waits a little for missing ones.
func (p *preparation) list(ctx context.Context, t *topology.Topology, needed func(use) bool) (err error) {
	for end := time.Now().Add(newTopicWait); ; {
		if p.exist, err = p.adm.ListTopicsWithInternal(ctx); err != nil {
			return fmt.Errorf("list: %w", err)
		}
		gone := slices.DeleteFunc(uses(t), func(u use) bool { return !needed(u) || p.exist.Has(u.topic) })
		if len(gone) == 0 {
			return nil
		}
		if time.Now().After(end) {
			return missing(gone, p.exist.Names(), p.options)
		}
		if err := backoff.Sleep(ctx, newTopicPause); err != nil {
			return err
		}
	}
}

// own is an internal topic, or the one for dead letters.
type own struct {
	kafka.Topic
	store string // of a changelog
}

// own returns the app's own topics: repartition topics, changelogs, and that for dead letters,
// unless it exists.
func (p *preparation) own(t *topology.Topology) (all []own) {
	add := func(topic string, partitions int32, configs map[string]string, store string) {
		if configs != nil { // an internal topic
			maps.Copy(configs, p.options.Configs)
		}
		all = append(all, own{kafka.Topic{Name: topic, Partitions: partitions, Configs: configs,
			Replication: p.options.Replication, ReplicationKey: "replication.factor"}, store})
	}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Sources {
			if s.Internal {
				topic := p.names.Topic(s.Topic)
				add(topic, p.plan.Topics[topic], repartitionConfig(), "")
			}
		}
		n := p.plan.Partitions[sub.ID]
		if n == 0 {
			continue // no topic matches the pattern of its source yet
		}
		for _, store := range sub.Logged() {
			add(p.names.Changelog(store.Name), n, changelogConfig(store), store.Name)
		}
	}
	if p.options.DeadLetters != "" && !p.exist.Has(p.options.DeadLetters) {
		add(p.options.DeadLetters, 1, nil, "")
	}
	return all
}

// create makes those of the app's own topics that are missing, when all that exist fit.
func (p *preparation) create(ctx context.Context, t *topology.Topology) error {
	errs := []error{p.checkFormer(t)}
	all := p.own(t)
	for i := range all {
		errs = append(errs, p.check(&all[i]))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	led := slices.Clone(p.plan.Created)
	for _, topic := range all {
		led = append(led, topic.Name)
		if p.exist.Has(topic.Name) {
			continue
		}
		if err := topic.create(ctx, p.adm); err != nil {
			return err
		}
	}
	if err := (leaders{p.adm, p.options.Patience, p.options.Logger}).await(ctx, led); err != nil {
		return err
	}
	internal := slices.DeleteFunc(all, func(o own) bool { return o.Configs == nil })
	times{p.adm, p.options.Ahead, p.options.Brokers, p.options.Logger}.warn(ctx, internal)
	return nil
}

// check returns why one of the app's own topics does not fit. A changelog that is missing
// while this instance has the store's state was deleted: to make it again would lose what
// the store has.
func (p *preparation) check(topic *own) error {
	if d, ok := p.exist[topic.Name]; ok {
		if have := int32(len(d.Partitions)); have != topic.Partitions {
			return fmt.Errorf("internal topic %s has %d partitions and %d are needed: the input's partitions were changed; "+
				"stop all instances, reset the app (delete its internal topics and state) and start again", topic.Name, have,
				topic.Partitions)
		}
		return nil
	}
	if topic.store == "" || p.options.Stored == nil {
		return nil
	}
	for i := range topic.Partitions {
		stored, err := p.options.Stored(topic.store, i)
		if err != nil {
			return err
		}
		if stored {
			return fmt.Errorf("changelog %s does not exist, and this instance has state that it held: %s", topic.Name,
				statedir.WaysOut(p.options.StateDir))
		}
	}
	return nil
}

// checkFormer refuses to begin with empty stores where an earlier version has left
// changelogs, which it named by the numbers of subtopologies.
func (p *preparation) checkFormer(t *topology.Topology) error {
	own := map[string]bool{}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Logged() {
			own[p.names.Changelog(s.Name)] = true
		}
	}
	for i := range t.Subtopologies() {
		topic := p.names.Changelog(strconv.Itoa(i))
		if len(own) > 0 && !own[topic] && p.exist.Has(topic) {
			return fmt.Errorf("topic %s is the changelog of an earlier version, which is not read any more: reset the app, and "+
				"delete the topic, too (reset --internal-topics %[1]s), or use another application.id", topic)
		}
	}
	return nil
}

// sorted returns the keys of m in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
