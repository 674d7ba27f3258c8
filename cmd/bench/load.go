package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/bench"
)

// load makes the input topic and fills it with records.
func load(ctx context.Context, cl *kgo.Client, topic string, o options) error {
	if err := bench.MakeTopic(ctx, cl, topic, o.partitions); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 2))
	return bench.Load(ctx, cl, 0, o.records, func(i int) (*kgo.Record, error) {
		at := time.Unix(1_700_000_000+int64(i/100), 0)
		return &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "%08x", r.Uint32()), Value: bench.Line(i, i, at)}, nil
	})
}
