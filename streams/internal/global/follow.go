package global

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/member"
)

// follower reads the topic of a store into one generation.
type follower struct {
	*table
	g      *generation
	topic  *spans // as brokers told at the beginning, and what has come since
	client *kgo.Client
	stops  *kafka.Stops
	looked time.Time
	began  time.Time // when the last records came
	wrote  bool      // dead letters, since the last commit
	// unwritten is set when a dead letter was not written.
	unwritten atomic.Bool
}

// follow reads until something fails. ok is called when the topic is being read.
func (t *table) follow(ctx context.Context, ok func()) error {
	topic, err := ask(ctx, t.o.Admin, t.store.Topic())
	if err != nil {
		return err
	}
	g, err := t.generation(topic)
	if err != nil {
		return err
	}
	g.begin(topic)
	f := &follower{table: t, g: g, topic: topic, looked: time.Now()}
	if err := f.open(); err != nil {
		return broken{err}
	}
	defer f.close()
	t.lose()
	t.own(g)
	t.starts(g, topic)
	if err := f.commit(ctx); err != nil {
		return err
	}
	t.can()
	for err = f.progress(g, topic, 0); err == nil; {
		if err = f.step(ctx); err == nil {
			ok()
		}
	}
	return err
}

func (f *follower) open() error {
	opts, err := f.o.Client()
	if err != nil {
		return err
	}
	// The last offset of a transaction is its marker, so that without markers the end would
	// never be reached.
	opts = append(slices.Clone(opts), kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if f.o.Limits != nil {
		opts = append(opts, kgo.ProducerBatchMaxBytesFn(func(topic string) int32 { return int32(f.o.Limits.Bytes(topic)) }))
	}
	f.client, err = kgo.NewClient(opts...)
	if err != nil {
		return err
	}
	f.stops = kafka.NewStops(f.client)
	f.client.AddConsumePartitions(f.g.from()) // not before stops knows that nothing was refused
	o := f.o.task()
	o.Produce = func(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error)) {
		f.wrote = true
		f.client.Produce(ctx, r, func(r *kgo.Record, err error) {
			if err != nil {
				f.unwritten.Store(true)
			}
			promise(r, err)
		})
	}
	if err := f.g.open(o); err != nil {
		f.client.Close()
		return err
	}
	return nil
}

func (f *follower) close() {
	f.client.UnsafeAbortBufferedRecords()
	f.g.task.Close()
	f.client.Close()
}

// step polls once, and looks at the topic now and then.
func (f *follower) step(ctx context.Context) error {
	if f.stops.Forgotten() {
		f.stops.Resume(f.g.positions())
	}
	wait, cancel := context.WithDeadline(ctx, f.looked.Add(f.o.LookInterval))
	fetches := f.client.PollRecords(wait, f.o.MaxPollRecords)
	cancel()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f.began = time.Now()
	records := 0
	var err error
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if err == nil {
			records += len(p.Records)
			err = f.take(ctx, p)
		}
	})
	if err == nil && records > 0 {
		err = f.commit(ctx)
	}
	if err == nil {
		err = f.progress(f.g, f.topic, records)
	}
	if err != nil {
		return err
	}
	if err := f.faults(ctx, fetches); err != nil {
		return err
	}
	if time.Since(f.looked) < f.o.LookInterval {
		return nil
	}
	return f.look(ctx)
}

// take processes the records of a partition.
func (f *follower) take(ctx context.Context, p kgo.FetchTopicPartition) error {
	if len(p.Records) == 0 {
		return nil
	}
	next := p.Records[len(p.Records)-1].Offset + 1
	records := slices.DeleteFunc(slices.Clone(p.Records), func(r *kgo.Record) bool { return r.Attrs.IsControl() })
	if len(records) > 0 {
		if err := f.g.task.ProcessInline(records); err != nil {
			return f.failed(ctx, err)
		}
	}
	f.g.next[p.Partition] = next
	f.o.Lags.Read(p.Topic, p.Partition, next, p.HighWatermark)
	return nil
}

// commit writes what was read to the DB, behind the dead letters.
func (f *follower) commit(ctx context.Context) error {
	if f.wrote {
		if err := f.client.Flush(ctx); err != nil {
			return err
		}
		f.wrote = false
	}
	if err := f.g.task.Err(); err != nil {
		return f.failed(ctx, err)
	}
	if err := f.g.task.Committed(); err != nil {
		return broken{err}
	}
	for p := range f.g.next {
		f.o.Lags.Commit(f.store.Topic(), p)
	}
	return nil
}

// failed is the error of records that could not be taken. Where it is that of a dead letter it
// passes when brokers were away, and when the letter was refused because its topic takes less than
// was thought, which is known from then on: what is not committed is read again. It does not pass
// when the topic takes nothing, or is not there.
func (f *follower) failed(ctx context.Context, err error) error {
	var refusal *limits.Refusal
	switch {
	case !f.unwritten.Load() || limits.Denies(err):
		return broken{err}
	case errors.As(err, &refusal) && f.o.Limits.Learn(ctx, f.o.Admin, refusal, f.began), member.Recoverable(err):
		return &passing{err}
	}
	return broken{err}
}

// faults deals with what the client reports.
func (f *follower) faults(ctx context.Context, fetches kgo.Fetches) (err error) {
	fetches.EachError(func(topic string, partition int32, why error) {
		batch, large := kafka.TooLarge(why)
		var lost *kgo.ErrDataLoss
		switch {
		case err != nil || errors.Is(why, context.DeadlineExceeded) || errors.Is(why, context.Canceled):
		case large:
			err = f.skip(ctx, batch)
		case errors.Is(why, kerr.OffsetOutOfRange), errors.As(why, &lost):
			err = &outdated{fmt.Sprintf("it was read to an offset that partition %d does not have any more", partition)}
		default:
			err = fmt.Errorf("read %s-%d: %w", topic, partition, why)
		}
	})
	return err
}

// skip gives up a batch that takes too much memory.
func (f *follower) skip(ctx context.Context, batch kafka.Batch) error {
	if err := f.g.task.RejectBatch(batch); err != nil {
		return f.failed(ctx, err)
	}
	f.g.next[batch.Partition] = batch.Next
	if err := f.commit(ctx); err != nil {
		return err
	}
	batch.Skip(f.client)
	f.stops.Skipped()
	return f.progress(f.g, f.topic, 1)
}

// look asks what there is of the topic: it may have been made again, or have got
// partitions. While no broker answers, everything stays as it is.
func (f *follower) look(ctx context.Context) error {
	f.looked = time.Now()
	now, err := ask(ctx, f.o.Admin, f.store.Topic())
	var refused *kerr.Error
	switch {
	case errors.As(err, &refused):
		return err
	case err != nil:
		f.log.Debug("look at the topic of a global store", "error", err)
		return nil
	}
	if why := f.g.outdated(now); why != "" {
		return &outdated{why}
	}
	came := map[int32]kgo.Offset{}
	for p, s := range now.partitions {
		if _, known := f.g.next[p]; !known {
			came[p] = kgo.NewOffset().At(s.start)
			f.o.Lags.Own(f.store.Topic(), p, s.start)
			f.owned[p] = true
		}
	}
	if len(came) == 0 {
		return nil
	}
	f.log.Info("the topic of a global store has more partitions, which are read", "partitions", len(now.partitions))
	f.g.begin(now)
	f.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{f.store.Topic(): came})
	return nil
}
