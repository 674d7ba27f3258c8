package batches

import (
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// charged is what records and headers cost that a client has made.
func charged(records []*kgo.Record) (c cost) {
	for _, r := range records {
		c.records += recordSize
		c.headers += int64(len(r.Headers)) * headerSize
		for _, h := range r.Headers {
			c.headers += int64(len(h.Key))
		}
	}
	return c
}

// read makes the records of a batch as a client does.
func read(records []byte, claimed int32) []*kgo.Record {
	batch := kmsg.RecordBatch{Magic: 2, LastOffsetDelta: claimed, NumRecords: claimed, Records: records}
	out := batch.AppendTo(nil)
	binary.BigEndian.PutUint32(out[8:], uint32(len(out)-12))
	binary.BigEndian.PutUint32(out[17:], crc32.Checksum(out[21:], crc32.MakeTable(crc32.Castagnoli)))
	part := &kmsg.FetchResponseTopicPartition{RecordBatches: out}
	fp, _ := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{}, part, nil, nil)
	return fp.Records
}

// FuzzCost checks that what a client makes of a batch is never more than the batch was
// charged with.
func FuzzCost(f *testing.F) {
	for _, seed := range [][]byte{nil, {12, 0, 0, 0, 1, 1, 0}, {16, 0, 0, 0, 1, 1, 2, 0, 1}, {12, 0, 0, 0, 1, 1, 200},
		{24, 0, 0, 0, 4, 'k', 'k', 2, 'v', 2, 2, 'h', 1}, {0, 0, 0, 0}, {255, 255, 255, 255, 15}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, want := costOf(data), charged(read(data, int32(len(data))))
		if got.records < want.records || got.headers < want.headers {
			t.Errorf("costOf = %+v, but the client's records take %+v", got, want)
		}
	})
}

func TestVarintReadsAsTheLibraryDoes(t *testing.T) {
	for _, v := range []int64{0, -1, 1, 63, -64, 64, -65, 8191, -8192, 8192, 1 << 40, -1 << 62} {
		in := binary.AppendVarint(nil, v)
		for _, in := range [][]byte{in, append(in, 0x80), in[:len(in)-1]} {
			wantV, wantN := binary.Varint(in)
			if got, n := varint(in); got != wantV || n != wantN {
				t.Errorf("varint(%v) = %d, %d, want %d, %d", in, got, n, wantV, wantN)
			}
		}
	}
}
