package sourcetask

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/rawproducer"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka/txn"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var _ committer = (*transactional)(nil)

// refreshPatience is how long the offset topic is read in silence.
const refreshPatience = 15 * time.Second

// transactional writes records and their offsets in one transaction. The
// transactional id is the task's, so that a task that starts ends the open
// transaction of the one before it and shuts it out, wherever that ran. Only
// then does it read the offsets.
//
// A commit that failed is not tried again: its outcome is not known, and its
// offsets are no longer collected. The life ends, and the next one finds out.
type transactional struct {
	connector string
	id        string // the transactional id
	producer  *txn.Producer
	raw       *rawproducer.Producer // writes batches in the same transaction, nil in a life with records
	store     backing.TransactionalStore
	verify    func(context.Context) error // says why others must not be shut out; may be nil
	delivery  *delivery
	offsets   *offsets
	committed func([]backing.Entry) // told what is kept
	counts    *counts.Counters
	logger    *slog.Logger
	interval  time.Duration // 0 ends the transaction after each poll
	timeout   time.Duration // after which the broker ends it

	before int64 // records that were acknowledged when the transaction began
	failed error // of a commit
}

// open fences the task's former lives and then reads what they committed.
func (t *transactional) open(ctx context.Context) error {
	if err := t.isOurs(ctx); err != nil {
		return err
	}
	if err := t.producer.Fence(ctx); err != nil {
		return t.explain("fence former tasks", err)
	}
	if err := t.isOurs(ctx); err != nil { // the next owner may have begun in between, and has been shut out
		return err
	}
	waiting := time.AfterFunc(refreshPatience, func() {
		t.logger.Warn("the offset topic is still not read to its end: a broker is away, or a transaction is open in it; " +
			"if that does not end within its time-out, kafka-transactions.sh find-hanging shows whose it is")
	})
	defer waiting.Stop()
	return t.store.Refresh(ctx)
}

func (t *transactional) isOurs(ctx context.Context) error {
	if t.verify == nil {
		return nil
	}
	if err := t.verify(ctx); err != nil {
		return fmt.Errorf("check that the task is this worker's: %w", err)
	}
	return nil
}

func (t *transactional) begin() error {
	if t.producer.Open() {
		return nil
	}
	if err := t.producer.Begin(t.delivery.records); err != nil {
		return t.explain("begin a transaction", err)
	}
	if t.raw != nil {
		if err := t.raw.Begin(t.delivery.records); err != nil {
			return t.explain("begin a transaction", err)
		}
	}
	t.before = t.counts.Written.Load()
	return nil
}

func (t *transactional) tick(ctx context.Context) error {
	if !t.producer.Open() || t.interval > 0 && t.producer.Age() < t.interval {
		return nil
	}
	return t.flush(ctx)
}

// flush waits for the records, adds the offsets and commits. A task that is
// told to stop has the graceful time for it, as an end that is cut short leaves
// the outcome unknown.
func (t *transactional) flush(context.Context) error {
	if !t.producer.Open() || t.failed != nil {
		return t.failed
	}
	ctx, cancel := context.WithTimeout(t.delivery.records, 2*t.timeout)
	defer cancel()
	if err := t.settle(ctx); err != nil {
		return err
	}
	entries, began := t.offsets.beginFlush(), time.Now()
	if t.failed = t.commit(ctx, entries); t.failed != nil {
		t.counts.Commit(t.failed)
		return t.failed
	}
	t.counts.Commit(nil)
	t.counts.Committing.Observe(time.Since(began))
	t.counts.Transactions.Observe(int(t.counts.Written.Load() - t.before))
	if err := t.store.Applied(t.connector, entries); err != nil {
		return err
	}
	t.committed(entries)
	return nil
}

// commit adds the offsets to the transaction and commits it.
func (t *transactional) commit(ctx context.Context, entries []backing.Entry) error {
	records, err := t.store.Records(t.connector, entries)
	if err != nil {
		return err
	}
	if err := t.apart(records); err != nil {
		return err
	}
	if err := t.delivery.write(ctx, records...); err != nil {
		return t.explain("write source offsets", err)
	}
	if _, err := t.producer.End(ctx, true); err != nil {
		return t.explain("commit the transaction", err)
	}
	return nil
}

// apart returns an error when batches go to the topic of the source offsets: the client and what
// writes batches count sequences of their own.
func (t *transactional) apart(offsets []*kgo.Record) error {
	for _, r := range offsets {
		if t.raw != nil && t.raw.Writes(r.Topic) {
			return fmt.Errorf("batches go to topic %s, which has the connector's own offsets: %w", r.Topic,
				rawproducer.ErrRefused)
		}
	}
	return nil
}

// settle waits until every record of the transaction is acknowledged, and the
// dead letters of those that were refused.
func (t *transactional) settle(ctx context.Context) error {
	for {
		if err := t.delivery.flush(ctx); err != nil {
			return t.explain("", err)
		}
		if t.offsets.settled() {
			return nil
		}
		if err := backoff.Sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// cancel aborts the open transaction.
func (t *transactional) cancel(ctx context.Context) error {
	if !t.producer.Open() {
		return nil
	}
	err := t.abort(ctx)
	if err = t.explain("abort the transaction", err); lives.IsFatal(err) {
		return err
	}
	if err != nil {
		t.logger.Warn("abort the transaction, the next start of the task does it", "error", err)
	}
	return nil
}

// abort asks the coordinator even when the client has written nothing in the transaction, in which
// there may be batches.
func (t *transactional) abort(ctx context.Context) error {
	if t.raw != nil {
		return t.raw.Abort(ctx)
	}
	_, err := t.producer.End(ctx, false)
	return err
}

// explain says what being fenced means. A task that was fenced is not restarted
// by itself when nobody can say whose it is: two workers would shut each other out in
// turn. A broker fences in the same way the producer of a transaction that was open too
// long.
func (t *transactional) explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if doing != "" {
		err = fmt.Errorf("%s: %w", doing, err)
	}
	switch open := t.producer.Age(); {
	case errors.Is(err, kerr.TransactionalIDAuthorizationFailed):
		return lives.Fatal(fmt.Errorf("not authorized to use transactional.id %s: %w", t.id, err))
	case errors.Is(err, kerr.InvalidTransactionTimeout):
		return lives.Fatal(fmt.Errorf("transaction.timeout.ms is %d, more than the broker's transaction.max.timeout.ms: "+
			"set producer.override.transaction.timeout.ms: %w", t.timeout.Milliseconds(), err))
	case !errors.Is(err, kerr.ProducerFenced):
		return err
	case t.producer.Open() && open > t.timeout:
		return fmt.Errorf("the transaction was open for %v and transaction.timeout.ms is %d: %w",
			open.Round(time.Millisecond), t.timeout.Milliseconds(), err)
	}
	if t.verify != nil { // it says whether the next life may shut the other out
		return fmt.Errorf("another worker has started this task, or has shut out its predecessors (transactional.id %s): %w",
			t.id, err)
	}
	return lives.Fatal(fmt.Errorf("another worker has started this task (transactional.id %s): stop one of them: %w",
		t.id, err))
}
