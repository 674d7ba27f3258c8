package configs

import (
	"context"
	"errors"
	"fmt"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/txn"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// leader writes in transactions, and fences whoever had its id before.
type leader struct {
	client   *kgo.Client
	producer *txn.Producer
}

// claim takes the transactional id over.
func claim(ctx context.Context, id string, opts []kgo.Opt) (*leader, error) {
	cl, err := kgo.NewClient(append(opts[:len(opts):len(opts)], kgo.TransactionalID(id),
		kgo.RecordPartitioner(kafka.Partitioner()))...)
	if err != nil {
		return nil, err
	}
	l := &leader{cl, txn.New(cl)}
	if err := l.producer.Fence(ctx); err != nil {
		cl.Close()
		if errors.Is(err, kerr.TransactionalIDAuthorizationFailed) {
			err = fmt.Errorf("not authorized to use transactional.id %s: %w", id, err)
		}
		return nil, err
	}
	return l, nil
}

// write writes all of the records or none. It is not used again after an error.
func (l *leader) write(ctx context.Context, topic string, records []*kgo.Record) error {
	for _, r := range records {
		r.Topic, r.Partition = topic, -1
	}
	err := l.producer.Begin(ctx)
	if err == nil {
		err = l.client.ProduceSync(ctx, records...).FirstErr()
	}
	if err == nil {
		_, err = l.producer.End(ctx, true)
	}
	if errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch) {
		return fmt.Errorf("%w: %w", ErrFenced, err)
	}
	return err
}

func (l *leader) close() { l.client.Close() }
