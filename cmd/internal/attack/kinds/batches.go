package kinds

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/suiro/suiro/cmd/internal/attack/wire"
)

// batches are attacks by what a batch becomes when it is read.
func batches() []Kind {
	kinds := []Kind{
		{"tiny-records", "writes batches of hundreds of thousands of records of no content", tinyRecords},
		{"tiny-headers", "writes a batch of a record with a million headers of no content", tinyHeaders},
		{"many-fair-batches", "writes many batches that are each just fair in size, at once, to both partitions",
			manyFairBatches},
	}
	for _, codec := range []wire.Codec{wire.Gzip, wire.Snappy, wire.LZ4, wire.Zstd} {
		kinds = append(kinds, Kind{"bomb-" + codec.String(),
			"writes a batch of a few records that takes less than a mebibyte and becomes as much as " + codec.String() +
				" can",
			func(ctx context.Context, f *Field) error { return bomb(ctx, f, codec) }})
	}
	return kinds
}

// bombed are the topics that everything reads.
func bombed(f *Field) string {
	return f.Topic(choose(f, "ltsv", "json", "registry", "envelope"))
}

func partition(f *Field) int32 { return f.Rand.Int32N(2) }

// bomb is as large as the codec makes of 900 KiB, and 320 MiB at most.
func bomb(ctx context.Context, f *Field, codec wire.Codec) error {
	ratio := map[wire.Codec]int{wire.Gzip: 1000, wire.Snappy: 20, wire.LZ4: 250, wire.Zstd: 10_000}[codec]
	size := min(320<<20, 900<<10*ratio*9/10)
	records := 1 + f.Rand.IntN(4)
	b := &wire.Batch{Codec: codec, Time: time.Now().UnixMilli()}
	value := bytes.Repeat([]byte(choose(f, "a", "\t", "0", "{", " ")), size/records)
	for range records {
		b.Add(nil, value)
	}
	return f.Kafka.Write(ctx, bombed(f), partition(f), b)
}

// tinyRecords writes batches that are each below the limit of a topic: offsets differ, so
// each record takes two bytes on the wire.
func tinyRecords(ctx context.Context, f *Field) error {
	b := &wire.Batch{Codec: wire.Zstd, Time: time.Now().UnixMilli()}
	for range 300_000 {
		b.Add(nil, nil)
	}
	topic := bombed(f)
	for range f.many(5, 20) {
		if err := f.Kafka.Write(ctx, topic, partition(f), b); err != nil {
			return err
		}
	}
	return nil
}

func tinyHeaders(ctx context.Context, f *Field) error {
	b := &wire.Batch{Codec: wire.Zstd, Time: time.Now().UnixMilli()}
	b.Add(nil, []byte(`{"vhost":"hostile"}`), make([]wire.Header, 4_000_000)...)
	return f.Kafka.Write(ctx, bombed(f), partition(f), b)
}

// manyFairBatches has 20 batches of 12 MiB that are a few KiB on the wire: the broker
// sends them all in one answer.
func manyFairBatches(ctx context.Context, f *Field) error {
	topic := bombed(f)
	for n := range 20 {
		b := &wire.Batch{Codec: wire.Zstd, Time: time.Now().UnixMilli()}
		for range 12 {
			b.Add(nil, bytes.Repeat([]byte("x"), 1<<20))
		}
		if err := f.Kafka.Write(ctx, topic, int32(n%2), b); err != nil {
			return fmt.Errorf("batch %d: %w", n, err)
		}
	}
	return nil
}
