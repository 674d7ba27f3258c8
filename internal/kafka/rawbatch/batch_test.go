package rawbatch_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/lz4"
	"github.com/suiro/suiro/internal/kafka/rawbatch"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var records = []*kgo.Record{
	{Key: []byte("k"), Value: bytes.Repeat([]byte("v"), 300), Timestamp: time.UnixMilli(2000),
		Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("1")}, {Key: "null"}}},
	{Key: []byte{}, Value: nil, Timestamp: time.UnixMilli(1000)},
	{Value: []byte{0xff}, Timestamp: time.UnixMilli(3000)},
}

// decode decodes a batch as a consumer does.
func decode(t *testing.T, b []byte) []*kgo.Record {
	t.Helper()
	one := kmsg.NewFetchResponseTopicPartition()
	one.RecordBatches = b
	got, _ := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{}, &one, kgo.DefaultDecompressor(), nil)
	if got.Err != nil {
		t.Fatal(got.Err)
	}
	return got.Records
}

func TestConsumersReadWhatIsMade(t *testing.T) {
	b := rawbatch.Make(records, lz4.New())
	if err := b.Check(); err != nil || !b.Whole() || b.Old() || b.Records() != 3 || b.First() != 0 || b.Last() != 2 ||
		b.Latest() != time.UnixMilli(3000) {
		t.Errorf("Make() = %v, %v", b, err)
	}
	b.SetSender(rawbatch.Sender{ID: 7, Epoch: 3, Sequence: 1<<31 - 2, Transactional: true})
	if !b.Transactional() || b.Control() || b.Producer() != 7 || b.Epoch() != -1 {
		t.Errorf("after SetSender it is %v", b)
	}
	got := decode(t, b)
	if len(got) != len(records) {
		t.Fatalf("a consumer reads %d records, want %d", len(got), len(records))
	}
	for i, want := range records {
		r := got[i]
		if !bytes.Equal(r.Key, want.Key) || (r.Key == nil) != (want.Key == nil) || !bytes.Equal(r.Value, want.Value) ||
			(r.Value == nil) != (want.Value == nil) || fmt.Sprint(r.Headers) != fmt.Sprint(want.Headers) ||
			!r.Timestamp.Equal(want.Timestamp) || r.Offset != int64(i) || r.ProducerID != 7 || r.ProducerEpoch != 3 {
			t.Errorf("record %d is %+v, want %+v", i, r, want)
		}
	}
	b.SetSender(rawbatch.Sender{})
	if b.Transactional() {
		t.Error("a batch stays transactional for a sender without transactions")
	}
}

func TestSequencesBeginAgainAfterTheGreatest(t *testing.T) {
	for _, c := range []struct {
		at   int32
		n    int
		want int32
	}{{0, 3, 3}, {1<<31 - 1, 1, 0}, {1<<31 - 2, 5, 3}} {
		if got := (rawbatch.Sender{Sequence: c.at}).Next(c.n).Sequence; got != c.want {
			t.Errorf("%d records from %d on: the next is %d, want %d", c.n, c.at, got, c.want)
		}
	}
}

func TestDamagedBatchIsFound(t *testing.T) {
	b := rawbatch.Make(records, lz4.New())
	b[len(b)-1] ^= 1
	if err := b.Check(); !errors.Is(err, rawbatch.ErrCorrupt) {
		t.Errorf("Check() = %v, want ErrCorrupt", err)
	}
}

func FuzzSplit(f *testing.F) {
	b := rawbatch.Make(records, lz4.New())
	f.Add([]byte(b))
	f.Add(append(bytes.Clone(b), b[:70]...))
	f.Fuzz(func(t *testing.T, in []byte) {
		total := 0
		for rest := in; ; {
			first, behind := rawbatch.Split(rest)
			if first == nil {
				break
			}
			if total += len(first); len(first)+len(behind) != len(rest) {
				t.Fatalf("%d bytes became %d and %d", len(rest), len(first), len(behind))
			}
			if rest = behind; first.Old() {
				continue
			}
			first.Whole()
			first.Control()
			first.Aborts()
			first.Latest()
			first.SetSender(rawbatch.Sender{ID: 1})
			if err := first.Check(); err != nil {
				t.Fatal(err)
			}
		}
		if total > len(in) {
			t.Fatalf("%d bytes of %d", total, len(in))
		}
	})
}
