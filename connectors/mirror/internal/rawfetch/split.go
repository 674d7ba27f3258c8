package rawfetch

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/internal/kafka/rawbatch"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// small is the size below which batches are joined, when there are several.
const small = 4 << 10

// remade is how many bytes of records a batch has that is made anew, unless one record has more.
const remade = 256 << 10

// Batch is a batch that a broker takes.
type Batch struct {
	// Bytes are the batch with its header, in memory of its own.
	Bytes rawbatch.Batch
	// First and Last are the offsets of its first and last record, between which there may be gaps
	// when there are fewer records.
	First, Last int64
	// Records is how many records there are, Latest the timestamp of the latest.
	Records int
	Latest  time.Time
}

// split returns the batches of an answer, and moves the partition on behind them. What an error is
// about is read again.
func (f *Fetcher) split(p *part, one *kmsg.FetchResponseTopicPartition) ([]Batch, error) {
	list := slices.Clone(one.AbortedTransactions) // comes in the order of the transactions' ends
	slices.SortFunc(list, func(a, b kmsg.FetchResponseTopicPartitionAbortedTransaction) int {
		return cmp.Compare(a.FirstOffset, b.FirstOffset)
	})
	s := splitter{f: f, part: p, aborted: map[int64]bool{}, list: list}
	for in := one.RecordBatches; ; {
		b, rest := rawbatch.Split(in)
		if b == nil {
			break
		}
		if b.Old() {
			return s.old(in, one.AbortedTransactions)
		}
		if err := s.add(b); err != nil {
			err = errors.Join(err, s.end()) // or what is to become others would be lost
			return s.out, err
		}
		in = rest
	}
	err := s.end()
	return s.out, err
}

// splitter takes the batches of an answer apart.
type splitter struct {
	f       *Fetcher
	part    *part
	list    []kmsg.FetchResponseTopicPartitionAbortedTransaction // of which the first record is still to come
	aborted map[int64]bool                                       // producers whose records are left out
	out     []Batch

	run   []byte // batches that become others
	from  int64  // the offset from which on their records are wanted
	many  int    // batches
	alone Batch  // the only one, when it may pass as it is
}

// add adds a batch.
func (s *splitter) add(b rawbatch.Batch) error {
	next := s.part.next
	if b.Last() < next {
		return nil // a broker sends the whole batch in which the offset is
	}
	if err := b.Check(); err != nil {
		return err
	}
	for len(s.list) > 0 && s.list[0].FirstOffset <= b.Last() {
		s.aborted[s.list[0].ProducerID] = true
		s.list = s.list[1:]
	}
	passes := b.Whole() && b.First() >= next
	switch {
	case b.Control():
		if b.Aborts() {
			delete(s.aborted, b.Producer())
		}
	case b.Transactional() && s.aborted[b.Producer()], b.Records() == 0:
	case passes && len(b) >= small:
		if err := s.end(); err != nil {
			return err
		}
		s.out = append(s.out, asItIs(b))
	default:
		if s.many == 0 {
			s.from = next
		}
		s.many++
		s.run = append(s.run, b...)
		if s.alone = (Batch{}); passes {
			s.alone = asItIs(b)
		}
	}
	s.part.next, s.part.epoch = b.Last()+1, b.Epoch()
	return nil
}

// asItIs is a batch in memory of its own, as that of an answer has many.
func asItIs(b rawbatch.Batch) Batch {
	return Batch{Bytes: bytes.Clone(b), First: b.First(), Last: b.Last(), Records: b.Records(), Latest: b.Latest()}
}

// end makes batches of those that become others. After an error they are read again.
func (s *splitter) end() error {
	if s.many == 0 {
		return nil
	}
	if s.many == 1 && s.alone.Records > 0 {
		s.out = append(s.out, s.alone)
	} else {
		out, _, err := s.f.remaker.remake(s.part.TopicPartition, s.run, s.from, nil, false)
		if err != nil {
			s.part.next, s.part.epoch = s.from, -1
			return err
		}
		s.out = append(s.out, out...)
	}
	s.run, s.many, s.alone = nil, 0, Batch{}
	return nil
}

// old makes batches of what is in a format before batches, and of all that is behind it.
func (s *splitter) old(in []byte, aborted []kmsg.FetchResponseTopicPartitionAbortedTransaction) ([]Batch, error) {
	if err := s.end(); err != nil {
		return s.out, err
	}
	out, next, err := s.f.remaker.remake(s.part.TopicPartition, in, s.part.next, aborted, s.f.limits.committed)
	if err != nil {
		return s.out, err
	}
	s.part.next, s.part.epoch = next, -1
	return append(s.out, out...), nil
}

// remaker makes batches of records.
type remaker struct {
	decompressor kgo.Decompressor
	compressor   kgo.Compressor
}

// remake makes batches of the records of batches from an offset on. It returns the offset behind them.
func (r remaker) remake(p connect.TopicPartition, in []byte, from int64,
	aborted []kmsg.FetchResponseTopicPartitionAbortedTransaction, committed bool) (out []Batch, next int64, err error) {
	opts := kgo.ProcessFetchPartitionOpts{Offset: from, Topic: p.Topic, Partition: p.Partition}
	if committed {
		opts.IsolationLevel = kgo.ReadCommitted()
	}
	one := kmsg.NewFetchResponseTopicPartition()
	one.Partition, one.RecordBatches, one.AbortedTransactions = p.Partition, in, aborted
	decoded, next := kgo.ProcessFetchPartition(opts, &one, r.decompressor, nil)
	if decoded.Err != nil {
		return nil, from, decoded.Err
	}
	for records := decoded.Records; len(records) > 0; {
		n := fitting(records)
		b := rawbatch.Make(records[:n], r.compressor)
		out = append(out, Batch{Bytes: b, First: records[0].Offset, Last: records[n-1].Offset, Records: n,
			Latest: b.Latest()})
		records = records[n:]
	}
	return out, next, nil
}

// fitting returns how many of the records go into one batch.
func fitting(records []*kgo.Record) (n int) {
	size := 0
	for n < len(records) {
		r := records[n]
		size += 20 + len(r.Key) + len(r.Value)
		for _, h := range r.Headers {
			size += 4 + len(h.Key) + len(h.Value)
		}
		if n > 0 && size > remade {
			break
		}
		n++
	}
	return n
}
