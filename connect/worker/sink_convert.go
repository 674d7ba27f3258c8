package worker

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/suiro/suiro/connect"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// convert makes the batch of what was fetched. Bad records go to the dead
// letters, dropped ones nowhere; once the rest is put, the position moves over
// both.
func (s *sinkRun) convert(ctx context.Context, fetches kgo.Fetches) (batch, error) {
	if err := s.fetchError(fetches); err != nil {
		return batch{}, err
	}
	n := fetches.NumRecords()
	b := batch{records: make([]*connect.SinkRecord, 0, n), from: make([]*sinkPartition, 0, n),
		ends: map[*sinkPartition]int64{}}
	var failed error
	fetches.EachPartition(func(f kgo.FetchTopicPartition) {
		p := s.parts[connect.TopicPartition{Topic: f.Topic, Partition: f.Partition}]
		if p == nil || failed != nil {
			return
		}
		s.mu.Lock()
		p.end = max(p.end, f.HighWatermark)
		s.mu.Unlock()
		for _, r := range f.Records {
			if failed = s.convertOne(ctx, r, p, &b); failed != nil {
				return
			}
		}
	})
	return b, failed
}

// fetchError returns what was wrong with a fetch, except that it was cut short,
// or that the client joins its group again.
func (s *sinkRun) fetchError(fetches kgo.Fetches) error {
	var failed error
	fetches.EachError(func(topic string, partition int32, err error) {
		var loss *kgo.ErrDataLoss
		var session *kgo.ErrGroupSession
		switch {
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), failed != nil:
		case errors.As(err, &session) && heals(session.Err):
			s.logger.Warn("the group is joined again", "error", session.Err)
		case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
			failed = fmt.Errorf("read %s partition %d: the topic does not exist any more: %w", topic, partition, err)
		case errors.As(err, &loss):
			failed = fmt.Errorf("read %s partition %d: the broker lost records: %w", topic, partition, err)
		case topic == "":
			failed = fmt.Errorf("read from kafka: %w", err)
		default:
			failed = fmt.Errorf("read %s partition %d: %w", topic, partition, err)
		}
	})
	return failed
}

// heals reports whether joining the group again may succeed: unless the
// coordinator has refused it for good, it was away or this member too slow.
func heals(err error) bool {
	var refused *kerr.Error
	return !errors.As(err, &refused) || refused.Retriable || errors.Is(err, kerr.UnknownMemberID) ||
		errors.Is(err, kerr.IllegalGeneration) || errors.Is(err, kerr.RebalanceInProgress)
}

func (s *sinkRun) convertOne(ctx context.Context, r *kgo.Record, p *sinkPartition, b *batch) error {
	if r.Offset < p.fetched {
		return nil // fetched before a seek took effect
	}
	p.fetched = r.Offset + 1
	b.ends[p] = p.fetched
	if r.Attrs.IsControl() {
		return nil // the end of a transaction
	}
	s.counts.read.Add(1)
	s.counts.readBytes.Add(int64(len(r.Key) + len(r.Value)))
	in := s.undecoded(r)
	var out *connect.Record
	err := s.tolerance.retry(ctx, func() (err error) {
		if in.Headers, err = s.header.toConnect(r.Topic, r.Headers); err != nil {
			return err
		}
		out, err = s.chain.apply(&in.Record)
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return err // told to stop between two tries, so nothing says that it is bad
	case err != nil:
		return s.reject(in, p, err, func(error) {})
	case out == nil:
		s.counts.filtered.Add(1)
		return nil
	case out != &in.Record:
		as := in.Record
		in.Record, in.Original = *out, &as
		in.Offset = as.Offset
	}
	b.records = append(b.records, in)
	b.from = append(b.from, p)
	return nil
}

func (s *sinkRun) undecoded(r *kgo.Record) *connect.SinkRecord {
	return &connect.SinkRecord{
		Record: connect.Record{
			Topic: r.Topic, Partition: r.Partition,
			Key:       connect.Undecoded(r.Topic, r.Key, s.key),
			Value:     connect.Undecoded(r.Topic, r.Value, s.value),
			Timestamp: r.Timestamp,
			Offset:    r.Offset,
		},
		OriginalTopic: r.Topic, OriginalPartition: r.Partition,
	}
}

// reject tolerates a bad record and sends its dead letter, or says why not.
// Its offset is held back until the dead letter is acknowledged.
func (s *sinkRun) reject(r *connect.SinkRecord, p *sinkPartition, reason error, done func(error)) error {
	stage, class := stageOf(reason, TaskPut, fmt.Sprintf("%T", s.task))
	where := fmt.Sprintf("record %s partition %d offset %d", r.OriginalTopic, r.OriginalPartition, r.Offset)
	if err := s.tolerance.admit(where, stage, reason); err != nil {
		return err
	}
	if s.dlq == nil {
		done(nil)
		return nil
	}
	s.hold(p, r.Offset)
	// The letter outlives the call; closing the client ends it.
	s.dlq.send(context.Background(), s.letter(r, stage, class, reason), func(err error) {
		if err != nil {
			s.fail(err)
		} else {
			s.counts.deadLetters.Add(1)
			s.release(p, r.Offset)
		}
		done(err)
	})
	return nil
}

// letter holds what was read, whatever transforms made of it.
func (s *sinkRun) letter(r *connect.SinkRecord, stage Stage, class string, reason error) letter {
	as := &r.Record
	if r.Original != nil {
		as = r.Original
	}
	return letter{
		topic: r.OriginalTopic,
		origin: []kgo.RecordHeader{
			text("partition", strconv.Itoa(int(r.OriginalPartition))),
			text("offset", strconv.FormatInt(r.Offset, 10)),
		},
		key: as.Key.Bytes(), value: payloadBytes(&as.Value), headers: s.header.shown(r.OriginalTopic, as.Headers), timestamp: as.Timestamp,
		stage: stage, class: class, reason: reason,
	}
}
