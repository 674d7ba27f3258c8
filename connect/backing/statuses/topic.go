package statuses

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/suiro/suiro/connect/backing/internal/odd"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/compacted"
	"github.com/suiro/suiro/internal/outage"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Open makes the status topic when it is missing and reads it to its end. The client
// options connect to the brokers. A topic that is not compacted is an error. ctx bounds
// the opening only.
func Open(ctx context.Context, topic string, o *Options, opts ...kgo.Opt) (*Store, error) {
	if o == nil {
		o = &Options{}
	}
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	l := &topicLog{table: newTable(),
		odd: &odd.Records{Log: logger, Text: "records of the status topic are not understood and are left alone"},
		away: &outage.Outage{Log: logger, Away: "the status topic cannot be read, trying again",
			Back: "the status topic can be read again"}}
	made := kafka.Topic{Name: topic, Partitions: o.Partitions, Replication: o.Replication, Configs: o.Settings,
		ReplicationKey: "status.storage.replication.factor"}
	if made.Partitions == 0 {
		made.Partitions = 5
	}
	if made.Replication == 0 {
		made.Replication = 3
	}
	var err error
	if l.topic, err = compacted.Open(ctx, made, opts, l.apply); err != nil {
		return nil, explain(err)
	}
	if err := l.refresh(ctx); err != nil {
		l.topic.Close()
		return nil, err
	}
	l.sender = newSender(l.topic.Write, logger)
	return &Store{l.table, l}, nil
}

// explain adds the key that the topic comes from.
func explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("statuses (status.storage.topic): %w", err)
}

// topicLog is a log in a compacted topic.
type topicLog struct {
	*sender
	table *table
	topic *compacted.Topic
	odd   *odd.Records
	away  *outage.Outage
}

func (l *topicLog) apply(r *kgo.Record) {
	if err := l.table.apply(string(r.Key), r.Value); err != nil {
		l.odd.Add(r, err)
	}
}

func (l *topicLog) refresh(ctx context.Context) error {
	err := l.topic.Refresh(ctx)
	l.odd.Warn()
	return explain(err)
}

func (l *topicLog) run(ctx context.Context) error {
	var sending sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	sending.Go(func() { l.sender.run(ctx) })
	defer sending.Wait()
	defer cancel()
	pause := backoff.Backoff{First: 100 * time.Millisecond, Max: 10 * time.Second}
	read := func() {
		l.odd.Warn()
		l.away.Over()
		pause.Reset()
	}
	for {
		err := l.topic.Follow(ctx, read)
		if ctx.Err() != nil {
			return nil
		}
		if _, ok := kafka.TooLarge(err); ok {
			return explain(err)
		}
		l.away.Failed(err)
		if backoff.Sleep(ctx, pause.Next()) != nil {
			return nil
		}
	}
}

func (l *topicLog) close() { l.topic.Close() }
