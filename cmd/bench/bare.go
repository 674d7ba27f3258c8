package main

import (
	"context"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/bench"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/transforms/formats/ltsv"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

// bareLoop reads the records of the input, transforms and produces them with the
// client options of a stream app, and commits offsets once a second, until it is
// stopped.
func bareLoop(ctx context.Context, o options) error {
	encoder, err := newEncoder()
	if err != nil {
		return err
	}
	values, err := kafka.Stream.Def().Parse(map[string]string{"bootstrap.servers": strings.Join(o.brokers, ",")})
	if err != nil {
		return err
	}
	opts, err := kafka.Stream.Options(values, nil)
	if err != nil {
		return err
	}
	cl, err := kgo.NewClient(append(opts, kgo.ConsumerGroup(o.output), kgo.ConsumeTopics(o.input),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.AutoCommitInterval(time.Second), kgo.AutoCommitMarks())...)
	if err != nil {
		return err
	}
	defer cl.Close()
	l := loop{client: cl, writer: ltsvjson.NewWriter(encoder), output: o.output}
	for l.err == nil && ctx.Err() == nil {
		fetches := cl.PollRecords(ctx, values.Int("max.poll.records"))
		for it := fetches.RecordIter(); !it.Done(); {
			l.convert(context.Background(), it.Next())
		}
	}
	return l.err
}

type loop struct {
	client *kgo.Client
	writer *ltsvjson.Writer
	output string
	err    error
}

func (l *loop) convert(ctx context.Context, r *kgo.Record) {
	object, err := l.writer.Record(r.Value)
	if err != nil {
		l.err = err
		return
	}
	out := &kgo.Record{Topic: l.output, Key: r.Key, Value: object, Timestamp: r.Timestamp}
	l.client.Produce(ctx, out, func(_ *kgo.Record, err error) {
		if err == nil {
			l.client.MarkCommitRecords(r)
		}
	})
}

// newEncoder is the example's encoder with those options.
func newEncoder() (*ltsvjson.Encoder, error) {
	types, err := ltsv.ParseTypes(strings.Split(bench.Types, ","))
	if err != nil {
		return nil, err
	}
	return ltsvjson.New(&ltsvjson.Options{Drop: strings.Split(bench.Drop, ","), Types: types, Cookies: []string{"cookie"}})
}
