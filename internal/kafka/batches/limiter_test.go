package batches_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	pierrec "github.com/pierrec/lz4/v4"
	"github.com/suiro/suiro/internal/kafka/batches"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

var codecs = map[string]kgo.CompressionCodecType{"gzip": kgo.CodecGzip, "snappy": kgo.CodecSnappy, "lz4": kgo.CodecLz4,
	"zstd": kgo.CodecZstd}

// compress compresses as a client does.
func compress(t testing.TB, codec kgo.CompressionCodecType, data []byte) []byte {
	t.Helper()
	c, err := kgo.DefaultCompressor(map[kgo.CompressionCodecType]kgo.CompressionCodec{kgo.CodecGzip: kgo.GzipCompression(),
		kgo.CodecSnappy: kgo.SnappyCompression(), kgo.CodecLz4: kgo.Lz4Compression(), kgo.CodecZstd: kgo.ZstdCompression()}[codec])
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	packed, got := c.Compress(&out, data)
	if got != codec {
		t.Fatalf("the client compressed with %v, want %v", got, codec)
	}
	return bytes.Clone(packed)
}

// text returns n bytes that compress to about a quarter.
func text(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, n)
	for i := range out {
		out[i] = "abcd"[r.IntN(4)]
	}
	return out
}

func TestDecompressReturnsWhatWasCompressed(t *testing.T) {
	l := batches.New(memory.Limit(512 << 20))
	for name, codec := range codecs {
		for _, size := range []int{0, 1, 100, 64 << 10, 256 << 10, 256<<10 + 1, 1 << 20, 3<<20 + 7} {
			want := text(size)
			got, err := l.Decompress(compress(t, codec, want), codec)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes came back as %d, %v", name, size, len(got), err)
			}
		}
		bomb := kafkatest.Bomb{Codec: codec, Records: 100, Value: 50 << 10} // in many blocks, without its size in front
		plain := bomb
		plain.Codec = kgo.CodecNone
		got, err := l.Decompress(bomb.Compressed(t), codec)
		if err != nil || !bytes.Equal(got, plain.Compressed(t)) {
			t.Errorf("%s: a batch in many blocks came back as %d bytes, %v", name, len(got), err)
		}
	}
}

func TestWhatIsNotCompressedPassesAsItIs(t *testing.T) {
	want := []byte("plain")
	if got, err := batches.New(nil).Decompress(want, kgo.CodecNone); err != nil || !bytes.Equal(got, want) {
		t.Errorf("Decompress = %q, %v, want %q", got, err, want)
	}
}

func TestBatchesThatCostTooMuchAreRefused(t *testing.T) {
	for name, codec := range codecs {
		for what, bomb := range map[string]kafkatest.Bomb{
			"a huge record":      {Records: 1, Value: 5 << 20},
			"many large records": {Records: 100, Value: 50 << 10},
			"many empty records": {Records: 40_000},
			"many headers":       {Records: 10, Headers: 10_000},
		} {
			bomb.Codec = codec
			l := batches.New(memory.Limit(memory.Least)) // 4 MiB a batch
			if _, err := l.Decompress(bomb.Compressed(t), codec); !errors.Is(err, kgo.ErrMaxDecompress) {
				t.Errorf("%s: Decompress of %s = %v, want ErrMaxDecompress", name, what, err)
			}
			bomb.Records, bomb.Value, bomb.Headers = bomb.Records/10+1, bomb.Value/10, bomb.Headers/10
			if _, err := l.Decompress(bomb.Compressed(t), codec); err != nil {
				t.Errorf("%s: Decompress of a tenth of %s = %v, want nil", name, what, err)
			}
		}
	}
}

// All clients of a process share the room; a client without any goes on with small
// batches.
func TestBatchesOfAllClientsFitTogether(t *testing.T) {
	b := memory.Limit(memory.Least) // 16 MiB for all batches
	greedy, other := batches.New(b), batches.New(b)
	large := compress(t, kgo.CodecSnappy, text(3<<20))
	small := compress(t, kgo.CodecSnappy, make([]byte, 100<<10))
	var held [][]byte
	var err error
	for err == nil && len(held) < 10 {
		var data []byte
		data, err = greedy.Decompress(large, kgo.CodecSnappy)
		held = append(held, data)
	}
	if !kerr.IsRetriable(err) || len(held) < 5 {
		t.Fatalf("%d batches of 3 MiB fit into 16 MiB, then %v; want 5, then an error that the client retries",
			len(held)-1, err)
	}
	if u := b.Usage(memory.Batches); u.Held < 15<<20 || u.Held > u.Room || u.Room != 16<<20 || u.InVain != 1 {
		t.Errorf("usage = %+v, want 5 batches of 3 MiB in 16 MiB, and one that waited in vain", u)
	}
	if _, err := other.Decompress(small, kgo.CodecSnappy); err != nil {
		t.Errorf("a client without batches cannot take a small one: %v", err)
	}
	runtime.KeepAlive(held)
	held = nil
	kafkatest.Eventually(t, "room for another batch", func() bool {
		_, err := greedy.Decompress(large, kgo.CodecSnappy)
		return err == nil
	})
}

func FuzzDecompress(f *testing.F) {
	for _, codec := range codecs {
		f.Add(kafkatest.Bomb{Codec: codec, Records: 3, Value: 100, Headers: 2}.Compressed(f), uint8(codec))
		f.Add(kafkatest.Bomb{Codec: codec, Records: 1, Value: 300 << 10}.Compressed(f), uint8(codec))
	}
	l := batches.New(memory.Limit(memory.Least))
	reference := kgo.DefaultDecompressor()
	f.Fuzz(func(t *testing.T, src []byte, codec uint8) {
		c := kgo.CompressionCodecType(codec % 5)
		got, err := l.Decompress(src, c)
		if len(got) > 4<<20 && c != kgo.CodecNone {
			t.Fatalf("%d bytes came out of %d", len(got), len(src))
		}
		if err != nil {
			return
		}
		want, err := reference.Decompress(src, c)
		if errors.Is(err, pierrec.ErrInvalidFrameChecksum) {
			return // which a batch does not need
		}
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("Decompress = %d bytes, the client's own %d and %v", len(got), len(want), err)
		}
	})
}

// Whoever allocates something for each record of a batch knows by this which records keep
// each other in memory.
func TestEachBatchHasAContextOfItsOwn(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(1, "in")).ListenAddrs()
	producer := kafkatest.Client(t, brokers, kgo.ProducerLinger(time.Minute), kgo.DefaultProduceTopic("in"))
	for range 3 { // a batch each, as nothing is sent before Flush
		for _, value := range []string{"a", "b"} {
			producer.Produce(t.Context(), kgo.StringRecord(value), func(_ *kgo.Record, err error) {
				if err != nil {
					t.Error(err)
				}
			})
		}
		if err := producer.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	opts := append(batches.New(nil).Opts(), kgo.SeedBrokers(brokers...), kgo.ConsumeTopics("in"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	of := map[context.Context][]int64{}
	for read := 0; read < 6; {
		fetches := cl.PollFetches(t.Context())
		if err := fetches.Err0(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			of[r.Context] = append(of[r.Context], r.Offset/2)
			read++
		})
	}
	if len(of) != 3 {
		t.Errorf("3 batches have %d contexts", len(of))
	}
	for _, batches := range of {
		if len(batches) != 2 || batches[0] != batches[1] {
			t.Errorf("a context has records of the batches %v, want 2 of one", batches)
		}
	}
}
