package backing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var _ OffsetStore = (*Topic)(nil)

// TopicOptions say how a missing offset topic is made.
type TopicOptions struct {
	// Partitions of the topic. Default 25.
	Partitions int32
	// ReplicationFactor of the topic; -1 is the broker's default. Default 3.
	ReplicationFactor int16
}

// Topic is an [OffsetStore] in a compacted Kafka topic.
type Topic struct {
	topic    string
	producer *kgo.Client
	consumer *kgo.Client
	admin    *kadm.Client

	reading sync.Mutex // held by one Refresh at a time; taken before mu
	next    map[int32]int64

	mu   sync.Mutex // guards m and keys
	m    map[string]Entry
	keys map[string][]byte // a partition's key as its first writer wrote it
}

// OpenTopic makes the topic when it is missing and reads nothing yet. The
// client options connect to the brokers.
func OpenTopic(ctx context.Context, topic string, o *TopicOptions, opts ...kgo.Opt) (*Topic, error) {
	if o == nil {
		o = &TopicOptions{}
	}
	opts = append([]kgo.Opt{kgo.MetadataMinAge(newTopicPause)}, opts...) // unknown topics are remembered as such for that long
	producer, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("open the offset topic %s: %w", topic, err)
	}
	s := &Topic{topic: topic, producer: producer, admin: kadm.NewClient(producer),
		next: map[int32]int64{}, m: map[string]Entry{}, keys: map[string][]byte{}}
	partitions, err := s.ensure(ctx, o)
	if err == nil {
		s.consumer, err = kgo.NewClient(append(opts[:len(opts):len(opts)],
			kgo.ConsumePartitions(fromStart(topic, partitions)),
			kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())...)
	}
	if err != nil {
		producer.Close()
		return nil, fmt.Errorf("open the offset topic %s: %w", topic, err)
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

// ensure makes the topic when it is missing and returns its partitions.
func (s *Topic) ensure(ctx context.Context, o *TopicOptions) ([]int32, error) {
	partitions, replication := o.Partitions, o.ReplicationFactor
	if partitions == 0 {
		partitions = 25
	}
	if replication == 0 {
		replication = 3
	}
	compact := "compact"
	resp, err := s.admin.CreateTopic(ctx, partitions, replication, map[string]*string{"cleanup.policy": &compact}, s.topic)
	switch {
	case errors.Is(err, kerr.TopicAlreadyExists):
	case errors.Is(err, kerr.InvalidReplicationFactor):
		return nil, fmt.Errorf("create it with %d replicas: %s: set offset.storage.replication.factor",
			replication, resp.ErrMessage)
	case err != nil:
		return nil, fmt.Errorf("create it: %w", err)
	}
	return s.settled(ctx)
}

// A topic that was made a moment ago may be unknown to the broker that answers
// for newTopicWait; it is asked every newTopicPause.
const (
	newTopicWait  = 10 * time.Second
	newTopicPause = 100 * time.Millisecond
)

// settled returns the partitions once brokers tell of all of them.
func (s *Topic) settled(ctx context.Context) ([]int32, error) {
	for end := time.Now().Add(newTopicWait); ; {
		partitions, err := s.partitions(ctx)
		if err == nil || !kerr.IsRetriable(err) || time.Now().After(end) {
			return partitions, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		case <-time.After(newTopicPause):
		}
	}
}

func (s *Topic) partitions(ctx context.Context) ([]int32, error) {
	topics, err := s.admin.ListTopics(ctx, s.topic)
	if err != nil {
		return nil, err
	}
	topic := topics[s.topic]
	if topic.Err != nil {
		return nil, topic.Err
	}
	for _, p := range topic.Partitions {
		if p.Err != nil {
			return nil, p.Err
		}
	}
	ends, err := s.admin.ListEndOffsets(ctx, s.topic) // what is listed may not be served yet
	if err == nil {
		err = ends.Error()
	}
	return topic.Partitions.Numbers(), err
}

// Refresh reads the topic to its end. It waits for transactions that are open
// there, because what they wrote may lie before offsets that are committed.
func (s *Topic) Refresh(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	ends, err := s.bounds(ctx)
	if err != nil {
		return fmt.Errorf("find the end of the offset topic %s: %w", s.topic, err)
	}
	for !s.reached(ends) {
		fetches := s.consumer.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return fmt.Errorf("read the offset topic %s: %w", s.topic, err)
		}
		for _, e := range fetches.Errors() {
			return fmt.Errorf("read partition %d of the offset topic %s: %w", e.Partition, s.topic, e.Err)
		}
		fetches.EachRecord(s.apply)
	}
	return nil
}

// bounds moves the positions past what the broker deleted, which may be
// everything, and returns the ends.
func (s *Topic) bounds(ctx context.Context) (kadm.ListedOffsets, error) {
	starts, err := s.admin.ListStartOffsets(ctx, s.topic)
	if err != nil {
		return nil, err
	}
	ends, err := s.admin.ListEndOffsets(ctx, s.topic)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(starts.Error(), ends.Error()); err != nil {
		return nil, err
	}
	starts.Each(func(o kadm.ListedOffset) {
		s.next[o.Partition] = max(s.next[o.Partition], o.Offset)
	})
	return ends, nil
}

// reached compares the positions with the ends.
func (s *Topic) reached(ends kadm.ListedOffsets) bool {
	done := true
	ends.Each(func(o kadm.ListedOffset) {
		if s.next[o.Partition] < o.Offset {
			done = false
		}
	})
	return done
}

// apply takes one record over; a control record only moves the position.
func (s *Topic) apply(r *kgo.Record) {
	s.next[r.Partition] = r.Offset + 1
	if r.Attrs.IsControl() {
		return
	}
	connector, rawPartition, err := splitKey(r.Key)
	if err != nil {
		return // not an offset; another version of Connect may have its own records
	}
	partition, err := DecodeMap(rawPartition)
	if err != nil {
		return
	}
	key, err := Key(connector, partition)
	if err != nil {
		return
	}
	var offset map[string]any
	if r.Value != nil {
		if offset, err = DecodeMap(r.Value); err != nil {
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[string(key)] = r.Key
	merge(s.m, map[string]Entry{string(key): {partition, offset}})
}

// Get returns the offset of a source partition as of the last Refresh or
// Applied, nil when there is none.
func (s *Topic) Get(connector string, partition map[string]any) (map[string]any, error) {
	key, err := Key(connector, partition)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.m[string(key)].Offset, nil
}

// Put produces the offsets and waits for their acknowledgement.
func (s *Topic) Put(ctx context.Context, connector string, entries []Entry) error {
	records, err := s.Records(connector, entries)
	if err != nil {
		return err
	}
	if err := s.producer.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("write to the offset topic %s: %w", s.topic, err)
	}
	return s.Applied(connector, entries)
}

// Records makes the records that say the same as Put, for a producer that
// writes them in a transaction of its own and then calls Applied.
func (s *Topic) Records(connector string, entries []Entry) ([]*kgo.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	records := make([]*kgo.Record, 0, len(entries))
	for _, e := range entries {
		key, err := Key(connector, e.Partition)
		if err != nil {
			return nil, err
		}
		r := &kgo.Record{Topic: s.topic, Partition: -1, Key: key} // the key chooses the partition, whoever produces it
		if first := s.keys[string(key)]; first != nil {
			r.Key = first
		}
		if e.Offset != nil {
			if r.Value, err = encode(e.Offset); err != nil {
				return nil, fmt.Errorf("source offset of %s has no JSON form: %w", connector, err)
			}
		}
		records = append(records, r)
	}
	return records, nil
}

// Applied tells the store of offsets that are written and committed.
func (s *Topic) Applied(connector string, entries []Entry) error {
	changed, err := normal(connector, entries)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	merge(s.m, changed)
	return nil
}

// Close closes the clients.
func (s *Topic) Close() error {
	s.consumer.Close()
	s.producer.Close()
	return nil
}
