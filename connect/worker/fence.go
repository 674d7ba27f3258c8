package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Fence shuts out the tasks of a source connector that have run in any worker, with the
// numbers below n, and ends their transactions: after it they can commit nothing. It is
// called from any goroutine, and waits for the brokers until ctx is done.
func Fence(ctx context.Context, p *plan.Connector, n int) error {
	if p.Records == nil || n == 0 {
		return nil
	}
	opts, err := p.Producer.Options()
	if err != nil {
		return fmt.Errorf("configure the producer: %w", err)
	}
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return fmt.Errorf("configure the producer: %w", err)
	}
	defer cl.Close()
	var errs []error
	for id := range n {
		errs = append(errs, fence(ctx, cl, fmt.Sprint(p.Records.TransactionalIDPrefix, id)))
	}
	return errors.Join(errs...)
}

// fence takes a new epoch of a transactional id, so that those before are refused.
func fence(ctx context.Context, cl *kgo.Client, id string) error {
	req := kmsg.NewPtrInitProducerIDRequest()
	req.TransactionalID, req.ProducerID, req.ProducerEpoch = &id, -1, -1
	req.TransactionTimeoutMillis = int32(time.Minute.Milliseconds()) // nobody begins a transaction with it
	pause := backoff.Backoff{First: 20 * time.Millisecond, Max: time.Second}
	for {
		res, err := req.RequestWith(ctx, cl)
		if err == nil {
			err = kerr.ErrorForCode(res.ErrorCode)
		}
		if err == nil {
			return nil
		}
		again := kerr.IsRetriable(err) || errors.Is(err, kerr.ConcurrentTransactions) // the one that it ends
		if !again || backoff.Sleep(ctx, pause.Next()) != nil {
			return fmt.Errorf("fence transactional.id %s: %w", id, err)
		}
	}
}
