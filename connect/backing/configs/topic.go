package configs

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

// Open makes the config topic when it is missing and reads it to its end. The client
// options connect to the brokers. A topic that is not compacted, or has more than one
// partition, is an error. ctx bounds the opening only.
func Open(ctx context.Context, topic string, o *Options, opts ...kgo.Opt) (*Store, error) {
	if o == nil {
		o = &Options{}
	}
	l := &topicLog{machine: newMachine(), opts: opts, id: o.TransactionalID, name: topic}
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	l.odd = &odd.Records{Log: logger, Text: "records of the config topic are not understood and are left alone"}
	l.away = &outage.Outage{Log: logger, Away: "the config topic cannot be read, trying again",
		Back: "the config topic can be read again"}
	made := kafka.Topic{Name: topic, Partitions: 1, Replication: o.Replication, Configs: o.Settings,
		ReplicationKey: "config.storage.replication.factor"}
	if made.Replication == 0 {
		made.Replication = 3
	}
	if err := l.open(ctx, made); err != nil {
		return nil, l.explain(err)
	}
	l.listener = o.Listener
	return &Store{machine: l.machine, log: l}, nil
}

// topicLog is a log in a compacted topic of one partition.
type topicLog struct {
	name     string
	id       string // transactional; empty does not fence
	opts     []kgo.Opt
	machine  *machine
	topic    *compacted.Topic
	listener func(Update) // nil until the topic is read
	odd      *odd.Records
	away     *outage.Outage

	mu     sync.Mutex // guards leader, held while it writes
	leader *leader    // nil without the right to write
}

func (l *topicLog) open(ctx context.Context, made kafka.Topic) (err error) {
	if l.topic, err = compacted.Open(ctx, made, l.opts, l.apply); err != nil {
		return err
	}
	if n := l.topic.Partitions(); n != 1 {
		err = fmt.Errorf("topic %s has %d partitions, and only the records of one are in order: "+
			"name a topic with one partition", l.name, n)
	}
	if err == nil {
		err = l.refresh(ctx)
	}
	if err != nil {
		l.topic.Close()
	}
	return err
}

// explain adds the key that the topic comes from.
func (l *topicLog) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("configurations (config.storage.topic): %w", err)
}

func (l *topicLog) apply(r *kgo.Record) {
	u, err := l.machine.apply(r.Offset, record{string(r.Key), r.Value})
	if err != nil {
		l.odd.Add(r, err)
	}
	if u.Kind != 0 && l.listener != nil {
		l.listener(u)
	}
}

func (l *topicLog) refresh(ctx context.Context) error {
	err := l.topic.Refresh(ctx)
	l.odd.Warn()
	return l.explain(err)
}

func (l *topicLog) run(ctx context.Context) error {
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
			return l.explain(err)
		}
		l.away.Failed(err)
		if backoff.Sleep(ctx, pause.Next()) != nil {
			return nil
		}
	}
}

func (l *topicLog) write(ctx context.Context, records ...record) error {
	return l.explain(l.topic.Write(ctx, kafkaRecords(records)...))
}

func kafkaRecords(records []record) []*kgo.Record {
	out := make([]*kgo.Record, 0, len(records))
	for _, r := range records {
		out = append(out, &kgo.Record{Key: []byte(r.key), Value: r.value})
	}
	return out
}

func (l *topicLog) fences() bool { return l.id != "" }

// lead gives up the right to write whenever a write fails: what has come of the
// transaction is not known then, and Claim ends it.
func (l *topicLog) lead(ctx context.Context, records ...record) error {
	if !l.fences() {
		return l.write(ctx, records...)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leader == nil {
		return ErrUnclaimed
	}
	err := l.leader.write(ctx, l.name, kafkaRecords(records))
	if err != nil {
		l.drop()
	}
	return l.explain(err)
}

func (l *topicLog) claim(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.fences() || l.leader != nil {
		return nil
	}
	leader, err := claim(ctx, l.id, l.opts)
	if err != nil {
		return l.explain(fmt.Errorf("claim the right to write: %w", err))
	}
	l.leader = leader
	return nil
}

func (l *topicLog) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop()
}

// drop is release. l.mu is held.
func (l *topicLog) drop() {
	if l.leader != nil {
		l.leader.close()
		l.leader = nil
	}
}

func (l *topicLog) close() {
	l.release()
	l.topic.Close()
}
