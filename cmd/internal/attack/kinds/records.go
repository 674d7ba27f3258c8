package kinds

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/attack/wire"
)

// records are attacks by what is in one record.
func records() []Kind {
	return []Kind{
		{"compressible-headers", "writes records at the size limit with two megabytes of headers that compress",
			compressibleHeaders},
		{"long-keys", "writes records whose keys are as long as a record may be", longKeys},
		{"keys-not-utf8", "writes keys that are not UTF-8, and of which several become one when repaired", keysNotUTF8},
		{"nulls", "writes null values, null keys, empty ones and tombstones", nulls},
		{"timestamps", "writes records of the times -1, 0, in the year 9999 and of the largest number", timestamps},
	}
}

// everywhere writes a record to the partitions of the topics that honest records are in.
func everywhere(ctx context.Context, f *Field, r kgo.Record) error {
	var all []*kgo.Record
	for _, topic := range []string{"ltsv", "json", "registry", "envelope"} {
		one := r
		one.Topic, one.Partition = f.Topic(topic), partition(f)
		all = append(all, &one)
	}
	return f.Kafka.Records(ctx, all...)
}

func compressibleHeaders(ctx context.Context, f *Field) error {
	for range 3 {
		b := &wire.Batch{Codec: choose(f, wire.Gzip, wire.Zstd, wire.LZ4), Time: time.Now().UnixMilli()}
		header := []byte(strings.Repeat("h", 2<<20))
		b.Add([]byte("key"), []byte("neither LTSV nor JSON"), wire.Header{Key: "hostile", Value: header})
		if err := f.Kafka.Write(ctx, bombed(f), partition(f), b); err != nil {
			return err
		}
	}
	return nil
}

func longKeys(ctx context.Context, f *Field) error {
	for _, size := range []int{1 << 15, 600 << 10, 1<<20 - 500} {
		b := &wire.Batch{Time: time.Now().UnixMilli()}
		b.Add([]byte(strings.Repeat("k", size)), []byte("neither LTSV nor JSON"))
		if err := f.Kafka.Write(ctx, bombed(f), partition(f), b); err != nil {
			return err
		}
	}
	return nil
}

func keysNotUTF8(ctx context.Context, f *Field) error {
	for _, key := range []string{"\xff", "\xfe", "\xc3\x28", "\x80\x80", "\xed\xa0\x80", "\x00", "a\x00b", "\ufffd"} {
		if err := everywhere(ctx, f, kgo.Record{Key: []byte(key), Value: []byte(`{"vhost":"hostile"}`)}); err != nil {
			return err
		}
	}
	return nil
}

func nulls(ctx context.Context, f *Field) error {
	for _, r := range []kgo.Record{
		{}, {Value: []byte{}}, {Key: []byte("k")}, {Key: []byte{}, Value: []byte{}}, {Value: []byte("null")},
		{Value: []byte(" ")}, {Value: []byte("\n\n\n")}, {Value: []byte("\x00")}, {Key: []byte("null"),
			Value: []byte("[]")},
		{Value: []byte(`{"vhost":null,"status":null,"time":null}`)},
		{Value: []byte(`{}`), Headers: []kgo.RecordHeader{{Key: "", Value: nil}, {Key: "a"}, {Key: "a", Value: []byte{}}}},
	} {
		if err := everywhere(ctx, f, r); err != nil {
			return err
		}
	}
	return nil
}

func timestamps(ctx context.Context, f *Field) error {
	const endOf9999 = 253402300799999
	for _, at := range []int64{-1, 0, 1, endOf9999, math.MaxInt64 / 1_000_000, math.MaxInt64/1_000_000 + 1,
		math.MaxInt64, math.MinInt64} {
		for _, topic := range []string{"ltsv", "json", "registry", "envelope"} {
			b := &wire.Batch{Time: at}
			b.Add(nil, fmt.Appendf(nil, `{"vhost":"hostile","time":"9999-12-31T23:59:59Z","n":%d}`, at))
			b.Add(nil, fmt.Appendf(nil, "vhost:hostile\ttime:%d", at))
			if err := f.Kafka.Write(ctx, f.Topic(topic), partition(f), b); err != nil {
				return err
			}
		}
	}
	return nil
}
