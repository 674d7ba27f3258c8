package rawproducer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka/rawbatch"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// mostBytes is how much there is in a request, unless one batch has more.
const mostBytes = 8 << 20

// unknownTries is how often a topic may be missing when it is asked for who leads its partitions.
const unknownTries = 10

// Versions is the option that a client needs whose producer id a Producer has.
func Versions() kgo.Opt {
	v := kversion.Stable()
	v.SetMaxKeyVersion(kmsg.Produce.Int16(), 11)
	v.SetMaxKeyVersion(kmsg.AddPartitionsToTxn.Int16(), 3)
	v.SetMaxKeyVersion(kmsg.EndTxn.Int16(), 4)
	return kgo.MaxVersions(v)
}

// Options are what a Producer is made of.
type Options struct {
	// Client has the producer id, and was made with [Versions].
	Client *kgo.Client
	// TransactionalID is the client's, empty when it has none.
	TransactionalID string
	// MaxBytes is how many bytes of batches wait for acknowledgement before Write waits.
	MaxBytes int64
	// Failed is called once, with the reason why nothing more is written. It comes from a goroutine of
	// the Producer and must not wait for it.
	Failed func(error)
}

// Producer writes batches. All methods are for one goroutine.
type Producer struct {
	o      Options
	txn    transaction
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex // guards the rest
	sender  rawbatch.Sender
	parts   map[connect.TopicPartition]*part
	bytes   int64
	changed chan struct{}  // closed and replaced when something was answered
	busy    map[int32]bool // brokers with a request on its way
	looking bool           // for leaders
	failed  error
}

// part is a partition that is written to.
type part struct {
	connect.TopicPartition
	leader   int32 // -1 when it is not known
	sequence int32 // of the next record
	added    bool  // to the transaction
	busy     bool  // its first batch is on its way
	unknown  int   // times that it was not found
	queue    []waiting
}

// waiting is a batch on its way.
type waiting struct {
	*connect.Batch
	written func(offset int64)
}

// New returns a Producer.
func New(o Options) *Producer {
	ctx, cancel := context.WithCancel(context.Background())
	return &Producer{o: o, txn: transaction{o.Client, o.TransactionalID}, ctx: ctx, cancel: cancel,
		parts: map[connect.TopicPartition]*part{}, changed: make(chan struct{}), busy: map[int32]bool{}}
}

// Begin takes the producer id of the client, in whose transaction the batches that follow are, if it
// has transactions. Every batch before must be acknowledged.
func (p *Producer) Begin(ctx context.Context) error {
	id, epoch, err := p.o.Client.ProducerID(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	renewed := id != p.sender.ID || epoch != p.sender.Epoch
	p.sender = rawbatch.Sender{ID: id, Epoch: epoch, Transactional: p.o.TransactionalID != ""}
	for _, part := range p.parts {
		part.added = false
		if renewed {
			part.sequence = 0
		}
	}
	return nil
}

// Write sends a batch on its way. It waits while there are too many bytes on their way. Written is
// called when Kafka has acknowledged the batch, with the offset of its first record, for the batches
// of a partition in their order. It comes from a goroutine of the Producer and must not wait for it.
func (p *Producer) Write(ctx context.Context, b *connect.Batch, written func(offset int64)) error {
	size := int64(len(b.Bytes))
	for {
		p.mu.Lock()
		switch {
		case p.failed != nil:
			defer p.mu.Unlock()
			return p.failed
		case p.bytes == 0 || p.bytes+size <= p.o.MaxBytes:
			p.add(waiting{b, written}, size)
			p.mu.Unlock()
			return nil
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// add queues a batch. p.mu is held, as in all that follows up to Abort but send and look.
func (p *Producer) add(b waiting, size int64) {
	tp := connect.TopicPartition{Topic: b.Topic, Partition: b.Partition}
	to := p.parts[tp]
	if to == nil {
		to = &part{TopicPartition: tp, leader: -1}
		p.parts[tp] = to
	}
	to.queue = append(to.queue, b)
	p.bytes += size
	p.kick()
}

// kick sends what can be sent.
func (p *Producer) kick() {
	if p.failed != nil || p.ctx.Err() != nil {
		return
	}
	requests, size, unknown := map[int32][]*part{}, map[int32]int{}, false
	for _, part := range p.parts {
		switch {
		case len(part.queue) == 0 || part.busy:
		case part.leader < 0:
			unknown = true
		case p.busy[part.leader]:
		default:
			n := len(part.queue[0].Bytes)
			if size[part.leader] > 0 && size[part.leader]+n > mostBytes {
				continue
			}
			size[part.leader] += n
			requests[part.leader] = append(requests[part.leader], part)
		}
	}
	for broker, parts := range requests {
		p.busy[broker] = true
		for _, part := range parts {
			part.busy = true
		}
		p.work.Go(func() { p.send(broker, parts) })
	}
	if unknown && !p.looking {
		p.looking = true
		p.work.Go(p.look)
	}
}

// fail ends all writing.
func (p *Producer) fail(err error) {
	if p.failed == nil && p.ctx.Err() == nil {
		p.failed = err
		p.o.Failed(err)
	}
}

// send writes the first batch of some partitions to a broker. After a failure it leaves the broker
// alone for a moment.
func (p *Producer) send(broker int32, parts []*part) {
	err := p.addPartitions(parts)
	var response kmsg.Response
	if err == nil {
		response, err = p.o.Client.Broker(int(broker)).Request(p.ctx, p.request(parts))
	} else if !again(err) {
		p.mu.Lock()
		p.fail(fmt.Errorf("add partitions to the transaction: %w", err))
		p.mu.Unlock()
	}
	if !p.take(parts, response, err) {
		_ = backoff.Sleep(p.ctx, 100*time.Millisecond)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.busy, broker)
	close(p.changed)
	p.changed = make(chan struct{})
	p.kick()
}

// addPartitions adds partitions to the transaction.
func (p *Producer) addPartitions(parts []*part) error {
	p.mu.Lock()
	sender, missing := p.sender, []connect.TopicPartition{}
	for _, part := range parts {
		if sender.Transactional && !part.added {
			missing = append(missing, part.TopicPartition)
		}
	}
	p.mu.Unlock()
	if len(missing) == 0 {
		return nil
	}
	if err := p.txn.add(p.ctx, sender, missing); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, part := range parts {
		part.added = true
	}
	return nil
}

// request has the first batch of each partition.
func (p *Producer) request(parts []*part) *kmsg.ProduceRequest {
	req := kmsg.NewPtrProduceRequest()
	req.Acks, req.TimeoutMillis = -1, 30000
	if p.o.TransactionalID != "" {
		req.TransactionID = &p.o.TransactionalID
	}
	at := map[string]int{}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, part := range parts {
		i, ok := at[part.Topic]
		if !ok {
			i = len(req.Topics)
			at[part.Topic] = i
			t := kmsg.NewProduceRequestTopic()
			t.Topic = part.Topic
			req.Topics = append(req.Topics, t)
		}
		one := kmsg.NewProduceRequestTopicPartition()
		one.Partition, one.Records = part.Partition, part.queue[0].Bytes
		sender := p.sender
		sender.Sequence = part.sequence
		rawbatch.Batch(one.Records).SetSender(sender)
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, one)
	}
	return req
}

// take takes the answer for some partitions, and reports whether all went well.
func (p *Producer) take(parts []*part, response kmsg.Response, err error) (well bool) {
	answers := map[connect.TopicPartition]kmsg.ProduceResponseTopicPartition{}
	if produced, ok := response.(*kmsg.ProduceResponse); ok && err == nil {
		for _, t := range produced.Topics {
			for _, one := range t.Partitions {
				answers[connect.TopicPartition{Topic: t.Topic, Partition: one.Partition}] = one
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	well = err == nil
	for _, part := range parts {
		part.busy = false
		if answer, ok := answers[part.TopicPartition]; ok {
			well = p.answered(part, answer) && well
			continue
		}
		part.leader, well = -1, false // the broker is away, and another one may lead
	}
	return well
}

// answered takes the answer for the first batch of a partition, and reports whether it is written.
func (p *Producer) answered(part *part, answer kmsg.ProduceResponseTopicPartition) bool {
	b, err := part.queue[0], kerr.ErrorForCode(answer.ErrorCode)
	switch {
	case err == nil:
		part.queue[0] = waiting{}
		part.queue = part.queue[1:]
		if len(part.queue) == 0 {
			part.queue = nil // with its array
		}
		part.sequence = rawbatch.Sender{Sequence: part.sequence}.Next(b.Records).Sequence
		part.unknown = 0
		p.bytes -= int64(len(b.Bytes))
		b.written(answer.BaseOffset)
		return true
	case isRefused(err):
		p.fail(fmt.Errorf("write a batch of %d records and %d bytes to partition %s: %w: %w%s", b.Records, len(b.Bytes),
			part, ErrRefused, err, detail(answer)))
	case again(err):
		part.leader = -1
	default:
		p.fail(fmt.Errorf("write a batch to partition %s: %w%s", part, err, detail(answer)))
	}
	return false
}

// look finds out who leads the partitions of which that is not known.
func (p *Producer) look() {
	req := kmsg.NewPtrMetadataRequest()
	p.mu.Lock()
	asked := map[string]bool{}
	for _, part := range p.parts {
		if part.leader < 0 && len(part.queue) > 0 && !asked[part.Topic] {
			asked[part.Topic] = true
			t := kmsg.NewMetadataRequestTopic()
			t.Topic = &part.Topic
			req.Topics = append(req.Topics, t)
		}
	}
	p.mu.Unlock()
	if len(req.Topics) > 0 { // the request would be for all topics
		resp, err := req.RequestWith(p.ctx, p.o.Client)
		if err != nil || !p.lead(resp, asked) {
			_ = backoff.Sleep(p.ctx, 250*time.Millisecond)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looking = false
	p.kick()
}

// lead takes note of leaders, and reports whether all partitions have one.
func (p *Producer) lead(resp *kmsg.MetadataResponse, asked map[string]bool) bool {
	leaders := map[connect.TopicPartition]int32{}
	for _, t := range resp.Topics {
		for _, one := range t.Partitions {
			if t.Topic != nil && one.ErrorCode == 0 {
				leaders[connect.TopicPartition{Topic: *t.Topic, Partition: one.Partition}] = one.Leader
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	all := true
	for _, part := range p.parts {
		if !asked[part.Topic] || part.leader >= 0 {
			continue
		}
		if leader, ok := leaders[part.TopicPartition]; ok && leader >= 0 {
			part.leader, part.unknown = leader, 0
			continue
		}
		all = false
		if part.unknown += missing(resp, part.Topic); part.unknown > unknownTries {
			p.fail(fmt.Errorf("write to topic %s: %w", part.Topic, kerr.UnknownTopicOrPartition))
		}
	}
	return all
}

// Writes reports whether batches of a topic were written.
func (p *Producer) Writes(topic string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for tp := range p.parts {
		if tp.Topic == topic {
			return true
		}
	}
	return false
}

// Abort ends the transaction without its records, whether or not the client has written to it. Nothing
// is written any more; requests that are on their way are waited for, as one that comes after the end
// could begin a transaction that nobody ends.
func (p *Producer) Abort(ctx context.Context) error {
	p.mu.Lock()
	if p.failed == nil {
		p.failed = errors.New("the transaction was aborted")
	}
	sender := p.sender
	p.mu.Unlock()
	if err := p.idle(ctx); err != nil || !sender.Transactional {
		return err
	}
	return p.txn.abort(ctx, sender)
}

// idle waits until no request is on its way.
func (p *Producer) idle(ctx context.Context) error {
	for {
		p.mu.Lock()
		busy, changed := len(p.busy) > 0, p.changed
		p.mu.Unlock()
		if !busy {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Close ends what is on its way, and waits for that.
func (p *Producer) Close() {
	p.cancel()
	p.work.Wait()
}
