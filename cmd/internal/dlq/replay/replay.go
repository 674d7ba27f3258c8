// Package replay puts dead letters back into the topics where their records came from,
// each exactly once.
//
// The records are written in transactions, and each transaction also commits, for a group,
// which letters were put back: see [Memory]. Whatever interrupts a replay, a transaction
// either has happened as a whole or not at all, and the next replay with the group
// goes on behind it. The transactional id is that of the group: a second replay ends
// the first one's transaction and makes Kafka refuse whatever the first still tries.
package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/dlq/cluster"
	"github.com/suiro/suiro/cmd/internal/dlq/letter"
	"github.com/suiro/suiro/cmd/internal/dlq/reader"
	"github.com/suiro/suiro/internal/deadletter"
	"github.com/suiro/suiro/internal/kafka"
)

// What a transaction holds at most.
const (
	maxLetters = 1000
	maxBytes   = 4 << 20
)

// Replay puts letters of a topic back. It is used by one goroutine.
type Replay struct {
	// Progress is called after each transaction with how many letters have been put back.
	// Default: nothing is called.
	Progress func(letters int64)
	// Letters is how many letters a transaction holds at most. Default: 1000.
	Letters int

	cluster      *cluster.Cluster
	client       *kgo.Client
	topic, group string
	choice       Choice
	spans        []reader.Span
	partitions   map[string]int32 // of the topics to write to
}

// Open looks at the topic and the group. What is appended to the topic afterwards is left
// to another replay, so that a record that fails again at once is not put back again and
// again.
func Open(ctx context.Context, c *cluster.Cluster, topic, group string, choice Choice) (*Replay, error) {
	cl, err := c.Client()
	if err != nil {
		return nil, err
	}
	r := &Replay{Letters: maxLetters, cluster: c, client: cl, topic: topic, group: group, choice: choice}
	if r.spans, err = reader.Spans(ctx, cl, topic); err == nil {
		_, err = choice.Range.Within(r.spans)
	}
	if err == nil {
		err = checkFree(ctx, cl, group)
	}
	if err != nil {
		cl.Close()
		return nil, err
	}
	return r, nil
}

// Close closes the connections.
func (r *Replay) Close() { r.client.Close() }

// Plan reads the letters, and says what Run will do. The error may be that a topic to write
// to is missing.
func (r *Replay) Plan(ctx context.Context) (*Plan, error) {
	memories, err := Look(ctx, r.client, r.group, r.topic, r.spans)
	if err != nil {
		return nil, err
	}
	plan := r.plan(memories)
	if err := r.scan(ctx, memories, plan, r.spans, func(*kgo.Record) error { return nil }); err != nil {
		return nil, err
	}
	slices.SortFunc(plan.Targets, func(a, b *Target) int { return strings.Compare(a.Topic, b.Topic) })
	return plan, r.targets(ctx, plan)
}

func (r *Replay) plan(m Memories) *Plan {
	return &Plan{Topic: r.topic, Group: r.group, Forgotten: !m.Known(), Targets: []*Target{}, Stuck: []*Stuck{}}
}

// targets finds out how many partitions the topics have that are written to.
func (r *Replay) targets(ctx context.Context, plan *Plan) error {
	var names []string
	for _, t := range plan.Targets {
		names = append(names, t.Topic)
	}
	found, err := kafka.Existing(ctx, r.client, false, names...)
	if err != nil {
		return cluster.Explain(err)
	}
	r.partitions = found
	names = slices.DeleteFunc(names, func(name string) bool { _, ok := found[name]; return ok })
	if len(names) > 0 {
		return fmt.Errorf("there is no topic %s, where letters of %s are to go: make it, choose another one with --to, or "+
			"leave these letters out with --origin", strings.Join(names, ", "), r.topic)
	}
	return nil
}

// scan reads spans, which are all that follows what was put back or more, notes in the
// memories which letters are put back now, and calls put with the record of each of these.
func (r *Replay) scan(ctx context.Context, memories Memories, plan *Plan, spans []reader.Span,
	put func(*kgo.Record) error) error {
	walks := map[int32]*walk{}
	for _, s := range r.spans {
		walks[s.Partition] = newWalk(memories[s.Partition])
	}
	take := func(rec *kgo.Record) (bool, error) {
		l, w := letter.Parse(rec), walks[rec.Partition]
		v, why := r.choice.judge(w.memory, l)
		if v != putBack {
			w.pass(rec.Offset)
			plan.add(v, why, l, nil)
			return true, nil
		}
		original := l.Original(r.choice.To)
		if n, known := r.partitions[original.Topic]; known && original.Partition >= n {
			original.Partition = -1 // the topic was made again with fewer
		}
		w.put(rec.Offset)
		plan.add(v, why, l, original)
		more := r.choice.Limit == 0 || plan.Letters < r.choice.Limit
		return more, put(original)
	}
	refused := func(b kafka.Batch) {
		walks[b.Partition].pass(b.Next - 1)
		s := plan.stuck("the batch is too large to be read: read it with another program")
		s.Letters += b.Records()
		s.Example = fmt.Sprintf("%d@%d", b.Partition, b.First)
	}
	return reader.Reader{Record: take, Refused: refused}.Read(ctx, r.client, r.topic, spans)
}

// Run puts the letters back that Plan has found. The plan that is returned with an error has
// in Letters how many have been put back until then.
func (r *Replay) Run(ctx context.Context) (done *Plan, err error) {
	cl, err := r.cluster.Transactional(r.group)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	b := newBatches(cl, r.group, r.topic)
	if err := b.fence(ctx); err != nil {
		return nil, r.explain(err)
	}
	memories, err := load(kadm.RequireStable(ctx), cl, r.group, r.topic, r.spans)
	if err != nil {
		return nil, err
	}
	plan := r.plan(memories)
	put := func(original *kgo.Record) error {
		b.add(original)
		if len(b.records) < r.Letters && b.bytes < maxBytes {
			return nil
		}
		return r.commit(ctx, b, memories)
	}
	err = r.scan(ctx, memories, plan, memories.rest(r.spans), put)
	if err == nil && len(b.records) > 0 {
		err = r.commit(ctx, b, memories)
	}
	plan.Letters, plan.Done = b.written, err == nil
	slices.SortFunc(plan.Targets, func(a, b *Target) int { return strings.Compare(a.Topic, b.Topic) })
	if err != nil {
		return plan, r.explain(err)
	}
	return plan, nil
}

func (r *Replay) commit(ctx context.Context, b *batches, memories Memories) error {
	if err := b.commit(ctx, memories); err != nil {
		return err
	}
	if r.Progress != nil {
		r.Progress(b.written)
	}
	return nil
}

// explain says what to do about an error of writing.
func (r *Replay) explain(err error) error {
	switch {
	case errors.Is(err, kerr.ProducerFenced), errors.Is(err, kerr.InvalidProducerEpoch):
		return fmt.Errorf("%w: another replay with group %s has begun and goes on in the place of this one", err, r.group)
	case errors.Is(err, errTooMany):
		return fmt.Errorf("%w of group %s: put back letters that were left in between, with fewer filters, or go on behind "+
			"them with --offset and a --group of its own", err, r.group)
	case errors.Is(err, kerr.MessageTooLarge), errors.Is(err, kerr.RecordListTooLarge):
		return fmt.Errorf("%w: raise max.message.bytes of the topic, or max.request.size in the file of --config", err)
	case errors.Is(err, kerr.InvalidTimestamp):
		return fmt.Errorf("%w: the topic takes no records of that time: raise its message.timestamp.before.max.ms", err)
	case errors.Is(err, kerr.InvalidRecord):
		return fmt.Errorf("%w: a compacted topic takes no record without a key", err)
	}
	return cluster.Explain(err)
}

// batches writes records in transactions, with what is remembered of them.
type batches struct {
	producer     *producer
	group, topic string
	records      []*kgo.Record
	bytes        int
	written      int64 // in transactions that were committed
}

func newBatches(cl *kgo.Client, group, topic string) *batches {
	return &batches{producer: newProducer(cl), group: group, topic: topic}
}

// fence ends what another replay is about.
func (b *batches) fence(ctx context.Context) error {
	if err := b.producer.Fence(ctx); err != nil {
		return fmt.Errorf("begin with the transactional id %s: %w", b.group, err)
	}
	return nil
}

func (b *batches) add(r *kgo.Record) {
	b.records = append(b.records, r)
	b.bytes += deadletter.Size(r)
}

// commit writes the records that were added.
func (b *batches) commit(ctx context.Context, memories Memories) error {
	offsets, err := memories.offsets()
	if err != nil {
		return err
	}
	err = b.producer.write(ctx, b.records, func(ctx context.Context) error {
		return commitOffsets(ctx, b.producer.client, b.group, b.topic, offsets)
	})
	if err != nil {
		return err
	}
	b.written += int64(len(b.records))
	b.records, b.bytes = nil, 0
	return nil
}
