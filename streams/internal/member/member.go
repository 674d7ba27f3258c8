package member

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/txn"
)

// Member is the group member and producer of a thread. It knows what the beginning
// and the end of an epoch mean under a processing guarantee. It belongs to the thread's
// goroutine.
type Member interface {
	// Client returns the client of the member.
	Client() *kgo.Client
	// Fence ends the transaction that a dead predecessor has left open.
	Fence(ctx context.Context) error
	// Begin begins an epoch.
	Begin(ctx context.Context) error
	// End commits the offsets of everything polled, or goes back to the last committed
	// ones. In partitions that at and back name, it commits what these say, and in those
	// of back the next poll begins there. Each offset is committed with its mark.
	// committed is false when a commit was asked for and a rebalance forbade it.
	End(ctx context.Context, commit bool, at, back Offsets) (committed bool, err error)
	// Close leaves an open transaction to whoever has the transactional.id next.
	Close()
}

// AtLeastOnce returns a member that commits offsets, with their marks, after outputs and
// changelogs.
func AtLeastOnce(mark Marker, opts []kgo.Opt) (Member, error) {
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, err
	}
	return atLeastOnce{cl, mark}, nil
}

// ExactlyOnce returns a member that puts outputs, changelogs and offsets, with their
// marks, in one transaction.
func ExactlyOnce(id string, timeout time.Duration, mark Marker, opts []kgo.Opt) (Member, error) {
	session, err := kgo.NewGroupTransactSession(append(opts,
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.TransactionalID(id),
		kgo.TransactionTimeout(timeout),
	)...)
	if err != nil {
		return nil, err
	}
	return exactlyOnce{session, txn.NewGroup(session), mark}, nil
}

type exactlyOnce struct {
	session *kgo.GroupTransactSession
	txn     *txn.Producer
	mark    Marker
}

func (m exactlyOnce) Client() *kgo.Client { return m.session.Client() }

// fence takes the producer id before the first record: the predecessor's
// transaction would otherwise hold up the group's offsets and the changelogs,
// and so the first record, until transaction.timeout.ms.
func (m exactlyOnce) Fence(ctx context.Context) error { return m.txn.Fence(ctx) }
func (m exactlyOnce) Begin(ctx context.Context) error { return m.txn.Begin(ctx) }
func (m exactlyOnce) Close()                          { m.session.CloseAllowingRebalance() }

func (m exactlyOnce) End(ctx context.Context, commit bool, at, back Offsets) (bool, error) {
	ctx = kgo.PreTxnCommitFnContext(ctx, func(r *kmsg.TxnOffsetCommitRequest) error {
		at.put(r)
		back.put(r)
		m.mark.txn(r)
		return nil
	})
	committed, err := m.txn.End(ctx, commit)
	if committed && err == nil && len(back) > 0 {
		m.Client().SetOffsets(back)
	}
	return committed, err
}

type atLeastOnce struct {
	cl   *kgo.Client
	mark Marker
}

func (m atLeastOnce) Client() *kgo.Client         { return m.cl }
func (m atLeastOnce) Fence(context.Context) error { return nil }
func (m atLeastOnce) Begin(context.Context) error { return nil }
func (m atLeastOnce) Close()                      { m.cl.CloseAllowingRebalance() }

func (m atLeastOnce) End(ctx context.Context, commit bool, at, back Offsets) (bool, error) {
	if commit {
		if err := m.cl.Flush(ctx); err != nil {
			return false, fmt.Errorf("flush: %w", err)
		}
		return m.commit(ctx, at, back)
	}
	if err := m.cl.AbortBufferedRecords(ctx); err != nil {
		return false, fmt.Errorf("abort: %w", err)
	}
	m.cl.SetOffsets(m.cl.CommittedOffsets())
	return false, nil
}

// commit commits all polled offsets, or what at and back say. It is not an error that the
// group has moved on: the partitions are lost, and their records are processed again
// elsewhere.
func (m atLeastOnce) commit(ctx context.Context, at, back Offsets) (bool, error) {
	ctx = kgo.PreCommitFnContext(ctx, m.mark.group)
	var err error
	if len(at)+len(back) == 0 {
		err = m.cl.CommitUncommittedOffsets(ctx)
	} else {
		err = m.commitAt(ctx, at, back)
	}
	if err != nil && Recoverable(err) {
		m.cl.SetOffsets(m.cl.CommittedOffsets())
		return false, nil
	}
	if err == nil && len(back) > 0 {
		m.cl.SetOffsets(back)
	}
	return err == nil, err
}

func (m atLeastOnce) commitAt(ctx context.Context, at, back Offsets) (err error) {
	all := Offsets(m.cl.UncommittedOffsets())
	if all == nil {
		all = Offsets{}
	}
	for _, some := range []Offsets{at, back} {
		for topic, partitions := range some {
			for p, o := range partitions {
				all.Set(topic, p, o)
			}
		}
	}
	done := func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, r *kmsg.OffsetCommitResponse, failed error) {
		if err = failed; err != nil {
			return
		}
		for _, t := range r.Topics {
			for _, p := range t.Partitions {
				err = errors.Join(err, kerr.ErrorForCode(p.ErrorCode))
			}
		}
	}
	m.cl.CommitOffsetsSync(ctx, all, done)
	return err
}

// Offsets are those of records, by topic and partition.
type Offsets map[string]map[int32]kgo.EpochOffset

// Set sets the offset of a partition.
func (o Offsets) Set(topic string, partition int32, at kgo.EpochOffset) {
	if o[topic] == nil {
		o[topic] = map[int32]kgo.EpochOffset{}
	}
	o[topic][partition] = at
}

// put makes a request commit the offsets. The session knows only what was polled.
func (o Offsets) put(r *kmsg.TxnOffsetCommitRequest) {
	for topic, partitions := range o {
		for p, at := range partitions {
			c := o.find(r, topic, p)
			c.Offset, c.LeaderEpoch = at.Offset, at.Epoch
		}
	}
}

// find returns the place of a partition in a request, which it makes if it is missing.
func (Offsets) find(r *kmsg.TxnOffsetCommitRequest, topic string, id int32) *kmsg.TxnOffsetCommitRequestTopicPartition {
	i := slices.IndexFunc(r.Topics, func(t kmsg.TxnOffsetCommitRequestTopic) bool { return t.Topic == topic })
	if i < 0 {
		t := kmsg.NewTxnOffsetCommitRequestTopic()
		t.Topic = topic
		i, r.Topics = len(r.Topics), append(r.Topics, t)
	}
	t := &r.Topics[i]
	for j := range t.Partitions {
		if t.Partitions[j].Partition == id {
			return &t.Partitions[j]
		}
	}
	p := kmsg.NewTxnOffsetCommitRequestTopicPartition()
	p.Partition = id
	t.Partitions = append(t.Partitions, p)
	return &t.Partitions[len(t.Partitions)-1]
}

// Marker returns the text to commit with the offset of a partition. It is called between
// records.
type Marker func(topic string, partition int32) string

// txn puts marks into a request of a transaction.
func (m Marker) txn(r *kmsg.TxnOffsetCommitRequest) {
	for i := range r.Topics {
		for j := range r.Topics[i].Partitions {
			text := m(r.Topics[i].Topic, r.Topics[i].Partitions[j].Partition)
			r.Topics[i].Partitions[j].Metadata = &text
		}
	}
}

// group puts marks into a request without a transaction.
func (m Marker) group(r *kmsg.OffsetCommitRequest) error {
	for i := range r.Topics {
		for j := range r.Topics[i].Partitions {
			text := m(r.Topics[i].Topic, r.Topics[i].Partitions[j].Partition)
			r.Topics[i].Partitions[j].Metadata = &text
		}
	}
	return nil
}
