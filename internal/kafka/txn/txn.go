// Package txn begins and ends Kafka transactions under one law: a transaction
// is committed only under the producer id and epoch that it began with.
//
// The client renews its producer id by itself when a broker refuses a sequence
// number and everything that the client wrote to the partition before is
// deleted, as happens in repartition topics. The broker then aborts what the
// transaction holds so far. A commit under the new id would keep the rest, and
// with it the offsets of all.
//
// A producer goes through
//
//	Fence ─▶ Begin ─▶ produce … ─▶ End(commit) ─▶ Begin …
//	                             └▶ End(abort) ──▶ Begin …
//
// After an error of Begin or End the outcome is not known. The client is closed
// then, and the next one with the same transactional id fences it.
package txn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// ErrRenewed is returned by [Producer.End] and [Producer.Unbroken] when the
// client has another producer id or epoch than at Begin. The transaction is
// not committed; its records must be written again.
var ErrRenewed = errors.New("the producer id was renewed within the transaction")

// Producer is the transactional side of one client, which must have a
// transactional id. It is used by one goroutine at a time.
type Producer struct {
	client *kgo.Client
	finish func(ctx context.Context, commit kgo.TransactionEndTry) (bool, error)

	open  bool
	began time.Time
	id    int64
	epoch int16
}

// New returns the Producer of a client that commits no consumer offsets.
func New(cl *kgo.Client) *Producer {
	return &Producer{client: cl, finish: func(ctx context.Context, commit kgo.TransactionEndTry) (bool, error) {
		if commit == kgo.TryAbort {
			if err := cl.AbortBufferedRecords(ctx); err != nil {
				return false, err
			}
		}
		err := cl.EndTransaction(ctx, commit)
		return err == nil && bool(commit), err
	}}
}

// NewGroup returns the Producer of a member of a group, whose transactions
// commit the offsets of everything that was polled.
func NewGroup(s *kgo.GroupTransactSession) *Producer {
	return &Producer{client: s.Client(), finish: s.End}
}

// Fence takes the producer id now and not with the first record. With it the
// broker aborts the transaction of a predecessor with the same transactional
// id, which would otherwise hold up readers until it times out, and refuses
// whatever the predecessor still tries to write.
func (p *Producer) Fence(ctx context.Context) error {
	_, _, err := p.client.ProducerID(ctx)
	return err
}

// Begin begins a transaction. None may be open.
func (p *Producer) Begin(ctx context.Context) (err error) {
	if err := p.client.BeginTransaction(); err != nil {
		return err
	}
	p.open, p.began = true, time.Now()
	p.id, p.epoch, err = p.client.ProducerID(ctx)
	return err
}

// Open reports whether a transaction is open: from Begin until an End that
// returned no error.
func (p *Producer) Open() bool { return p.open }

// Age returns how long the open transaction has been open, 0 when none is.
func (p *Producer) Age() time.Duration {
	if !p.open {
		return 0
	}
	return time.Since(p.began)
}

// Unbroken returns [ErrRenewed] when the open transaction cannot be committed
// any more. End asks by itself; a caller that prepares much for a commit may
// ask before.
func (p *Producer) Unbroken(ctx context.Context) error {
	id, epoch, err := p.client.ProducerID(ctx)
	if err != nil {
		return err
	}
	if id != p.id || epoch != p.epoch {
		return fmt.Errorf("%w: it was %d (epoch %d) and is %d (epoch %d)", ErrRenewed, p.id, p.epoch, id, epoch)
	}
	return nil
}

// End ends the transaction. With commit it waits until every record is
// acknowledged and commits; the caller must have made sure that none was
// refused. Otherwise it drops the records that wait and aborts. committed is
// false without an error when a commit was asked for and a rebalance of the
// group forbade it: the transaction is then aborted.
//
// A group member may call End without an open transaction to abort: the session
// then goes back to the committed offsets.
func (p *Producer) End(ctx context.Context, commit bool) (committed bool, err error) {
	if commit {
		if err := p.client.Flush(ctx); err != nil {
			return false, err
		}
		if err := p.Unbroken(ctx); err != nil {
			return false, err
		}
	}
	committed, err = p.finish(ctx, kgo.TransactionEndTry(commit))
	if err == nil {
		p.open = false
	}
	return committed, err
}
