package replay

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/txn"
)

// abortTimeout is how long an interrupted replay takes to abort its transaction, for which
// readers would otherwise wait until the broker does it.
const abortTimeout = 10 * time.Second

// producer writes records in transactions.
type producer struct {
	*txn.Producer
	client *kgo.Client
}

func newProducer(cl *kgo.Client) *producer { return &producer{txn.New(cl), cl} }

// write writes records, and what offsets commits, in one transaction. After an error the
// transaction is aborted, or its outcome is not known: then the error says so.
func (p *producer) write(ctx context.Context, records []*kgo.Record, offsets func(context.Context) error) error {
	if err := p.Begin(ctx); err != nil {
		p.abort(ctx)
		return fmt.Errorf("begin a transaction: %w", err)
	}
	err := p.produce(ctx, records)
	if err == nil {
		err = p.Unbroken(ctx)
	}
	if err == nil {
		if err = offsets(ctx); err != nil {
			err = fmt.Errorf("commit what was put back: %w", err)
		}
	}
	if err != nil {
		p.abort(ctx)
		return err
	}
	// From here on the transaction is ended, whoever interrupts.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if _, err := p.End(ctx, true); err != nil {
		return fmt.Errorf("commit a transaction of %d letters: %w: whether they were put back is not known here; call the "+
			"command again, which goes on where Kafka says that it was", len(records), err)
	}
	return nil
}

// produce writes records and waits until all are acknowledged.
func (p *producer) produce(ctx context.Context, records []*kgo.Record) error {
	var mu sync.Mutex // guards first
	var first error
	for _, r := range records {
		p.client.Produce(ctx, r, func(r *kgo.Record, err error) {
			mu.Lock()
			defer mu.Unlock()
			if err != nil && first == nil {
				first = fmt.Errorf("write to topic %s: %w", r.Topic, err)
			}
		})
	}
	err := p.client.Flush(ctx)
	mu.Lock()
	defer mu.Unlock()
	if first != nil {
		return first
	}
	return err
}

// abort aborts the transaction, also when ctx is done. An error is of no use: the broker
// aborts what is left open, or the next replay does.
func (p *producer) abort(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
	defer cancel()
	_, _ = p.End(ctx, false)
}

// offsets are what the group is to remember.
func (m Memories) offsets() (map[int32]kadm.Offset, error) {
	out := map[int32]kadm.Offset{}
	for partition, each := range m {
		metadata, err := each.encode()
		if err != nil {
			return nil, fmt.Errorf("remember what was put back of partition %d: %w", partition, err)
		}
		out[partition] = kadm.Offset{At: each.Next, Metadata: metadata}
	}
	return out, nil
}
