package rawfetch

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/internal/kafka/batches"
	"github.com/suiro/suiro/internal/kafka/lz4"
	"github.com/suiro/suiro/internal/kafka/rawbatch"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// log is what a broker keeps of a partition.
type log struct {
	bytes []byte
	next  int64
}

// add adds a batch of n records, large or not, and changes its header.
func (l *log) add(n int, large bool, change func(b rawbatch.Batch)) {
	size := 1
	if large {
		size = 5000
	}
	var records []*kgo.Record
	for i := range n {
		records = append(records, &kgo.Record{Value: fmt.Appendf(nil, "%d%s", l.next+int64(i), strings.Repeat(" ", size)),
			Timestamp: time.UnixMilli(1000)})
	}
	b := rawbatch.Make(records, stored{})
	binary.BigEndian.PutUint64(b, uint64(l.next))
	l.next += int64(n)
	if change != nil {
		change(b)
		binary.BigEndian.PutUint32(b[17:], crc32.Checksum(b[21:], crc32.MakeTable(crc32.Castagnoli)))
	}
	l.bytes = append(l.bytes, b...)
}

// stored compresses nothing.
type stored struct{ kgo.Compressor }

func (stored) Compress(_ *bytes.Buffer, src []byte, _ ...kgo.CompressFlag) ([]byte, kgo.CompressionCodecType) {
	return src, kgo.CodecNone
}

// marker is a control batch.
func (l *log) marker(producer int64, commit byte) {
	record := []byte{0, 0, 0, 8, 0, 0, 0, commit, 12, 0, 0, 0, 0, 0, 0, 0}
	b := rawbatch.Make([]*kgo.Record{{Timestamp: time.UnixMilli(1)}}, stored{})[:61:61]
	b = append(append(b, byte(len(record)*2)), record...)
	binary.BigEndian.PutUint64(b, uint64(l.next))
	binary.BigEndian.PutUint32(b[8:], uint32(len(b)-12))
	b[22] = 0x30
	binary.BigEndian.PutUint64(b[43:], uint64(producer))
	binary.BigEndian.PutUint32(b[17:], crc32.Checksum(b[21:], crc32.MakeTable(crc32.Castagnoli)))
	l.next++
	l.bytes = append(l.bytes, b...)
}

func of(producer int64) func(rawbatch.Batch) {
	return func(b rawbatch.Batch) {
		b[22] |= 0x10
		binary.BigEndian.PutUint64(b[43:], uint64(producer))
	}
}

func fetcher() *Fetcher {
	return &Fetcher{remaker: remaker{batches.New(nil), lz4.New()}, limits: limits{committed: true}}
}

// values are the values of what comes of the log from an offset on, those of a batch with / behind, and
// + when the batch was made anew.
func (l *log) values(t *testing.T, p *part, aborted ...kmsg.FetchResponseTopicPartitionAbortedTransaction) string {
	t.Helper()
	one := kmsg.NewFetchResponseTopicPartition()
	one.RecordBatches, one.AbortedTransactions = l.bytes, aborted
	got, err := fetcher().split(p, &one)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, b := range got {
		one := kmsg.NewFetchResponseTopicPartition()
		made := b.Bytes.Producer() == 0 && b.Bytes.First() == 0 && b.First > 0
		binary.BigEndian.PutUint64(b.Bytes, 0)
		one.RecordBatches = b.Bytes
		decoded, _ := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{}, &one, kgo.DefaultDecompressor(), nil)
		for _, r := range decoded.Records {
			out = append(out, strings.TrimSpace(string(r.Value)))
		}
		if len(decoded.Records) != b.Records || !b.Bytes.Whole() {
			t.Errorf("a batch has %d records, want %d", len(decoded.Records), b.Records)
		}
		if made {
			out = append(out, "+")
		}
		out = append(out, "/")
	}
	return strings.Join(out, " ")
}

func TestBatchesThatDoNotPassAreMadeAnew(t *testing.T) {
	gap := func(b rawbatch.Batch) { binary.BigEndian.PutUint32(b[23:], 9) } // as if there had been 10 records
	appendTime := func(b rawbatch.Batch) { b[22] |= 8 }
	horizon := func(b rawbatch.Batch) { b[22] |= 64 }
	for name, c := range map[string]struct {
		log  func(l *log)
		from int64
		want string
	}{
		"large ones pass":        {func(l *log) { l.add(2, true, nil); l.add(1, true, nil) }, 0, "0 1 / 2 /"},
		"a small one passes":     {func(l *log) { l.add(1, true, nil); l.add(2, false, nil) }, 0, "0 / 1 2 /"},
		"small ones are joined":  {func(l *log) { l.add(1, true, nil); l.add(1, false, nil); l.add(2, false, nil) }, 0, "0 / 1 2 3 + /"},
		"gaps are closed":        {func(l *log) { l.add(1, true, nil); l.add(2, true, gap); l.next = 11; l.add(1, true, nil) }, 0, "0 / 1 2 + / 11 /"},
		"the time of the broker": {func(l *log) { l.add(1, true, nil); l.add(2, true, appendTime) }, 0, "0 / 1 2 + /"},
		"a delete horizon":       {func(l *log) { l.add(1, true, nil); l.add(2, true, horizon) }, 0, "0 / 1 2 + /"},
		"from within one":        {func(l *log) { l.add(3, true, nil); l.add(1, true, nil) }, 1, "1 2 + / 3 /"},
		"from behind one":        {func(l *log) { l.add(3, true, nil); l.add(1, true, nil) }, 3, "3 /"},
		"the last is cut off": {func(l *log) {
			l.add(2, true, nil)
			l.add(2, true, nil)
			l.bytes = l.bytes[:len(l.bytes)-1]
		}, 0, "0 1 /"},
	} {
		t.Run(name, func(t *testing.T) {
			var l log
			c.log(&l)
			p := &part{TopicPartition: connect.TopicPartition{Topic: "t"}, next: c.from}
			if got := l.values(t, p); got != c.want {
				t.Errorf("batches are %s, want %s", got, c.want)
			}
		})
	}
}

// The list of aborted transactions is in the order of their ends.
func TestAbortedTransactionsAreLeftOut(t *testing.T) {
	aborted := func(producer, first int64) kmsg.FetchResponseTopicPartitionAbortedTransaction {
		return kmsg.FetchResponseTopicPartitionAbortedTransaction{ProducerID: producer, FirstOffset: first}
	}
	var l log
	l.add(1, true, of(1))  // 0, aborted at 4
	l.add(1, false, of(2)) // 1, aborted at 3
	l.add(1, true, of(3))  // 2, committed at 5
	l.marker(2, 0)
	l.marker(1, 0)
	l.marker(3, 1)
	l.add(1, true, of(1)) // 6, committed at 7
	l.marker(1, 1)
	l.add(1, true, of(1)) // 8, aborted at 9
	l.marker(1, 0)
	p := &part{TopicPartition: connect.TopicPartition{Topic: "t"}}
	if got, want := l.values(t, p, aborted(2, 1), aborted(1, 0), aborted(1, 8)), "2 / 6 /"; got != want {
		t.Errorf("batches are %s, want %s", got, want)
	}
	if p.next != 10 {
		t.Errorf("the next offset is %d, want 10", p.next)
	}
}

// What comes before a damaged batch is not lost, and the batch is read again.
func TestDamagedBatchIsReadAgain(t *testing.T) {
	var l log
	l.add(1, false, nil)
	l.add(1, false, nil)
	l.add(1, true, nil)
	l.bytes[len(l.bytes)-1] ^= 1
	one := kmsg.NewFetchResponseTopicPartition()
	one.RecordBatches = l.bytes
	p := &part{TopicPartition: connect.TopicPartition{Topic: "t"}}
	got, err := fetcher().split(p, &one)
	if err == nil || p.next != 2 || len(got) != 1 || got[0].Records != 2 {
		t.Errorf("split() = %d batches, %v, and goes on at %d; want the first two records, an error and 2", len(got), err, p.next)
	}
}

func TestLargeRunsBecomeSeveralBatches(t *testing.T) {
	var l log
	for range 100 {
		l.add(1, true, func(b rawbatch.Batch) { b[22] |= 8 })
	}
	one := kmsg.NewFetchResponseTopicPartition()
	one.RecordBatches = l.bytes
	got, err := fetcher().split(&part{TopicPartition: connect.TopicPartition{Topic: "t"}}, &one)
	if err != nil || len(got) != 2 || got[0].First != 0 || got[0].Last+1 != got[1].First || got[1].Last != 99 {
		t.Errorf("split() = %d batches, %v, want two", len(got), err)
	}
}
