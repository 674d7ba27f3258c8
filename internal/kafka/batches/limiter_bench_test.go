package batches_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/batches"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// BenchmarkConsume reads a topic of records of 475 bytes, as a bare client and within the
// memory of a process of 512 MiB. The ratio of the two is what the limits cost.
func BenchmarkConsume(b *testing.B) {
	const records = 200_000
	for _, codec := range []string{"lz4", "zstd", "gzip", "snappy"} {
		brokers := kafkatest.Start(b, kfake.SeedTopics(1, "in")).ListenAddrs()
		fill(b, brokers, codec, records)
		for _, limited := range []bool{false, true} {
			b.Run(fmt.Sprintf("codec=%s/limited=%v", codec, limited), func(b *testing.B) {
				began := cpu(b)
				for b.Loop() {
					consume(b, brokers, limited, records)
				}
				b.ReportMetric(float64(cpu(b)-began)/float64(b.N)/records, "cpu-ns/record")
				b.ReportMetric(records*float64(b.N)/b.Elapsed().Seconds(), "records/s")
			})
		}
	}
}

// cpu returns how long the process has used processors, which says more than the time
// where others use them too.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fill writes lines as of an access log.
func fill(b *testing.B, brokers []string, codec string, records int) {
	b.Helper()
	var compression kgo.CompressionCodec
	switch codec {
	case "lz4":
		compression = kgo.Lz4Compression()
	case "zstd":
		compression = kgo.ZstdCompression()
	case "gzip":
		compression = kgo.GzipCompression()
	case "snappy":
		compression = kgo.SnappyCompression()
	}
	cl := kafkatest.Client(b, brokers, kgo.DefaultProduceTopic("in"), kgo.ProducerBatchCompression(compression))
	line := text(475)
	for i := range records {
		copy(line, fmt.Sprintf("time:%d\thost:198.51.100.%d\treq:GET /item/%d HTTP/1.1\tstatus:200", i, i%200, i*7919%100_000))
		cl.Produce(b.Context(), &kgo.Record{Value: append([]byte(nil), line...)}, nil)
	}
	if err := cl.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func consume(b *testing.B, brokers []string, limited bool, records int) {
	b.Helper()
	opts := []kgo.Opt{kgo.SeedBrokers(brokers...), kgo.ConsumeTopics("in"),
		kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxBytes(2 << 20)}
	if limited {
		opts = append(opts, batches.New(memory.Limit(512<<20)).Opts()...)
	}
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		b.Fatal(err)
	}
	defer cl.Close()
	for n := 0; n < records; {
		fetches := cl.PollFetches(context.WithoutCancel(b.Context()))
		if err := fetches.Err(); err != nil {
			b.Fatal(err)
		}
		n += fetches.NumRecords()
	}
}
