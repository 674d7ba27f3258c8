package thread

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/txn"
)

// member is the group member and producer of a thread. It knows what the beginning
// and the end of an epoch mean under a processing guarantee.
type member interface {
	client() *kgo.Client
	// fence ends the transaction that a dead predecessor has left open.
	fence(ctx context.Context) error
	begin(ctx context.Context) error
	// end commits the offsets of everything polled, or goes back to the last committed
	// ones. In partitions that at and back name, it commits what these say, and in those
	// of back the next poll begins there. Each offset is committed with its mark.
	// committed is false when a commit was asked for and a rebalance forbade it.
	end(ctx context.Context, commit bool, at, back offsets) (committed bool, err error)
	close()
}

func newMember(o Options, mark marker, opts []kgo.Opt) (member, error) {
	if !o.ExactlyOnce {
		cl, err := kgo.NewClient(opts...)
		return atLeastOnce{cl, mark}, err
	}
	session, err := kgo.NewGroupTransactSession(append(opts,
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.TransactionalID(o.Name),
		kgo.TransactionTimeout(o.TransactionTimeout),
	)...)
	if err != nil {
		return nil, err
	}
	return exactlyOnce{session, txn.NewGroup(session), mark}, nil
}

// exactlyOnce puts outputs, changelogs and offsets in one transaction.
type exactlyOnce struct {
	session *kgo.GroupTransactSession
	txn     *txn.Producer
	mark    marker
}

func (m exactlyOnce) client() *kgo.Client { return m.session.Client() }

// fence takes the producer id before the first record: the predecessor's
// transaction would otherwise hold up the group's offsets and the changelogs,
// and so the first record, until transaction.timeout.ms.
func (m exactlyOnce) fence(ctx context.Context) error { return m.txn.Fence(ctx) }
func (m exactlyOnce) begin(ctx context.Context) error { return m.txn.Begin(ctx) }
func (m exactlyOnce) close()                          { m.session.CloseAllowingRebalance() }

func (m exactlyOnce) end(ctx context.Context, commit bool, at, back offsets) (bool, error) {
	ctx = kgo.PreTxnCommitFnContext(ctx, func(r *kmsg.TxnOffsetCommitRequest) error {
		at.put(r)
		back.put(r)
		m.mark.txn(r)
		return nil
	})
	committed, err := m.txn.End(ctx, commit)
	if committed && err == nil && len(back) > 0 {
		m.client().SetOffsets(back)
	}
	return committed, err
}

// atLeastOnce commits offsets after outputs and changelogs.
type atLeastOnce struct {
	cl   *kgo.Client
	mark marker
}

func (m atLeastOnce) client() *kgo.Client         { return m.cl }
func (m atLeastOnce) fence(context.Context) error { return nil }
func (m atLeastOnce) begin(context.Context) error { return nil }
func (m atLeastOnce) close()                      { m.cl.CloseAllowingRebalance() }

func (m atLeastOnce) end(ctx context.Context, commit bool, at, back offsets) (bool, error) {
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
func (m atLeastOnce) commit(ctx context.Context, at, back offsets) (bool, error) {
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

func (m atLeastOnce) commitAt(ctx context.Context, at, back offsets) (err error) {
	all := offsets(m.cl.UncommittedOffsets())
	if all == nil {
		all = offsets{}
	}
	for _, some := range []offsets{at, back} {
		for topic, partitions := range some {
			for p, o := range partitions {
				all.set(topic, p, o)
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

// offsets are those of records, by topic and partition.
type offsets map[string]map[int32]kgo.EpochOffset

func (o offsets) set(topic string, partition int32, at kgo.EpochOffset) {
	if o[topic] == nil {
		o[topic] = map[int32]kgo.EpochOffset{}
	}
	o[topic][partition] = at
}

// put makes a request commit the offsets. The session knows only what was polled.
func (o offsets) put(r *kmsg.TxnOffsetCommitRequest) {
	for topic, partitions := range o {
		for p, at := range partitions {
			c := o.find(r, topic, p)
			c.Offset, c.LeaderEpoch = at.Offset, at.Epoch
		}
	}
}

// find returns the place of a partition in a request, which it makes if it is missing.
func (offsets) find(r *kmsg.TxnOffsetCommitRequest, topic string, id int32) *kmsg.TxnOffsetCommitRequestTopicPartition {
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
