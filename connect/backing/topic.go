package backing

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/suiro/suiro/connect/backing/internal/odd"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/compacted"
	"github.com/twmb/franz-go/pkg/kgo"
)

var _ OffsetStore = (*Topic)(nil)

// TopicOptions say how a missing offset topic is made.
type TopicOptions struct {
	// Partitions of the topic. Default: 25.
	Partitions int32
	// ReplicationFactor of the topic; -1 is the broker's default. Default: 3.
	ReplicationFactor int16
	// Settings are those of a topic that is made, such as min.insync.replicas: what a
	// worker has as offset.storage.*. It is compacted whatever they say. Default: the
	// broker's.
	Settings map[string]string
	// Logger takes the warnings about records that are not source offsets. Default:
	// nothing is logged.
	Logger *slog.Logger
}

// Topic is an [OffsetStore] in a compacted Kafka topic.
type Topic struct {
	name string
	log  *compacted.Topic
	odd  *odd.Records

	mu   sync.Mutex // guards the rest
	m    map[string]Entry
	keys map[string][][]byte // a partition's keys as they were written, the latest last
}

// OpenTopic makes the topic when it is missing and reads nothing yet. The
// client options connect to the brokers. A topic that is not compacted is an
// error.
func OpenTopic(ctx context.Context, topic string, o *TopicOptions, opts ...kgo.Opt) (*Topic, error) {
	if o == nil {
		o = &TopicOptions{}
	}
	made := kafka.Topic{Name: topic, Partitions: o.Partitions, Replication: o.ReplicationFactor, Configs: o.Settings,
		ReplicationKey: "offset.storage.replication.factor"}
	if made.Partitions == 0 {
		made.Partitions = 25
	}
	if made.Replication == 0 {
		made.Replication = 3
	}
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	s := &Topic{name: topic, m: map[string]Entry{}, keys: map[string][][]byte{}, odd: &odd.Records{Log: logger,
		Text: "records of the offset topic are not source offsets and are left alone; sources whose offsets they " +
			"were repeat records"}}
	var err error
	if s.log, err = compacted.Open(ctx, made, opts, s.apply); err != nil {
		return nil, fmt.Errorf("source offsets (offset.storage.topic): %w", err)
	}
	return s, nil
}

// Refresh reads the topic to its end. It waits for transactions that are open
// in it, because what they wrote may lie before offsets that are committed.
func (s *Topic) Refresh(ctx context.Context) error {
	err := s.log.Refresh(ctx)
	s.odd.Warn() // of sources that go on from an earlier offset, or from the beginning
	if err != nil {
		return fmt.Errorf("source offsets (offset.storage.topic): %w", err)
	}
	return nil
}

// apply takes one record over. What is not an offset is left alone: another
// version of Kafka Connect may have records of its own in the topic.
func (s *Topic) apply(r *kgo.Record) {
	key, entry, err := decodeRecord(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.odd.Add(r, err)
		return
	}
	s.remember(string(key), r.Key)
	merge(s.m, map[string]Entry{string(key): entry})
}

// remember notes the bytes with which a partition is written. There are more than one
// when two programs write the same JSON in different ways. s.mu is held.
func (s *Topic) remember(key string, written []byte) {
	others := slices.DeleteFunc(s.keys[key], func(k []byte) bool { return bytes.Equal(k, written) })
	s.keys[key] = append(others, written)
}

// decodeRecord reads what a worker, ours or Kafka Connect's, has written.
func decodeRecord(r *kgo.Record) (key []byte, e Entry, err error) {
	connector, rawPartition, err := splitKey(r.Key)
	if err != nil {
		return nil, e, fmt.Errorf("its key: %w", err)
	}
	if e.Partition, err = DecodeMap(rawPartition); err != nil {
		return nil, e, fmt.Errorf("its source partition: %w", err)
	}
	if key, err = Key(connector, e.Partition); err != nil || r.Value == nil {
		return key, e, err
	}
	if err = checkSize("source offset", connector, r.Value); err == nil {
		e.Offset, err = DecodeMap(r.Value)
	}
	if err != nil {
		return nil, e, fmt.Errorf("its source offset: %w", err)
	}
	return key, e, nil
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

// List returns the source partitions of a connector, sorted by their keys, as of the
// last Refresh or Applied.
func (s *Topic) List(connector string) ([]Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.m, connector)
}

// Put produces the offsets and waits for their acknowledgement.
func (s *Topic) Put(ctx context.Context, connector string, entries []Entry) error {
	records, err := s.Records(connector, entries)
	if err != nil {
		return err
	}
	if err := s.log.Write(ctx, records...); err != nil {
		return fmt.Errorf("source offsets (offset.storage.topic): %w", err)
	}
	return s.Applied(connector, entries)
}

// Records makes the records that say the same as Put, for a producer that
// writes them in a transaction of its own and then calls Applied. A partition has the
// key with which it was last written, and one that is forgotten all that it has had.
func (s *Topic) Records(connector string, entries []Entry) ([]*kgo.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	records := make([]*kgo.Record, 0, len(entries))
	for _, e := range entries {
		key, err := Key(connector, e.Partition)
		if err != nil {
			return nil, err
		}
		written := s.keys[string(key)]
		if len(written) == 0 {
			written = [][]byte{key}
		}
		var value []byte
		if e.Offset != nil {
			written = written[len(written)-1:]
			if value, err = offsetText(connector, e.Offset); err != nil {
				return nil, err
			}
		}
		for _, key := range written { // the key chooses the partition, whoever produces it
			records = append(records, &kgo.Record{Topic: s.name, Partition: -1, Key: key, Value: value})
		}
	}
	return records, nil
}

// Applied keeps offsets that another producer has written and committed.
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
	s.log.Close()
	return nil
}
