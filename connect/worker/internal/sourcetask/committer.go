package sourcetask

import (
	"context"
	"errors"
	"time"

	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/worker/internal/away"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/internal/kafka/txn"
)

// committer decides when offsets are kept: now and then, or in transactions.
type committer interface {
	// open prepares the client and reads what is kept.
	open(ctx context.Context) error
	// begin comes before the first record or dead letter of a poll.
	begin() error
	// tick comes after each poll that did not fail.
	tick(ctx context.Context) error
	// flush waits for all records and keeps their offsets.
	flush(ctx context.Context) error
	// cancel ends the life after a flush that failed; what is not kept comes
	// again. The error, if any, says why there is to be no other life.
	cancel(ctx context.Context) error
}

// newCommitter returns the committer of a life, whose client and store are open.
func newCommitter(l *Life, id string) (committer, error) {
	if !l.o.Plan.Records.ExactlyOnce {
		return &periodic{connector: l.o.Plan.Name, store: l.store, delivery: l.delivery, offsets: l.offsets,
			committed: l.committed, trouble: l.o.Trouble, counts: l.o.Counts, logger: l.o.Logger,
			away: away.New(l.o.Logger, l.o.Brokers, "source offsets cannot be kept, nothing is polled until they are",
				"source offsets are kept again"),
			interval: l.o.FlushInterval, timeout: l.o.FlushTimeout, next: time.Now().Add(l.o.FlushInterval)}, nil
	}
	store, ok := l.store.(backing.TransactionalStore)
	if !ok {
		return nil, lives.Fatal(errors.New("exactly.once.source.support=enabled needs offset.storage.topic"))
	}
	return &transactional{connector: l.o.Plan.Name, id: id, producer: txn.New(l.client), raw: l.batches.producer(),
		store: store, verify: l.o.Verify, delivery: l.delivery, offsets: l.offsets, committed: l.committed,
		counts: l.o.Counts, logger: l.o.Logger,
		interval: l.o.Plan.Records.TransactionInterval, timeout: l.o.Plan.Records.TransactionTimeout}, nil
}
