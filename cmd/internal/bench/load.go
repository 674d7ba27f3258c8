package bench

import (
	"context"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// MakeTopic makes a topic with one replica, which keeps its records whatever their age.
func MakeTopic(ctx context.Context, cl *kgo.Client, topic string, partitions int) error {
	forever := "-1"
	configs := map[string]*string{"retention.ms": &forever}
	r, err := kadm.NewClient(cl).CreateTopic(ctx, int32(partitions), 1, configs, topic)
	if err == nil {
		err = r.Err
	}
	return err
}

// Load produces records from the one with number from to the one before number to, and
// waits until brokers have all of them.
func Load(ctx context.Context, cl *kgo.Client, from, to int, record func(i int) (*kgo.Record, error)) error {
	var once sync.Once
	var failed error
	for i := from; i < to; i++ {
		r, err := record(i)
		if err != nil {
			return err
		}
		cl.Produce(ctx, r, func(_ *kgo.Record, err error) {
			if err != nil {
				once.Do(func() { failed = err })
			}
		})
	}
	if err := cl.Flush(ctx); err != nil {
		return err
	}
	if failed != nil {
		return fmt.Errorf("produce records: %w", failed)
	}
	return nil
}
