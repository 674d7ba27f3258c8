package rawfetch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/internal/kafka/batches"
	"github.com/suiro/suiro/internal/kafka/lz4"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// lookEvery is how often brokers are asked who leads partitions of which that is not known.
const lookEvery = 250 * time.Millisecond

// Versions is the option that the client of a Fetcher needs: fetches that name topics by their names.
func Versions() kgo.Opt {
	v := kversion.Stable()
	v.SetMaxKeyVersion(kmsg.Fetch.Int16(), 12)
	return kgo.MaxVersions(v)
}

// Reset says where to go on in a partition in which the next offset is not, or is no longer.
type Reset func(ctx context.Context, p connect.TopicPartition, next int64) (kgo.Offset, error)

// Fetcher reads partitions. Its methods are for one goroutine.
type Fetcher struct {
	client  *kgo.Client
	limits  limits
	reset   Reset
	remaker remaker
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	work    sync.WaitGroup
	answers chan answer

	parts  map[connect.TopicPartition]*part
	order  []*part // who is asked for first, which changes
	busy   map[int32]bool
	looked time.Time
}

// limits are what a fetch asks for.
type limits struct {
	maxBytes, partitionBytes, minBytes int32
	wait                               time.Duration
	committed                          bool
}

// part is a partition that is read.
type part struct {
	connect.TopicPartition
	next        int64 // to read, or one of those below
	epoch       int32 // of the batch before, -1 when it is not known
	leader      int32 // -1 when it is not known
	leaderEpoch int32
}

// What the next offset is before it is looked up, as in Kafka's protocol.
const (
	atEnd   = -1
	atStart = -2
)

// answer is that of a broker.
type answer struct {
	broker int32
	parts  []*part
	resp   *kmsg.FetchResponse
	err    error
}

// Fetched is what was read of a partition.
type Fetched struct {
	connect.TopicPartition
	// Batches are the next batches.
	Batches []Batch
	// End is the offset behind the last record that there is.
	End int64
	// Err is why the partition is not read. It is read again once that is over.
	Err error
}

// New returns a Fetcher of partitions. The client, which was made with [Versions], says by its options
// how much is fetched, and whether of committed transactions alone; it must not consume itself.
func New(client *kgo.Client, begin map[string]map[int32]kgo.Offset, reset Reset) *Fetcher {
	ctx, cancel := context.WithCancel(context.Background())
	f := &Fetcher{client: client, reset: reset, ctx: ctx, cancel: cancel, answers: make(chan answer),
		remaker: remaker{batches.New(nil), lz4.New()},
		parts:   map[connect.TopicPartition]*part{}, busy: map[int32]bool{}}
	f.limits.maxBytes, _ = client.OptValue(kgo.FetchMaxBytes).(int32)
	f.limits.partitionBytes, _ = client.OptValue(kgo.FetchMaxPartitionBytes).(int32)
	f.limits.minBytes, _ = client.OptValue(kgo.FetchMinBytes).(int32)
	f.limits.wait, _ = client.OptValue(kgo.FetchMaxWait).(time.Duration)
	f.limits.committed = client.OptValue(kgo.FetchIsolationLevel) == any(int8(1)) // as in Kafka's protocol
	for topic, partitions := range begin {
		for number, at := range partitions {
			p := &part{TopicPartition: connect.TopicPartition{Topic: topic, Partition: number},
				next: at.EpochOffset().Offset, epoch: -1, leader: -1}
			f.parts[p.TopicPartition] = p
			f.order = append(f.order, p)
		}
	}
	return f
}

// Poll returns what is read next. Without anything it waits until ctx is done and returns no error.
func (f *Fetcher) Poll(ctx context.Context) ([]Fetched, error) {
	for ctx.Err() == nil {
		fetched, err := f.prepare(ctx)
		if len(fetched) > 0 || err != nil {
			return fetched, err
		}
		f.ask()
		select {
		case a := <-f.answers:
			fetched, err := f.take(ctx, a)
			f.ask() // the next one while these are written
			if len(fetched) > 0 || err != nil {
				return fetched, err
			}
		case <-time.After(lookEvery):
		case <-ctx.Done():
		}
	}
	return nil, nil
}

// Close ends what is on its way. The client belongs to the caller.
func (f *Fetcher) Close() {
	f.cancel()
	f.work.Wait()
}

// prepare looks up who leads partitions, and offsets of their ends. What does not work now is tried
// again by a later call.
func (f *Fetcher) prepare(ctx context.Context) ([]Fetched, error) {
	var topics []string
	seen := map[string]bool{}
	ends := false
	for _, p := range f.order {
		if (p.leader < 0 || p.next < 0) && !seen[p.Topic] {
			seen[p.Topic] = true
			topics = append(topics, p.Topic)
		}
		ends = ends || p.next < 0
	}
	if len(topics) == 0 || time.Since(f.looked) < lookEvery {
		return nil, nil
	}
	f.looked = time.Now()
	if ends {
		f.findEnds(ctx, topics)
	}
	return f.findLeaders(ctx, topics)
}

// findEnds looks up the offsets of the start and the end of partitions that are read from there.
func (f *Fetcher) findEnds(ctx context.Context, topics []string) {
	adm := kadm.NewClient(f.client)
	listEnds := adm.ListEndOffsets
	if f.limits.committed {
		listEnds = adm.ListCommittedOffsets
	}
	starts, err := adm.ListStartOffsets(ctx, topics...)
	if err != nil {
		return
	}
	ends, err := listEnds(ctx, topics...)
	if err != nil {
		return
	}
	for _, p := range f.order {
		listed := starts
		if p.next == atEnd {
			listed = ends
		}
		if at, ok := listed.Lookup(p.Topic, p.Partition); ok && at.Err == nil && p.next < 0 {
			p.next = at.Offset
		}
	}
}

// findLeaders looks up who leads partitions. It returns those of topics that are not there.
func (f *Fetcher) findLeaders(ctx context.Context, topics []string) (gone []Fetched, err error) {
	req := kmsg.NewPtrMetadataRequest()
	for _, topic := range topics {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = &topic
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, f.client)
	if err != nil {
		if ctx.Err() != nil || f.ctx.Err() != nil {
			return nil, nil
		}
		return nil, connect.Retriable(fmt.Errorf("ask the source cluster who leads partitions: %w", err))
	}
	for _, t := range resp.Topics {
		if t.Topic == nil {
			continue
		}
		for _, one := range t.Partitions {
			p := f.parts[connect.TopicPartition{Topic: *t.Topic, Partition: one.Partition}]
			if p != nil && p.leader < 0 && one.ErrorCode == 0 {
				p.leader, p.leaderEpoch = one.Leader, one.LeaderEpoch
			}
		}
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil && !errors.Is(err, kerr.LeaderNotAvailable) {
			for _, p := range f.order {
				if p.Topic == *t.Topic {
					gone = append(gone, Fetched{TopicPartition: p.TopicPartition, Err: err})
				}
			}
		}
	}
	return gone, nil
}

// ask sends a request to each broker that has none.
func (f *Fetcher) ask() {
	asked := map[int32][]*part{}
	for _, p := range f.order {
		if p.leader >= 0 && p.next >= 0 && !f.busy[p.leader] {
			asked[p.leader] = append(asked[p.leader], p)
		}
	}
	for broker, parts := range asked {
		f.busy[broker] = true
		req := f.request(parts)
		f.work.Go(func() {
			a := answer{broker: broker, parts: parts}
			resp, err := f.client.Broker(int(broker)).Request(f.ctx, req)
			if a.err = err; err == nil {
				a.resp = resp.(*kmsg.FetchResponse)
			}
			select {
			case f.answers <- a:
			case <-f.ctx.Done():
			}
		})
	}
	if len(f.order) > 1 { // a broker fills its answer in the order of the request
		f.order = append(f.order[1:len(f.order):len(f.order)], f.order[0])
	}
}

func (f *Fetcher) request(parts []*part) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	req.MaxWaitMillis = int32(f.limits.wait.Milliseconds())
	req.MinBytes, req.MaxBytes = f.limits.minBytes, f.limits.maxBytes
	if f.limits.committed {
		req.IsolationLevel = 1
	}
	at := map[string]int{}
	for _, p := range parts {
		i, ok := at[p.Topic]
		if !ok {
			i = len(req.Topics)
			at[p.Topic] = i
			t := kmsg.NewFetchRequestTopic()
			t.Topic = p.Topic
			req.Topics = append(req.Topics, t)
		}
		one := kmsg.NewFetchRequestTopicPartition()
		one.Partition, one.FetchOffset, one.PartitionMaxBytes = p.Partition, p.next, f.limits.partitionBytes
		one.CurrentLeaderEpoch, one.LastFetchedEpoch = p.leaderEpoch, p.epoch
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, one)
	}
	return req
}

// take takes the answer of a broker.
func (f *Fetcher) take(ctx context.Context, a answer) (out []Fetched, err error) {
	delete(f.busy, a.broker)
	answered := map[*part]bool{}
	if a.err == nil {
		a.err = kerr.ErrorForCode(a.resp.ErrorCode)
	}
	if a.err == nil {
		for _, t := range a.resp.Topics {
			for i := range t.Partitions {
				one := &t.Partitions[i]
				p := f.parts[connect.TopicPartition{Topic: t.Topic, Partition: one.Partition}]
				if p == nil {
					continue
				}
				answered[p] = true
				fetched, err := f.takeOf(ctx, p, one)
				if err != nil {
					return out, err
				}
				if len(fetched.Batches) > 0 || fetched.Err != nil {
					out = append(out, fetched)
				}
			}
		}
	}
	for _, p := range a.parts {
		if !answered[p] {
			p.leader = -1
		}
	}
	return out, nil
}

// takeOf takes the answer for a partition.
func (f *Fetcher) takeOf(ctx context.Context, p *part, one *kmsg.FetchResponseTopicPartition) (Fetched, error) {
	fetched := Fetched{TopicPartition: p.TopicPartition, End: one.HighWatermark}
	err := kerr.ErrorForCode(one.ErrorCode)
	var answer *kerr.Error
	switch {
	case err == nil && one.DivergingEpoch.EndOffset >= 0 && one.DivergingEpoch.EndOffset < p.next:
		fetched.Err = &kgo.ErrDataLoss{Topic: p.Topic, Partition: p.Partition, ConsumedTo: p.next,
			ResetTo: one.DivergingEpoch.EndOffset}
		p.next, p.epoch = one.DivergingEpoch.EndOffset, -1
	case err == nil:
		fetched.Batches, fetched.Err = f.split(p, one)
	case errors.Is(err, kerr.OffsetOutOfRange):
		at, err := f.reset(ctx, p.TopicPartition, p.next)
		if err != nil {
			return fetched, err
		}
		p.next, p.epoch = at.EpochOffset().Offset, -1
	case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
		p.leader, fetched.Err = -1, err
	case errors.As(err, &answer) && answer.Retriable:
		p.leader = -1
	default:
		p.leader, fetched.Err = -1, err
	}
	return fetched, nil
}
