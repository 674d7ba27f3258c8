package rawproducer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka/rawbatch"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// transaction is that of a client, whose coordinator is asked beside the client.
type transaction struct {
	client *kgo.Client
	id     string
}

// add adds partitions.
func (t transaction) add(ctx context.Context, s rawbatch.Sender, partitions []connect.TopicPartition) error {
	req := kmsg.NewPtrAddPartitionsToTxnRequest()
	req.TransactionalID, req.ProducerID, req.ProducerEpoch = t.id, s.ID, s.Epoch
	at := map[string]int{}
	for _, p := range partitions {
		i, ok := at[p.Topic]
		if !ok {
			i = len(req.Topics)
			at[p.Topic] = i
			req.Topics = append(req.Topics, kmsg.AddPartitionsToTxnRequestTopic{Topic: p.Topic})
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, p.Partition)
	}
	pause := backoff.Backoff{First: 5 * time.Millisecond, Max: 500 * time.Millisecond}
	for {
		resp, err := req.RequestWith(ctx, t.client)
		if err == nil {
			err = refusal(resp)
		}
		if !errors.Is(err, kerr.ConcurrentTransactions) || backoff.Sleep(ctx, pause.Next()) != nil {
			return err
		}
	}
}

// refusal is the first error of an answer, if possible of a partition that was the cause of the others.
func refusal(resp *kmsg.AddPartitionsToTxnResponse) (first error) {
	for _, t := range resp.Topics {
		for _, one := range t.Partitions {
			err := kerr.ErrorForCode(one.ErrorCode)
			if err != nil && (first == nil || errors.Is(first, kerr.OperationNotAttempted)) {
				first = fmt.Errorf("topic %s: %w", t.Topic, err)
			}
		}
	}
	return first
}

// abort ends the transaction without its records, if there is one.
func (t transaction) abort(ctx context.Context, sender rawbatch.Sender) error {
	req := kmsg.NewPtrEndTxnRequest()
	req.TransactionalID, req.ProducerID, req.ProducerEpoch = t.id, sender.ID, sender.Epoch
	pause := backoff.Backoff{First: 20 * time.Millisecond, Max: time.Second}
	for {
		resp, err := req.RequestWith(ctx, t.client)
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		switch {
		case err == nil || errors.Is(err, kerr.InvalidTxnState): // there is none
			return nil
		case errors.Is(err, kerr.InvalidProducerEpoch):
			return fmt.Errorf("%w: %w", kerr.ProducerFenced, err)
		case !errors.Is(err, kerr.ConcurrentTransactions) || backoff.Sleep(ctx, pause.Next()) != nil:
			return err
		}
	}
}
