package kinds

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/attack/stage"
)

// topics are attacks by topics: those that sinks find by a pattern, and those that apps
// and the worker keep their own data in.
func topics() []Kind {
	return []Kind{
		{"odd-topics", "creates topics that the sinks' pattern finds and whose names HDFS and Elasticsearch do not take",
			oddTopics},
		{"topic-storm", "creates and deletes many topics that the sinks' pattern finds", topicStorm},
		{"changelog", "writes damaged keys and values to the changelog of an app", changelog},
		{"repartition", "writes records that are none to the repartition topic of an app", repartition},
		{"offsets", "writes damaged source offsets to the worker's own topic", offsets},
	}
}

// writeWild writes a hostile record to a new topic.
func writeWild(ctx context.Context, f *Field, topic string) error {
	if err := f.CreateTopic(ctx, 1, topic); err != nil {
		return fmt.Errorf("create topic %s: %w", topic, err)
	}
	return f.Kafka.Records(ctx, &kgo.Record{Topic: topic, Value: []byte(`{"vhost":"hostile"}`)},
		&kgo.Record{Topic: topic, Value: []byte(`{"vhost":".."}`)}, &kgo.Record{Topic: topic, Value: []byte("{")})
}

func oddTopics(ctx context.Context, f *Field) error {
	names := append([]string{f.Wild("UPPER"), f.Wild("upper"), f.Wild("a..b"), f.Wild(".."), f.Wild("."), f.Wild("-_-"),
		f.Wild(strings.Repeat("n", 249-len(f.Wild(""))))}, stage.Odd...)
	for _, name := range names {
		if err := writeWild(ctx, f, name); err != nil {
			return err
		}
	}
	return nil
}

func topicStorm(ctx context.Context, f *Field) error {
	var names []string
	for range f.many(10, 100) {
		names = append(names, f.Wild(fmt.Sprintf("storm-%x", f.Rand.Uint32())))
		if err := writeWild(ctx, f, names[len(names)-1]); err != nil {
			return err
		}
	}
	return f.DeleteTopics(ctx, names...)
}

// writeInternal writes records to all topics of the run whose names end so.
func writeInternal(ctx context.Context, f *Field, ending string, records ...kgo.Record) error {
	names, err := f.TopicsLike(ctx, ending)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no topic that ends with %s", ending)
	}
	var all []*kgo.Record
	for _, name := range names {
		for _, r := range records {
			r.Topic, r.Partition = name, partition(f)
			all = append(all, &r)
		}
	}
	return f.Kafka.Records(ctx, all...)
}

// counts are stored counts whose parts claim to be more than there is.
func counts(numbers ...uint64) []byte {
	b := []byte{1}
	for _, n := range numbers {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

func changelog(ctx context.Context, f *Field) error {
	var all []kgo.Record
	for i, value := range [][]byte{{}, {0}, {1}, {2}, {255}, counts(1, 1, math.MaxUint64), counts(math.MaxUint64, 1,
		1<<40, 200),
		append(counts(1, 1, 0), []byte(strings.Repeat("\xff", 1000))...), append(counts(1, 1, 0), 1, 255, 255, 255, 255,
			255, 255, 255, 255, 1),
		[]byte(strings.Repeat("\x05\xff\xff\xff\xff\x0f", 1000)), []byte(strings.Repeat("a", 900_000))} {
		for _, key := range [][]byte{{}, {0}, []byte("hostile"), []byte("hostile\x00\x00\x00\x00\x00\x00\x00\x00"),
			[]byte(strings.Repeat("\xff", 9)),
			binary.BigEndian.AppendUint64(fmt.Appendf(nil, "h%d-%x", i, f.Rand.Uint32()), uint64(f.Rand.Int64N(1<<41)))} {
			all = append(all, kgo.Record{Key: key, Value: value})
		}
	}
	return writeInternal(ctx, f, "-changelog", all...)
}

func repartition(ctx context.Context, f *Field) error {
	return writeInternal(ctx, f, "-repartition", kgo.Record{Key: []byte("hostile"), Value: []byte("x")},
		kgo.Record{Value: []byte("0123456789")},
		kgo.Record{Key: []byte("hostile")}, kgo.Record{Key: []byte("\xff\xfe"), Value: []byte(strings.Repeat("\xff", 10))},
		kgo.Record{Key: []byte(strings.Repeat("k", 900_000)), Value: []byte("0123456789")})
}

func offsets(ctx context.Context, f *Field) error {
	var all []*kgo.Record
	for _, key := range []string{"", "{", "[]", "null", `["x",{"filename":"y"}]`, strings.Repeat("[", 500_000),
		`["x",` + strings.Repeat(`{"a":`, 50_000), "\xff",
		`["` + f.Topic("planted-0") + `",{"filename":"` + f.Planted(0) + `"}]`} {
		for _, value := range []string{"", "{", `{"position":-1}`, `{"position":9223372036854775807,"inode":1,"head":1}`,
			`{"position":"x"}`, `{"position":1e999}`, "[]"} {
			all = append(all, &kgo.Record{Topic: f.Topic("offsets"), Key: []byte(key), Value: []byte(value)})
		}
	}
	return f.Kafka.Records(ctx, all...)
}
