package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/IBM/sarama"
	"github.com/lovoo/goka"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/internal/timers"
	"github.com/suiro/suiro/streams/topology"
)

// run builds the goka processor of the task and runs it until ctx is done or
// it fails.
func (t *Task) run(ctx context.Context) error {
	if int(t.ID.Partition) >= t.Partitions {
		return fmt.Errorf("task %s: its topic has more than the %d partitions that it had when the app started; restart all "+
			"instances, and reset the app first if it has stores or repartition topics", t.ID, t.Partitions)
	}
	t.open()
	if t.DB != nil {
		if err := restore.Run(ctx, t.restoring()); err != nil {
			return err
		}
	}
	p, err := goka.NewProcessor(nil, t.graph(), t.builders()...)
	if err != nil {
		return fmt.Errorf("task %s: %w", t.ID, err)
	}
	defer restore.ForgetMemory(t.restoring())
	defer t.Close()
	err = p.Run(ctx)
	switch {
	case t.unstarted != nil:
		return t.unstarted // goka adds words of its own
	case err != nil:
		return fmt.Errorf("task %s: %w", t.ID, err)
	}
	return nil
}

// open makes what the nodes and the changelogs share.
func (t *Task) open() {
	if t.DB != nil {
		if t.Prefix == nil {
			t.Prefix = restore.StatePrefix(t.ID.Partition)
		}
		t.overlay = stores.NewOverlay(t.DB, t.Prefix)
		if t.Shared != nil {
			t.overlay.Share(t.Shared)
		}
		for _, s := range t.Sub.Logged() {
			t.logs = append(t.logs, newChangelog(s, t.Changelog(s.Name), t.ID.Partition, t.AdditionalRetention))
		}
	}
	noted := t.Options.Kept
	if t.DB != nil {
		noted = restore.NoteKinds(noted, t.Sub.Logged())
	}
	t.node = &nodeContext{t: t, once: map[string]any{}, topics: map[string]string{}, now: t.streamTime,
		timers: timers.New(), kept: kept{now: maps.Clone(noted), committed: maps.Clone(noted)}}
	for _, s := range t.Sub.Sinks {
		t.node.topics[s.Topic] = t.Topic(s.Topic)
	}
	t.node.read, t.node.written = t.Metrics.Flows(t.Sub, t.Topic, t.Failures.DeadLetters)
}

// restoring is what the task is restored with.
func (t *Task) restoring() restore.Options {
	o := restore.Options{
		Task: t.ID.String(), Partition: t.ID.Partition, Stores: t.Sub.Stores, DB: t.DB, Client: t.Client, Admin: t.Admin,
		StateDir: t.StateDir, Ahead: t.Ahead, Away: t.Away, Kept: t.Options.Kept, Listener: t.Listener,
		Restored: &t.restored, Remaining: &t.remaining, Metrics: t.Metrics,
		Turns: t.Turns, Logger: t.Logger,
	}
	for _, l := range t.logs {
		o.Logs = append(o.Logs, restore.Changelog{Store: l.store, Topic: l.topic, Horizon: l.horizon})
	}
	return o
}

// group is goka's name of the task.
func (t *Task) group() goka.Group { return goka.Group(t.ApplicationID + "-" + t.ID.String()) }

// input is the name of the claim that carries the batches of all sources.
func (t *Task) input() goka.Stream { return goka.Stream(t.group() + "-input") }

func (t *Task) graph() *goka.GroupGraph {
	return goka.DefineGroup(t.group(), goka.Input(t.input(), batchCodec{t}, func(ctx goka.Context, m any) {
		t.handle(m.(*batch), ctx.DeferCommit())
	}))
}

func (t *Task) builders() []goka.ProcessorOption {
	return []goka.ProcessorOption{
		goka.WithConsumerGroupBuilder(func([]string, string, string) (sarama.ConsumerGroup, error) {
			return &memberGroup{task: t, errs: make(chan error)}, nil
		}),
		goka.WithConsumerSaramaBuilder(func([]string, string) (sarama.Consumer, error) { return noConsumer{}, nil }),
		goka.WithTopicManagerBuilder(func([]string) (goka.TopicManager, error) { return topicManager{t}, nil }),
		goka.WithProducerBuilder(noProducer),
		goka.WithLogger(gokaLogger{t.Logger}),
	}
}

// started is called by the consumer group when goka is about to take records: it makes
// the nodes and opens the task for records.
func (t *Task) started() error {
	t.unstarted = t.start()
	return t.unstarted
}

func (t *Task) start() error {
	t.streamTime = max(t.believable(t.streamTime), NoStreamTime)
	t.node.now = t.streamTime
	for i, l := range t.logs {
		most := t.Limits.Bytes(l.topic) - limits.Size(nil, nil, nil) - keyOverhead
		if i == 0 || most < t.bound {
			t.bound = most
			t.overlay.Bound(most)
		}
	}
	if err := t.openStores(); err != nil {
		return fmt.Errorf("task %s: open the stores: %w", t.ID, err)
	}
	if err := t.makeNodes(); err != nil {
		return fmt.Errorf("task %s: start the nodes: %w", t.ID, err)
	}
	slices.Reverse(t.node.flushes)
	close(t.ready)
	return nil
}

// openStores makes the stores over what was restored.
func (t *Task) openStores() (err error) {
	var specs []kinds.Spec
	if t.overlay != nil {
		for _, s := range t.Sub.Stores {
			specs = append(specs, s.Spec)
		}
	}
	t.stores, err = kinds.Open(t.node.Overlay(), specs...)
	return err
}

// makeNodes makes the nodes of each source. They are the app's own code, which may
// panic. The last ones are made first, so that the first ones are first at the end of an
// epoch: in the order of Kafka Streams.
func (t *Task) makeNodes() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = node.Panicked(p)
		}
	}()
	for i := range slices.Backward(t.Sub.Sources) {
		s := &source{Source: &t.Sub.Sources[i]}
		s.handle = s.New(t.node)
		for _, topic := range s.Reads() {
			t.sources[t.Topic(topic)] = s
		}
		if s.Pattern != nil {
			t.patterns = append(t.patterns, s)
		}
	}
	return nil
}

// source is a source of a task.
type source struct {
	*topology.Source
	handle topology.Handler
}

// source returns the one that reads a topic, nil when there is none.
func (t *Task) source(topic string) *source {
	if s := t.sources[topic]; s != nil {
		return s
	}
	for _, s := range t.patterns {
		if s.Matches(topic) {
			t.sources[topic] = s
			return s
		}
	}
	return nil
}

// batchCodec finds the batch of a message; the message itself is only a token.
type batchCodec struct{ t *Task }

func (c batchCodec) Encode(any) ([]byte, error) { return nil, errors.New("batches are never written") }
func (c batchCodec) Decode([]byte) (any, error) { return c.t.next(), nil }

// gokaLogger logs what goka prints at debug level. The host logs what concerns
// people itself.
type gokaLogger struct{ log *slog.Logger }

func (l gokaLogger) Print(v ...any)                 { l.log.Debug(fmt.Sprint(v...)) }
func (l gokaLogger) Println(v ...any)               { l.log.Debug(fmt.Sprint(v...)) }
func (l gokaLogger) Printf(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }

var _ goka.Logger = gokaLogger{}
var _ topology.Context = (*nodeContext)(nil)
