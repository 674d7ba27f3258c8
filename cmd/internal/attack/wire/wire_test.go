package wire_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/attack/wire"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

func TestBatchesMadeByHandAreRead(t *testing.T) {
	cluster := kafkatest.Start(t, kfake.SeedTopics(2, "t"))
	p, err := wire.New(cluster.ListenAddrs())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, codec := range []wire.Codec{wire.None, wire.Gzip, wire.Snappy, wire.LZ4, wire.Zstd} {
		b := &wire.Batch{Codec: codec, Time: 1000}
		b.Add(nil, bytes.Repeat([]byte("a"), 1<<19), wire.Header{Key: "h", Value: []byte(codec.String())})
		b.Add([]byte("key"), nil)
		if err := p.Write(t.Context(), "t", 1, b); err != nil {
			t.Fatalf("%v: %v", codec, err)
		}
	}
	if err := p.Records(t.Context(), &kgo.Record{Topic: "t", Partition: 1, Value: []byte("last")}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range kafkatest.Consume(t, cluster.ListenAddrs(), "t", 11) {
		got = append(got, fmt.Sprintf("%d-%d %q %d %v", r.Partition, r.Offset, r.Key, len(r.Value), r.Headers))
	}
	var want []string
	for i, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		want = append(want, fmt.Sprintf("1-%d %q %d %v", 2*i, "", 1<<19, []kgo.RecordHeader{{Key: "h", Value: []byte(codec)}}),
			fmt.Sprintf("1-%d %q 0 []", 2*i+1, "key"))
	}
	want = append(want, `1-10 "" 4 []`)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("read\n%v\nwant\n%v", got, want)
	}
	if taken, refused := p.Counts(); taken != 6 || refused != 0 {
		t.Errorf("%d taken, %d refused, want 6 and 0", taken, refused)
	}
}

func TestWhatTheBrokerRefusesIsCounted(t *testing.T) {
	cluster := kafkatest.Start(t, kfake.SeedTopics(1, "t"), kfake.BrokerConfigs(map[string]string{"message.max.bytes": "1000"}))
	p, err := wire.New(cluster.ListenAddrs())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	b := &wire.Batch{}
	b.Add(nil, make([]byte, 2000))
	if err := p.Write(t.Context(), "t", 0, b); err != nil {
		t.Fatal(err)
	}
	if taken, refused := p.Counts(); taken != 0 || refused != 1 {
		t.Errorf("%d taken, %d refused, want 0 and 1", taken, refused)
	}
}
