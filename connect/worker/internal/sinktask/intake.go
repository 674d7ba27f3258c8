package sinktask

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/suiro/suiro/connect/worker/internal/rebalances"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// intake makes batches of what was fetched. It is the loop's.
type intake struct {
	pipeline *pipeline.Pipeline
	rejects  *rejects
	ledger   *ledger
	counts   *counts.Counters
	logger   *slog.Logger
	group    *rebalances.Log
	pattern  bool // the topics are found by a pattern

	// flowing are the partitions of what was fetched from which more may be taken.
	flowing map[connect.TopicPartition]*partition
	// gone are topics of the pattern that brokers do not have any more.
	gone map[string]bool
}

// begin begins with what was fetched.
func (in *intake) begin(fetches kgo.Fetches) {
	in.flowing, in.gone = map[connect.TopicPartition]*partition{}, map[string]bool{}
	fetches.EachPartition(func(f kgo.FetchTopicPartition) {
		tp := connect.TopicPartition{Topic: f.Topic, Partition: f.Partition}
		in.flowing[tp] = in.ledger.find(tp)
	})
}

// leave takes no more of what was fetched of the partitions in which the task has sought.
func (in *intake) leave(sought connect.Offsets) {
	for tp := range sought {
		delete(in.flowing, tp)
	}
}

// find returns a partition from which more may be taken, or nil. One that has gone and
// come back since the fetch begins where its group stands, and its records come again.
func (in *intake) find(tp connect.TopicPartition) *partition {
	if p := in.ledger.find(tp); p != nil && p == in.flowing[tp] {
		return p
	}
	return nil
}

// batch converts a part of what was fetched. Bad records become dead letters and dropped
// ones nothing; once the rest is put, the position moves over both.
//
// The error is a failed fetch, or a bad record that is not tolerated. The batch
// then holds what can be put in spite of it: everything before the bad record in
// its partition, and the other partitions.
func (in *intake) batch(ctx context.Context, fetches kgo.Fetches) (batch, error) {
	began, n := time.Now(), fetches.NumRecords()
	b := batch{records: make([]*connect.SinkRecord, 0, n), from: make([]*partition, 0, n), ends: map[*partition]int64{}}
	failed := in.fetchError(fetches)
	if n > 0 {
		in.pipeline.Begin(n)
		defer in.pipeline.End()
	}
	fetches.EachPartition(func(f kgo.FetchTopicPartition) {
		tp := connect.TopicPartition{Topic: f.Topic, Partition: f.Partition}
		p := in.find(tp)
		if p == nil || ctx.Err() != nil || connect.IsRetriable(failed) {
			return // what was away for one partition is away for all
		}
		expected := in.ledger.fetching(p, f.HighWatermark)
		if len(f.Records) > 0 && expected >= 0 {
			if first := min(f.Records[0].Offset, f.LogStartOffset); first > expected {
				missed(in.counts, in.logger, tp, expected, first)
			}
		}
		err := in.add(ctx, &b, p, f.Records)
		in.date(&b, p, f.Records, began)
		if err != nil {
			delete(in.flowing, tp) // nothing behind the record
			failed = cmp.Or(failed, err)
		}
	})
	fetches.EachError(func(_ string, _ int32, err error) {
		if large, ok := kafka.TooLarge(err); ok && failed == nil {
			failed = in.giveUp(&b, large)
		}
	})
	if n > 0 {
		in.counts.Convert.Observe(time.Since(began))
	}
	return b, failed
}

// date notes the age of the first record of what was added of a partition.
func (in *intake) date(b *batch, p *partition, records []*kgo.Record, now time.Time) {
	if _, added := b.ends[p]; added && len(records) > 0 && !records[0].Attrs.IsControl() {
		in.counts.Age.Observe(records[0].Timestamp, now)
		b.dated = append(b.dated, dated{p, records[0].Timestamp})
	}
}

// giveUp rejects a batch of a topic that is too large to be read, as one record, and
// moves the position behind it. Each of its offsets counts as a rejected record.
func (in *intake) giveUp(b *batch, large kafka.Batch) error {
	tp := connect.TopicPartition{Topic: large.Topic, Partition: large.Partition}
	p := in.find(tp)
	if p == nil {
		return nil
	}
	in.counts.Read.Add(large.Records())
	in.counts.Topics.Add(large.Topic, large.Records())
	if err := in.rejects.rejectBatch(large); err != nil {
		return err
	}
	p.fetched = max(p.fetched, large.Next)
	b.ends[p] = p.fetched
	b.skips = append(b.skips, skip{large, p})
	return nil
}

// add adds the records of one partition up to one that ends the task.
func (in *intake) add(ctx context.Context, b *batch, p *partition, records []*kgo.Record) (err error) {
	before, read := p.fetched, int64(0)
	for _, r := range records {
		if r.Offset < p.fetched {
			continue // fetched before a seek took effect
		}
		if !r.Attrs.IsControl() { // the end of a transaction has an offset and is not a record
			read++
			if err = in.addOne(ctx, b, p, r); err != nil {
				break
			}
		}
		p.fetched = r.Offset + 1
	}
	if p.fetched > before {
		b.ends[p] = p.fetched
	}
	if read > 0 {
		in.counts.Topics.Add(records[0].Topic, read)
	}
	return err
}

func (in *intake) addOne(ctx context.Context, b *batch, p *partition, r *kgo.Record) error {
	in.counts.Read.Add(1)
	in.counts.ReadBytes.Add(int64(len(r.Key) + len(r.Value)))
	record, keep, err := in.pipeline.ToSink(ctx, r)
	switch {
	case err != nil && ctx.Err() != nil:
		return err // told to stop between two tries, so nothing says that it is bad
	case err != nil:
		return in.rejects.reject(record, err, func(error) {})
	case !keep:
		in.counts.Filtered.Add(1)
		return nil
	}
	b.records = append(b.records, record)
	b.from = append(b.from, p)
	return nil
}

// fetchError returns what was wrong with a fetch, except that it was cut short,
// that the client joins its group again, or that a topic of the pattern is gone.
func (in *intake) fetchError(fetches kgo.Fetches) error {
	var failed error
	fetches.EachError(func(topic string, partition int32, err error) {
		tp := connect.TopicPartition{Topic: topic, Partition: partition}
		var loss *kgo.ErrDataLoss
		var session *kgo.ErrGroupSession
		switch {
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), failed != nil, isTooLarge(err):
		case errors.As(err, &session) && mayRejoin(session.Err):
			in.group.SessionLost(session.Err)
		case errors.Is(err, kerr.InvalidSessionTimeout):
			failed = lives.Fatal(fmt.Errorf("session.timeout.ms is outside what the broker's group.min.session.timeout.ms and "+
				"group.max.session.timeout.ms allow: set consumer.override.session.timeout.ms: %w", err))
		case isGone(err) && in.pattern:
			in.gone[topic] = true
		case isGone(err):
			failed = fmt.Errorf("read %s: the topic does not exist any more: %w", tp, err)
		case errors.As(err, &loss):
			failed = fmt.Errorf("read %s: the broker lost records: %w", tp, err)
		case topic == "":
			failed = fmt.Errorf("read from kafka: %w", err)
		default:
			failed = fmt.Errorf("read %s: %w", tp, err)
		}
	})
	return failed
}

// isTooLarge reports whether err is about a batch that giveUp sees to.
func isTooLarge(err error) bool {
	_, ok := kafka.TooLarge(err)
	return ok
}

// isGone reports whether brokers do not have the topic any more, or another one of its name.
func isGone(err error) bool {
	return errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID)
}

// mayRejoin reports whether joining the group again may succeed: unless the
// coordinator has refused it for good, it was away or this member too slow.
func mayRejoin(err error) bool {
	var refused *kerr.Error
	return !errors.As(err, &refused) || refused.Retriable || errors.Is(err, kerr.UnknownMemberID) ||
		errors.Is(err, kerr.IllegalGeneration) || errors.Is(err, kerr.RebalanceInProgress)
}
