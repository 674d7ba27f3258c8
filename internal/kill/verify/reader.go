package verify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Range is part of a partition: the offsets from Start to End, End excluded.
type Range struct {
	// Start is the first offset.
	Start int64
	// End is the offset after the last one.
	End int64
}

// Ends returns the ranges of all partitions of a topic, from the first record
// to the end. It waits until no transaction is open in the topic; ctx bounds
// that. The broker aborts an abandoned one after transaction.timeout.ms.
func Ends(ctx context.Context, adm *kadm.Client, topic string) (map[int32]Range, error) {
	var open []int32
	for {
		ranges, now, err := ends(ctx, adm, topic)
		switch {
		case kerr.IsRetriable(err) && ctx.Err() == nil: // a partition has no leader for a moment
			now = open
		case err != nil && len(open) > 0 && ctx.Err() != nil:
			return nil, fmt.Errorf("ends of %s: a transaction is open in partitions %v: %w", topic, open, ctx.Err())
		case err != nil:
			return nil, fmt.Errorf("ends of %s: %w", topic, err)
		case len(now) == 0:
			return ranges, nil
		}
		open = now
		select {
		case <-ctx.Done(): // which the next question tells
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func ends(ctx context.Context, adm *kadm.Client, topic string) (ranges map[int32]Range, open []int32, err error) {
	ends, err := adm.ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return nil, nil, err
	}
	// This is asked after the ends: if it is equal, everything before the end is
	// stable.
	stable, err := adm.ListCommittedOffsets(ctx, topic)
	if err == nil {
		err = stable.Error()
	}
	if err != nil {
		return nil, nil, err
	}
	starts, err := adm.ListStartOffsets(ctx, topic)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return nil, nil, err
	}
	ranges = map[int32]Range{}
	for p, end := range ends[topic] {
		ranges[p] = Range{Start: starts[topic][p].Offset, End: end.Offset}
		if stable[topic][p].Offset < end.Offset {
			open = append(open, p)
		}
	}
	slices.Sort(open)
	return ranges, open, nil
}

// Read calls each with every record of the ranges that isolation lets
// through, in the order of each partition. Transaction markers are not among
// them. A gap at the end of a range, as compaction leaves it, ends in ctx.
func Read(ctx context.Context, opts []kgo.Opt, topic string, ranges map[int32]Range,
	isolation kgo.IsolationLevel, each func(*kgo.Record)) error {
	left := map[int32]int64{}
	from := map[int32]kgo.Offset{}
	for p, r := range ranges {
		if r.Start < r.End {
			left[p], from[p] = r.End, kgo.NewOffset().At(r.Start)
		}
	}
	if len(left) == 0 {
		return nil
	}
	cl, err := kgo.NewClient(append(slices.Clone(opts),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}),
		kgo.FetchIsolationLevel(isolation), kgo.KeepControlRecords())...)
	if err != nil {
		return fmt.Errorf("read %s: %w", topic, err)
	}
	defer cl.Close()
	for len(left) > 0 {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("read %s, %d of %d partitions not at their end: %w", topic, len(left), len(ranges), err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			end, ok := left[r.Partition]
			if ok && r.Offset < end && !r.Attrs.IsControl() {
				each(r)
			}
			if r.Offset >= end-1 {
				delete(left, r.Partition)
			}
		})
	}
	return nil
}
