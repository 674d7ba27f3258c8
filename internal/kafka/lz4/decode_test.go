package lz4_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	pierrec "github.com/pierrec/lz4/v4"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/lz4"
)

// write writes a frame with another implementation.
func write(t testing.TB, data []byte, options ...pierrec.Option) []byte {
	t.Helper()
	var out bytes.Buffer
	w := pierrec.NewWriter(&out)
	if err := w.Apply(options...); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// java are the options with which Kafka's own producers write.
var java = []pierrec.Option{pierrec.BlockSizeOption(pierrec.Block64Kb), pierrec.ChecksumOption(false)}

// golang are those with which clients in Go do.
var golang = []pierrec.Option{pierrec.BlockSizeOption(pierrec.Block4Mb), pierrec.ChecksumOption(true)}

func TestDecodeReadsWhatProducersWrite(t *testing.T) {
	for _, data := range [][]byte{lines(300_000), noise(300_000), make([]byte, 300_000)} {
		for name, options := range map[string][]pierrec.Option{"Kafka's": java, "Go's": golang} {
			frame, room := write(t, data, options...), make([]byte, len(data)+100)
			if n, ok := lz4.Decode(room, frame); !ok || !bytes.Equal(room[:n], data) {
				t.Errorf("%s: %d bytes, ok %v, want all %d", name, n, ok, len(data))
			}
		}
	}
}

// The frames that clients in Go write are those of the client itself.
func TestDecodeReadsWhatTheClientWrites(t *testing.T) {
	c, err := kgo.DefaultCompressor(kgo.Lz4Compression())
	if err != nil {
		t.Fatal(err)
	}
	data := lines(300_000)
	frame, _ := c.Compress(new(bytes.Buffer), data)
	room := make([]byte, len(data))
	if n, ok := lz4.Decode(room, frame); !ok || !bytes.Equal(room[:n], data) {
		t.Errorf("%d bytes, ok %v, want all %d", n, ok, len(data))
	}
}

// What it does not read is left to a reader of all frames.
func TestDecodeRefuses(t *testing.T) {
	data := lines(100_000)
	whole := write(t, data, java...)
	checked := write(t, data, golang...)
	odd := bytes.Clone(whole)
	odd[4] |= 1                                            // a dictionary
	large := append(bytes.Clone(whole[:7]), 1, 0, 1, 0x80) // 65,537 bytes that are not compressed
	large = append(append(large, noise(65_537)...), 0, 0, 0, 0)
	for name, frame := range map[string][]byte{
		"nothing": nil, "another format": []byte("no frame at all"), "a dictionary": odd, "two frames": append(bytes.Clone(whole), whole...),
		"a part of the head": whole[:6], "a frame without its end": whole[:len(whole)-5], "a part of a block": whole[:1000],
		"a length without a block":  whole[:11],
		"blocks of 256 KiB":         write(t, data, pierrec.BlockSizeOption(pierrec.Block256Kb)),
		"a block that is too large": large, "a part of a checksum": checked[:len(checked)-1],
	} {
		if n, ok := lz4.Decode(make([]byte, 300_000), frame); ok {
			t.Errorf("%s: %d bytes, want it refused", name, n)
		}
	}
	if n, ok := lz4.Decode(make([]byte, len(data)-1), whole); ok {
		t.Errorf("without room: %d bytes, want it refused", n)
	}
	if n, ok := lz4.Decode(make([]byte, 999), write(t, noise(1000), java...)); ok {
		t.Errorf("without room for a block that is not compressed: %d bytes, want it refused", n)
	}
}

// What it reads is what a reader of all frames reads, but for a wrong checksum of the content.
func FuzzDecode(f *testing.F) {
	for _, data := range [][]byte{nil, lines(300), noise(40), make([]byte, 70_000)} {
		f.Add(write(f, data))
		f.Add(write(f, data, java...))
		f.Add(write(f, data, golang...))
	}
	room := make([]byte, 1<<20)
	f.Fuzz(func(t *testing.T, frame []byte) {
		n, ok := lz4.Decode(room, frame)
		if !ok {
			return
		}
		want, err := io.ReadAll(pierrec.NewReader(bytes.NewReader(frame)))
		if err != nil && !errors.Is(err, pierrec.ErrInvalidFrameChecksum) || !bytes.Equal(room[:n], want) {
			t.Errorf("read as %d bytes, want %d, %v: %.40x", n, len(want), err, frame)
		}
	})
}
