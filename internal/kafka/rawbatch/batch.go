package rawbatch

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"
)

// Where the fields of a batch are.
const (
	atOffset     = 0
	atLength     = 8
	atEpoch      = 12
	atMagic      = 16
	atCRC        = 17
	atAttributes = 21
	atLastDelta  = 23
	atFirstTime  = 27
	atMaxTime    = 35
	atProducer   = 43
	atProdEpoch  = 51
	atSequence   = 53
	atRecords    = 57
	headerSize   = 61
	beforeLength = 12 // bytes that the length does not count
)

// The bits of the attributes.
const (
	appendTime    = 1 << 3
	transactional = 1 << 4
	control       = 1 << 5
	known         = 1<<6 - 1 // and the codec; bit 6 is that of a batch which compaction has rewritten
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrCorrupt is returned for a batch whose checksum is not that of its bytes.
var ErrCorrupt = errors.New("the checksum of a batch is wrong: it was damaged on disk or on its way")

// Batch is one batch as a broker keeps it, or a set of messages in a format that is older.
type Batch []byte

// Split returns the first batch of those of a fetch and what is behind it. Without a whole batch it
// returns nil and nothing: brokers cut the last one off where the fetch is full.
func Split(in []byte) (first Batch, rest []byte) {
	if len(in) <= atMagic {
		return nil, nil
	}
	length := int64(int32(binary.BigEndian.Uint32(in[atLength:])))
	end := beforeLength + length
	if length < 0 || end > int64(len(in)) || end <= atMagic || in[atMagic] >= 2 && end < headerSize {
		return nil, nil
	}
	return Batch(in[:end:end]), in[end:]
}

// Old reports whether the format is older than 2, the one with batches. Nothing else can be asked of
// an old one.
func (b Batch) Old() bool { return b[atMagic] < 2 }

// Check returns [ErrCorrupt] when the checksum is wrong.
func (b Batch) Check() error {
	if binary.BigEndian.Uint32(b[atCRC:]) != crc32.Checksum(b[atAttributes:], castagnoli) {
		return ErrCorrupt
	}
	return nil
}

// First is the offset of the first record, and Last that of the last.
func (b Batch) First() int64 { return int64(binary.BigEndian.Uint64(b[atOffset:])) }

// Last is the offset of the last record that the batch had when it was written.
func (b Batch) Last() int64 {
	return b.First() + int64(int32(binary.BigEndian.Uint32(b[atLastDelta:])))
}

// Records is how many records there are.
func (b Batch) Records() int { return int(int32(binary.BigEndian.Uint32(b[atRecords:]))) }

// Epoch is that of the leader that took the batch, -1 when it is not known.
func (b Batch) Epoch() int32 { return int32(binary.BigEndian.Uint32(b[atEpoch:])) }

// Producer is the id of the producer.
func (b Batch) Producer() int64 { return int64(binary.BigEndian.Uint64(b[atProducer:])) }

// Latest is the timestamp of the latest record.
func (b Batch) Latest() time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(b[atMaxTime:])))
}

func (b Batch) attributes() uint16 { return binary.BigEndian.Uint16(b[atAttributes:]) }

// Transactional reports whether the batch is part of a transaction.
func (b Batch) Transactional() bool { return b.attributes()&transactional != 0 }

// Control reports whether the batch is a marker of brokers and has no records of producers.
func (b Batch) Control() bool { return b.attributes()&control != 0 }

// Aborts reports whether a control batch ends a transaction that is aborted. Its record is
//
//	length │ attributes 1 byte │ timestamp │ offset │ key length │ version 2 bytes │ type 2 bytes: 0 aborts
func (b Batch) Aborts() bool {
	in := b[headerSize:]
	for _, more := range []int{1, 0, 0, 0} { // bytes behind each number
		_, n := binary.Varint(in)
		if n <= 0 || n+more > len(in) {
			return false
		}
		in = in[n+more:]
	}
	return len(in) >= 4 && binary.BigEndian.Uint16(in[2:]) == 0
}

// Whole reports whether a broker takes the batch from a producer as it is: none of its records is
// missing, and its records have the timestamps of their producer.
func (b Batch) Whole() bool {
	return b.attributes()&^uint16(known) == 0 && b.attributes()&(appendTime|control) == 0 && b.Records() > 0 &&
		b.Last()-b.First()+1 == int64(b.Records())
}

// Sender is who a batch is written by.
type Sender struct {
	// ID and Epoch are those of the producer, and Sequence is the number of the batch's first record.
	ID       int64
	Epoch    int16
	Sequence int32
	// Transactional is whether the batch is part of the producer's transaction.
	Transactional bool
}

// Next returns the sender of what comes behind n records.
func (s Sender) Next(n int) Sender {
	s.Sequence = int32((int64(s.Sequence) + int64(n)) & (1<<31 - 1))
	return s
}

// SetSender makes the batch one of a producer that no broker has taken yet. The records stay as they
// are, compressed or not.
func (b Batch) SetSender(s Sender) {
	attributes := b.attributes() &^ transactional
	if s.Transactional {
		attributes |= transactional
	}
	noEpoch := int32(-1)
	binary.BigEndian.PutUint64(b[atOffset:], 0)
	binary.BigEndian.PutUint32(b[atEpoch:], uint32(noEpoch))
	binary.BigEndian.PutUint16(b[atAttributes:], attributes)
	binary.BigEndian.PutUint64(b[atProducer:], uint64(s.ID))
	binary.BigEndian.PutUint16(b[atProdEpoch:], uint16(s.Epoch))
	binary.BigEndian.PutUint32(b[atSequence:], uint32(s.Sequence))
	binary.BigEndian.PutUint32(b[atCRC:], crc32.Checksum(b[atAttributes:], castagnoli))
}
