package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect/backing"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var _ keeper = (*transactional)(nil)

// transactional writes records and their offsets in one transaction. The
// transactional id is the task's, so that a task that starts ends the open
// transaction of the one before it and shuts it out, wherever that ran. Only
// then does it read the offsets.
type transactional struct {
	s        *sourceRun
	id       string
	store    *backing.Topic
	interval time.Duration // 0 ends the transaction after each poll
	timeout  time.Duration // after which the broker ends it

	inside bool
	began  time.Time
	// producer and epoch name the client as the transaction began.
	producer int64
	epoch    int16
}

func newTransactional(s *sourceRun) (*transactional, []kgo.Opt, error) {
	store, ok := s.worker.offsets.(*backing.Topic)
	if !ok {
		return nil, nil, fatal{errors.New("exactly.once.source.support=enabled needs offset.storage.topic")}
	}
	timeout := s.conn.Records.TransactionTimeout
	t := &transactional{s: s, store: store, timeout: timeout,
		interval: s.conn.Records.TransactionInterval,
		id:       fmt.Sprint(s.conn.Records.TransactionalIDPrefix, s.id)}
	return t, []kgo.Opt{kgo.TransactionalID(t.id), kgo.TransactionTimeout(timeout)}, nil
}

// open fences the task's former lives and then reads what they committed.
func (t *transactional) open(ctx context.Context) error {
	if _, _, err := t.s.cl.ProducerID(ctx); err != nil {
		return t.explain("fence former tasks", err)
	}
	waiting := time.AfterFunc(refreshPatience, func() {
		t.s.logger.Warn("the offset topic is still not read to its end: a broker is away, or a transaction is open in it; if that "+
			"does not end within its time-out, kafka-transactions.sh find-hanging tells whose it is", "topic", t.s.worker.cfg.OffsetTopic)
	})
	defer waiting.Stop()
	return t.store.Refresh(ctx)
}

// refreshPatience is how long the offset topic is read in silence.
const refreshPatience = 15 * time.Second

func (t *transactional) begin() (err error) {
	if t.inside {
		return nil
	}
	if err := t.s.cl.BeginTransaction(); err != nil {
		return t.explain("begin a transaction", err)
	}
	t.inside, t.began = true, time.Now()
	if t.producer, t.epoch, err = t.s.cl.ProducerID(t.s.life); err != nil {
		return t.explain("begin a transaction", err)
	}
	return nil
}

// unbroken returns an error when the client has renewed its producer id since
// the transaction began. It does so by itself when a broker refuses a sequence
// and everything it wrote to the partition before is deleted. The broker has
// then aborted what was written until that moment, and would commit the rest
// with the offsets of all.
func (t *transactional) unbroken(ctx context.Context) error {
	producer, epoch, err := t.s.cl.ProducerID(ctx)
	if err == nil && (producer != t.producer || epoch != t.epoch) {
		err = errors.New("the producer id was renewed within the transaction")
	}
	return err
}

func (t *transactional) tick(ctx context.Context) error {
	if !t.inside || t.interval > 0 && time.Since(t.began) < t.interval {
		return nil
	}
	return t.flush(ctx)
}

// flush waits for the records, adds the offsets and commits. A task that is
// told to stop has the graceful time for it, as an end that is cut short leaves
// the outcome unknown; the next start of the task then finds it out.
func (t *transactional) flush(context.Context) error {
	if !t.inside {
		return nil
	}
	ctx, cancel := context.WithTimeout(t.s.life, 2*t.timeout)
	defer cancel()
	if err := t.settle(ctx); err != nil {
		return err
	}
	entries := t.s.take()
	records, err := t.store.Records(t.s.conn.Name, entries)
	if err != nil {
		return err
	}
	if err := t.s.cl.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return t.explain("write source offsets", err)
	}
	if err := t.unbroken(ctx); err != nil {
		return t.explain("commit the transaction", err)
	}
	if err := t.s.cl.EndTransaction(ctx, kgo.TryCommit); err != nil {
		t.s.counts.committed(err)
		return t.explain("commit the transaction", err)
	}
	t.inside = false
	t.s.counts.committed(nil)
	if err := t.store.Applied(t.s.conn.Name, entries); err != nil {
		return err
	}
	t.s.kept(entries)
	return nil
}

// settle waits until every record of the transaction is acknowledged, and the
// dead letters of those that were refused.
func (t *transactional) settle(ctx context.Context) error {
	for {
		if err := t.s.cl.Flush(ctx); err != nil {
			return fmt.Errorf("wait for kafka to acknowledge: %w", err)
		}
		if err := t.s.sendAlone(ctx); err != nil {
			return t.explain("", err)
		}
		if err := t.s.failure(); err != nil {
			return t.explain("", err)
		}
		if t.s.settled() {
			return nil
		}
		if err := sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// settled reports whether every record so far is acknowledged.
func (s *sourceRun) settled() bool {
	for _, st := range s.streams {
		if !st.tracker.Settled() {
			return false
		}
	}
	return true
}

func (t *transactional) abandon(ctx context.Context) error {
	if !t.inside {
		return nil
	}
	err := t.s.cl.AbortBufferedRecords(ctx)
	if err == nil {
		err = t.s.cl.EndTransaction(ctx, kgo.TryAbort)
	}
	if err = t.explain("abort the transaction", err); isFatal(err) {
		return err
	}
	if err != nil {
		t.s.logger.Warn("abort the transaction, the next start of the task does it", "error", err)
	}
	return nil
}

// explain says what being fenced means. A task that was fenced does not start
// again by itself: two workers would shut each other out in turn. A broker
// fences in the same way the producer of a transaction that was open too long.
func (t *transactional) explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if doing != "" {
		err = fmt.Errorf("%s: %w", doing, err)
	}
	switch open := time.Since(t.began); {
	case errors.Is(err, kerr.TransactionalIDAuthorizationFailed):
		return fatal{fmt.Errorf("no right to use transactional.id %s: %w", t.id, err)}
	case !errors.Is(err, kerr.ProducerFenced):
		return err
	case t.inside && open > t.timeout:
		return fmt.Errorf("the transaction was open for %v and transaction.timeout.ms is %d: %w",
			open.Round(time.Millisecond), t.timeout.Milliseconds(), err)
	}
	return fatal{fmt.Errorf("another worker has started this task (transactional.id %s): stop one of them: %w", t.id, err)}
}
