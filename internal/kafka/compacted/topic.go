// Package compacted reads a compacted topic to its end, again and again, as
// whoever keeps state in such a topic does: a value for each key, where the last
// one written counts.
//
//	topic, err := compacted.Open(ctx, kafka.Topic{Name: "offsets"}, opts, apply)
//	err = topic.Refresh(ctx)        // apply has seen all that was written before
//	err = topic.Write(ctx, records) // seen at the next Refresh
//	err = topic.Follow(ctx, nil)    // apply sees what is written, as it is written
//
// The topic is read with read_committed, so that records may be written in
// transactions of others. A topic that would lose values, as its cleanup.policy
// is not compact, is refused.
package compacted

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Topic is a compacted topic. It is safe for concurrent use.
type Topic struct {
	name     string
	apply    func(*kgo.Record)
	producer *kgo.Client
	consumer *kgo.Client
	admin    *kadm.Client

	reading sync.Mutex // held by the one that polls; guards apply

	mu      sync.Mutex // guards the rest
	next    map[int32]int64
	refused error         // a batch that is too large, behind which nothing is read
	moved   chan struct{} // closed, and replaced, when one of them has changed or a poll has ended
}

// A topic that was made a moment ago may be unknown to the broker that answers
// for newTopicWait; it is asked every newTopicPause.
const (
	newTopicWait  = 10 * time.Second
	newTopicPause = 100 * time.Millisecond
)

const (
	cleanupPolicy = "cleanup.policy"
	compact       = "compact"
)

// Open makes the topic when it is missing, compacted whatever t says, and reads
// nothing yet. The client options connect to the brokers. Refresh calls apply
// with each record, those of one partition in order, and never from two
// goroutines at a time. Brokers that are away are waited for, for [kafka.RestartWait].
func Open(ctx context.Context, t kafka.Topic, opts []kgo.Opt, apply func(*kgo.Record)) (*Topic, error) {
	// A client remembers for that long that a topic is unknown.
	opts = append(opts[:len(opts):len(opts)], kgo.MetadataMinAge(newTopicPause))
	producer, err := kgo.NewClient(append(opts[:len(opts):len(opts)], kgo.RecordPartitioner(kafka.Partitioner()))...)
	if err != nil {
		return nil, fmt.Errorf("open topic %s: %w", t.Name, err)
	}
	s := &Topic{name: t.Name, apply: apply, producer: producer, admin: kadm.NewClient(producer), next: map[int32]int64{},
		moved: make(chan struct{})}
	var partitions []int32
	err = kafka.Outlast(ctx, kafka.RestartWait, func() error {
		partitions, err = s.ensure(ctx, t)
		return err
	})
	for _, p := range partitions {
		s.next[p] = 0
	}
	if err == nil {
		s.consumer, err = kgo.NewClient(append(opts, kgo.ConsumePartitions(fromStart(t.Name, partitions)),
			kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())...)
	}
	if err != nil {
		producer.Close()
		return nil, fmt.Errorf("open topic %s: %w", t.Name, err)
	}
	return s, nil
}

func fromStart(topic string, partitions []int32) map[string]map[int32]kgo.Offset {
	offsets := make(map[int32]kgo.Offset, len(partitions))
	for _, p := range partitions {
		offsets[p] = kgo.NewOffset().AtStart()
	}
	return map[string]map[int32]kgo.Offset{topic: offsets}
}

// ensure makes the topic when it is missing, checks it and returns its
// partitions.
func (s *Topic) ensure(ctx context.Context, t kafka.Topic) ([]int32, error) {
	configs := map[string]string{}
	for k, v := range t.Configs {
		configs[k] = v
	}
	configs[cleanupPolicy] = compact
	t.Configs = configs
	if err := t.Create(ctx, s.admin); err != nil {
		return nil, err
	}
	partitions, err := s.await(ctx)
	if err != nil {
		return nil, err
	}
	return partitions, s.checkPolicy(ctx)
}

// await returns the partitions once brokers know all of them.
func (s *Topic) await(ctx context.Context) ([]int32, error) {
	for end := time.Now().Add(newTopicWait); ; {
		partitions, err := s.partitions(ctx)
		if err == nil || !kerr.IsRetriable(err) || time.Now().After(end) {
			return partitions, err
		}
		if sleep := backoff.Sleep(ctx, newTopicPause); sleep != nil {
			return nil, errors.Join(err, sleep)
		}
	}
}

func (s *Topic) partitions(ctx context.Context) ([]int32, error) {
	topics, err := s.admin.ListTopics(ctx, s.name)
	if err != nil {
		return nil, err
	}
	topic := topics[s.name]
	if topic.Err != nil {
		return nil, topic.Err
	}
	for _, p := range topic.Partitions {
		if p.Err != nil {
			return nil, p.Err
		}
	}
	ends, err := s.admin.ListEndOffsets(ctx, s.name) // what is listed may not be served yet
	if err == nil {
		err = ends.Error()
	}
	return topic.Partitions.Numbers(), err
}

// checkPolicy refuses a topic whose old records are deleted, as Kafka Connect
// does. A client that may not ask for the policy goes on without knowing.
func (s *Topic) checkPolicy(ctx context.Context) error {
	configs, err := s.admin.DescribeTopicConfigs(ctx, s.name)
	if err != nil {
		return fmt.Errorf("ask for its %s: %w", cleanupPolicy, err)
	}
	for _, c := range configs {
		for _, entry := range c.Configs {
			if policy := entry.MaybeValue(); entry.Key == cleanupPolicy && policy != compact {
				return fmt.Errorf("its %s is %s, which deletes values that are still needed: set it to %s",
					cleanupPolicy, policy, compact)
			}
		}
	}
	return nil
}

// Partitions returns how many partitions the topic has, as far as is known.
func (s *Topic) Partitions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.next)
}

// Refresh reads to the end that the topic has when it is called, and hands
// every record that is new since the last call to apply. It waits for
// transactions that are open in the topic, because what they wrote may lie
// before records that are committed. While somebody follows the topic, it waits
// until that has got as far. A batch that is too large, see [kafka.TooLarge],
// is an error of this Refresh and of all later ones: without it values would be missing.
func (s *Topic) Refresh(ctx context.Context) error {
	ends, err := s.bounds(ctx)
	if err != nil {
		return fmt.Errorf("find the end of topic %s: %w", s.name, err)
	}
	for {
		done, moved, err := s.reached(ends)
		if done || err != nil {
			return err
		}
		if s.reading.TryLock() {
			err := s.poll(ctx, nil)
			s.reading.Unlock()
			s.tell()
			if err != nil {
				return err
			}
			continue
		}
		select { // another one polls
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("read topic %s: %w", s.name, ctx.Err())
		}
	}
}

// Follow hands records to apply as they are written, until ctx is done, whose error it
// then returns, or until a poll fails. batch, unless it is nil, is called after the
// records of each poll, as apply is. Calling Follow again goes on where it was.
func (s *Topic) Follow(ctx context.Context, batch func()) error {
	s.reading.Lock()
	defer s.tell()
	defer s.reading.Unlock()
	for {
		if err := s.poll(ctx, batch); err != nil {
			return err
		}
		s.tell()
	}
}

// poll waits for records and hands them on. s.reading is held.
func (s *Topic) poll(ctx context.Context, batch func()) error {
	fetches := s.consumer.PollFetches(ctx)
	fetches.EachRecord(func(r *kgo.Record) {
		if !r.Attrs.IsControl() { // a control record only moves the position
			s.apply(r)
		}
		s.mu.Lock()
		s.next[r.Partition] = r.Offset + 1
		s.mu.Unlock()
	})
	if batch != nil && !fetches.Empty() {
		batch()
	}
	return s.failure(fetches)
}

// tell wakes each Refresh that waits for another one that polls.
func (s *Topic) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.moved)
	s.moved = make(chan struct{})
}

// failure returns what went wrong with a poll.
func (s *Topic) failure(fetches kgo.Fetches) error {
	for _, e := range fetches.Errors() {
		if batch, ok := kafka.TooLarge(e.Err); ok {
			s.mu.Lock()
			s.refused = batch
			s.mu.Unlock()
			return batch
		}
		if e.Topic != "" { // otherwise it is of the poll and not of a partition
			return fmt.Errorf("read partition %d of topic %s: %w", e.Partition, s.name, e.Err)
		}
	}
	if err := fetches.Err0(); err != nil {
		return fmt.Errorf("read topic %s: %w", s.name, err)
	}
	return nil
}

// bounds moves the positions past what the broker deleted, which may be
// everything, and returns the ends. Partitions that the topic has got since it was
// opened are read as well.
func (s *Topic) bounds(ctx context.Context) (kadm.ListedOffsets, error) {
	starts, err := s.admin.ListStartOffsets(ctx, s.name)
	if err != nil {
		return nil, err
	}
	ends, err := s.admin.ListEndOffsets(ctx, s.name)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(starts.Error(), ends.Error()); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	starts.Each(func(o kadm.ListedOffset) {
		next, known := s.next[o.Partition]
		if !known {
			s.consumer.AddConsumePartitions(fromStart(s.name, []int32{o.Partition}))
		}
		s.next[o.Partition] = max(next, o.Offset)
	})
	return ends, nil
}

// reached compares the positions with the ends. It returns the refusal that keeps
// them from being reached, and otherwise what is closed when a position has moved.
func (s *Topic) reached(ends kadm.ListedOffsets) (done bool, moved <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused != nil {
		return false, nil, s.refused
	}
	done = true
	ends.Each(func(o kadm.ListedOffset) {
		if s.next[o.Partition] < o.Offset {
			done = false
		}
	})
	return done, s.moved, nil
}

// Write writes records to the topic, whatever topic they name, and waits until
// all are acknowledged. Their keys choose their partitions, so that the values
// of a key stay in one order. apply sees them at the next Refresh. When ctx is done
// before, the records may be written all the same.
func (s *Topic) Write(ctx context.Context, records ...*kgo.Record) error {
	for _, r := range records {
		r.Topic, r.Partition = s.name, -1
	}
	results := make(chan error, len(records))
	for _, r := range records {
		s.producer.Produce(ctx, r, func(_ *kgo.Record, err error) { results <- err })
	}
	var first error
	for range records {
		select {
		case err := <-results:
			if first == nil {
				first = err
			}
		case <-ctx.Done():
			return fmt.Errorf("write to topic %s: %w", s.name, ctx.Err())
		}
	}
	if first != nil {
		return fmt.Errorf("write to topic %s: %w", s.name, first)
	}
	return nil
}

// Close closes the clients.
func (s *Topic) Close() {
	s.consumer.Close()
	s.producer.Close()
}
