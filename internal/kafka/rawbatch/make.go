package rawbatch

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Make returns a batch of records, of which there is at least one, compressed unless that makes it
// longer. Of a record it has the key, the value, the headers and the timestamp.
func Make(records []*kgo.Record, c kgo.Compressor) Batch {
	first := records[0].Timestamp.UnixMilli()
	latest := first
	var body, one []byte
	for i, r := range records {
		at := r.Timestamp.UnixMilli()
		latest = max(latest, at)
		one = appendRecord(one[:0], r, at-first, i)
		body = binary.AppendVarint(body, int64(len(one)))
		body = append(body, one...)
	}
	attributes := uint16(0)
	if short, codec := c.Compress(new(bytes.Buffer), body); len(short) < len(body) {
		body, attributes = short, uint16(codec)
	}
	b := make(Batch, headerSize, headerSize+len(body))
	b = append(b, body...)
	binary.BigEndian.PutUint32(b[atLength:], uint32(len(b)-beforeLength))
	b[atMagic] = 2
	binary.BigEndian.PutUint16(b[atAttributes:], attributes)
	binary.BigEndian.PutUint32(b[atLastDelta:], uint32(len(records)-1))
	binary.BigEndian.PutUint64(b[atFirstTime:], uint64(first))
	binary.BigEndian.PutUint64(b[atMaxTime:], uint64(latest))
	binary.BigEndian.PutUint32(b[atRecords:], uint32(len(records)))
	binary.BigEndian.PutUint32(b[atCRC:], crc32.Checksum(b[atAttributes:], castagnoli))
	return b
}

// appendRecord appends a record without its length: attributes, timestamp and offset as differences
// from those of the batch, key, value, and headers.
func appendRecord(to []byte, r *kgo.Record, timestamp int64, offset int) []byte {
	to = append(to, 0)
	to = binary.AppendVarint(to, timestamp)
	to = binary.AppendVarint(to, int64(offset))
	to = appendBytes(to, r.Key)
	to = appendBytes(to, r.Value)
	to = binary.AppendVarint(to, int64(len(r.Headers)))
	for _, h := range r.Headers {
		to = binary.AppendVarint(to, int64(len(h.Key)))
		to = append(to, h.Key...)
		to = appendBytes(to, h.Value)
	}
	return to
}

// appendBytes appends bytes with their length, -1 for null.
func appendBytes(to, b []byte) []byte {
	if b == nil {
		return binary.AppendVarint(to, -1)
	}
	return append(binary.AppendVarint(to, int64(len(b))), b...)
}
