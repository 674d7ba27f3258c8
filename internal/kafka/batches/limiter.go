package batches

import (
	"errors"
	"runtime"
	"sync/atomic"

	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Limiter is the decompressor of a client, and its pool of records. Its methods may be
// called from any goroutine.
type Limiter struct {
	account *memory.Account
	codecs  *codecs
	queue   queue
	refused atomic.Int64
}

var (
	_ kgo.Decompressor        = (*Limiter)(nil)
	_ kgo.PoolRecords         = (*Limiter)(nil)
	_ kgo.PoolDecompressBytes = (*Limiter)(nil)
)

// New returns a Limiter for a client of a process with the budget, which may be nil.
// Each client should get one of its own: those that share one count as one client where
// a client without batches is let through.
func New(b *memory.Budget) *Limiter {
	b = b.OrNew()
	account := b.Account(memory.Batches)
	return &Limiter{account: account, codecs: newCodecs(b.Of(memory.LargestBatch)),
		queue: queue{account: account}}
}

// Opts are the options of the client.
func (l *Limiter) Opts() []kgo.Opt { return []kgo.Opt{kgo.WithDecompressor(l), kgo.WithPools(l)} }

// Decompress returns the records of a batch.
func (l *Limiter) Decompress(src []byte, codec kgo.CompressionCodecType) ([]byte, error) {
	if codec == kgo.CodecNone {
		return src, nil
	}
	r := &reservation{Reservation: l.account.Reserve(), queue: &l.queue, largest: l.codecs.largest}
	data, cost, err := l.take(src, codec, r)
	if err != nil {
		if errors.Is(err, kgo.ErrMaxDecompress) {
			l.refused.Add(1)
		}
		r.Shrink(r.Taken())
		return nil, err
	}
	r.Shrink(cost.records) // the client asks for the records next, and GetRecords counts them
	if len(data) > 0 {
		runtime.AddCleanup(&data[0], l.account.Give, r.Taken())
	}
	return data, nil
}

// Refused returns how many times a batch was refused because it is too large. A batch
// that is fetched again counts again.
func (l *Limiter) Refused() int64 { return l.refused.Load() }

// take leaves r with what the batch costs.
func (l *Limiter) take(src []byte, codec kgo.CompressionCodecType, r *reservation) ([]byte, cost, error) {
	data, err := l.codecs.decode(src, codec, r)
	if err != nil {
		return nil, cost{}, err
	}
	c := costOf(data)
	if c.records+c.headers > r.largest-int64(len(data)) {
		return nil, c, kgo.ErrMaxDecompress
	}
	return data, c, r.grow(c.records + c.headers)
}

// GetRecords makes the records of a batch and counts them: they live as long as one of
// them is in use. The client has no way to refuse them.
func (l *Limiter) GetRecords(n int) []kgo.Record {
	if n <= 0 {
		return nil
	}
	size := int64(n) * recordSize
	records := make([]kgo.Record, n)
	l.account.Add(size)
	runtime.AddCleanup(&records[0], l.account.Give, size)
	return records
}

// PutRecords does nothing: what is no longer used is garbage.
func (l *Limiter) PutRecords([]kgo.Record) {}

// GetDecompressBytes is for decompressors of the client's own, and is not called. That
// there is a pool of bytes makes every record of a batch refer to the batch's bytes, so
// that all of a batch is given back together.
func (l *Limiter) GetDecompressBytes([]byte, kgo.CompressionCodecType) []byte { return nil }

// PutDecompressBytes does nothing: what is no longer used is garbage.
func (l *Limiter) PutDecompressBytes([]byte) {}
