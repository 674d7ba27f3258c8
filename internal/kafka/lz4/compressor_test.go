package lz4_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	pierrec "github.com/pierrec/lz4/v4"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/lz4"
)

// lines are requests as in an access log.
func lines(n int) (out []byte) {
	r := rand.New(rand.NewPCG(1, 2))
	for len(out) < n {
		out = fmt.Appendf(out, `{"time":"[28/Nov/2026:19:33:%02d +0900]","host":"10.1.%d.%d","uri":"/products/%d","status":%d,`+
			`"size":%d,"ua":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0 Safari/537.36"}`,
			r.IntN(60), r.IntN(4), r.IntN(250), r.IntN(1000), 200+r.IntN(5), r.IntN(100_000), 100+r.IntN(40))
	}
	return out[:n]
}

func noise(n int) []byte {
	r, out := rand.New(rand.NewPCG(1, 2)), make([]byte, n)
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	return out
}

// check reads with another implementation what was written.
func check(t *testing.T, c *lz4.Compressor, data []byte) (size int) {
	t.Helper()
	buffer := bytes.NewBuffer(make([]byte, 0, 10))
	frame, codec := c.Compress(buffer, data)
	if codec != kgo.CodecLz4 {
		t.Errorf("codec %v, want lz4", codec)
	}
	got, err := io.ReadAll(pierrec.NewReader(bytes.NewReader(frame)))
	if err != nil || !bytes.Equal(got, data) {
		t.Fatalf("%d bytes (%.40x …) are read as %d bytes (%.40x …), error %v", len(data), data, len(got), got, err)
	}
	return len(frame)
}

func TestFramesAreReadByOthers(t *testing.T) {
	c := lz4.New()
	for _, n := range []int{0, 1, 2, 4, 5, 11, 12, 13, 14, 19, 20, 21, 100, 65_535, 65_536, 65_537, 65_540, 131_072, 1_000_000} {
		for name, data := range map[string][]byte{"zeros": make([]byte, n), "noise": noise(n), "lines": lines(n),
			"period": bytes.Repeat([]byte("abcdefghijklmno"), n/15+1)[:n]} {
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) { check(t, c, data) })
		}
	}
}

// What one call has learned does not show in the next, so that a batch is written with the
// same bytes each time.
func TestFramesOfTheSameBatchAreEqual(t *testing.T) {
	c, data := lz4.New(), lines(200_000)
	first, _ := c.Compress(new(bytes.Buffer), data)
	check(t, c, noise(100_000))
	again, _ := c.Compress(new(bytes.Buffer), data)
	if !bytes.Equal(first, again) {
		t.Error("a batch is compressed otherwise the second time")
	}
}

// It compresses no worse than the other implementation does with the same blocks.
func TestTextIsCompressedWell(t *testing.T) {
	data := lines(1_000_000)
	var other bytes.Buffer
	w := pierrec.NewWriter(&other)
	if err := w.Apply(pierrec.BlockSizeOption(pierrec.Block64Kb)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, most := check(t, lz4.New(), data), other.Len()*105/100; got > most {
		t.Errorf("%d bytes, want %d at most", got, most)
	}
}

// Noise takes a few bytes more for each block, and no more.
func TestNoiseIsStored(t *testing.T) {
	if got, most := check(t, lz4.New(), noise(1_000_000)), 1_000_000+16*4+11; got > most {
		t.Errorf("%d bytes, want %d at most", got, most)
	}
}

func FuzzCompress(f *testing.F) {
	for _, data := range [][]byte{nil, []byte("a"), lines(300), noise(40), bytes.Repeat([]byte("ab"), 50), make([]byte, 70_000)} {
		f.Add(data, 1)
	}
	c := lz4.New()
	f.Fuzz(func(t *testing.T, data []byte, times int) {
		check(t, c, bytes.Repeat(data, 1+max(0, times)%(1+200_000/(1+len(data)))))
	})
}

func BenchmarkCompress(b *testing.B) {
	data := lines(900_000)
	b.Run("ours", func(b *testing.B) {
		c, buffer := lz4.New(), new(bytes.Buffer)
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			c.Compress(buffer, data)
		}
	})
	b.Run("client", func(b *testing.B) {
		c, err := kgo.DefaultCompressor(kgo.Lz4Compression())
		if err != nil {
			b.Fatal(err)
		}
		buffer := new(bytes.Buffer)
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			buffer.Reset()
			c.Compress(buffer, data)
		}
	})
}
