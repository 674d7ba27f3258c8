package thread

import (
	"context"
	"fmt"

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
	// end commits the offsets of everything polled before rest, or goes back to the
	// last committed ones. After a commit rest is polled again. committed is false when
	// a commit was asked for and a rebalance forbade it.
	end(ctx context.Context, commit bool, rest offsets) (committed bool, err error)
	close()
}

func newMember(o Options, opts []kgo.Opt) (member, error) {
	if !o.ExactlyOnce {
		cl, err := kgo.NewClient(opts...)
		return atLeastOnce{cl}, err
	}
	session, err := kgo.NewGroupTransactSession(append(opts,
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.TransactionalID(o.Name),
		kgo.TransactionTimeout(o.TransactionTimeout),
	)...)
	if err != nil {
		return nil, err
	}
	return exactlyOnce{session, txn.NewGroup(session)}, nil
}

// exactlyOnce puts outputs, changelogs and offsets in one transaction.
type exactlyOnce struct {
	session *kgo.GroupTransactSession
	txn     *txn.Producer
}

func (m exactlyOnce) client() *kgo.Client { return m.session.Client() }

// fence takes the producer id before the first record: the predecessor's
// transaction would otherwise hold up the group's offsets and the changelogs,
// and so the first record, until transaction.timeout.ms.
func (m exactlyOnce) fence(ctx context.Context) error { return m.txn.Fence(ctx) }
func (m exactlyOnce) begin(ctx context.Context) error { return m.txn.Begin(ctx) }
func (m exactlyOnce) close()                          { m.session.CloseAllowingRebalance() }

func (m exactlyOnce) end(ctx context.Context, commit bool, rest offsets) (bool, error) {
	if len(rest) > 0 {
		ctx = kgo.PreTxnCommitFnContext(ctx, rest.lower)
	}
	committed, err := m.txn.End(ctx, commit)
	if committed && err == nil && len(rest) > 0 {
		m.client().SetOffsets(rest)
	}
	return committed, err
}

// atLeastOnce commits offsets after outputs and changelogs.
type atLeastOnce struct{ cl *kgo.Client }

func (m atLeastOnce) client() *kgo.Client         { return m.cl }
func (m atLeastOnce) fence(context.Context) error { return nil }
func (m atLeastOnce) begin(context.Context) error { return nil }
func (m atLeastOnce) close()                      { m.cl.CloseAllowingRebalance() }

func (m atLeastOnce) end(ctx context.Context, commit bool, rest offsets) (bool, error) {
	if commit {
		if err := m.cl.Flush(ctx); err != nil {
			return false, fmt.Errorf("flush: %w", err)
		}
		return m.commit(ctx, rest)
	}
	if err := m.cl.AbortBufferedRecords(ctx); err != nil {
		return false, fmt.Errorf("abort: %w", err)
	}
	m.cl.SetOffsets(m.cl.CommittedOffsets())
	return false, nil
}

// commit commits the polled offsets before rest. It is not an error that the group has
// moved on: the partitions are lost, and their records are processed again elsewhere.
func (m atLeastOnce) commit(ctx context.Context, rest offsets) (bool, error) {
	if len(rest) > 0 {
		ctx = kgo.PreCommitFnContext(ctx, rest.lowerPlain)
	}
	err := m.cl.CommitUncommittedOffsets(ctx)
	if err != nil && Recoverable(err) {
		m.cl.SetOffsets(m.cl.CommittedOffsets())
		return false, nil
	}
	if err == nil && len(rest) > 0 {
		m.cl.SetOffsets(rest)
	}
	return err == nil, err
}

// offsets are those of the first records that an epoch has no room for.
type offsets map[string]map[int32]kgo.EpochOffset

// lower makes a request commit nothing behind the offsets. The session knows only what
// was polled.
func (o offsets) lower(r *kmsg.TxnOffsetCommitRequest) error {
	for _, t := range r.Topics {
		for i := range t.Partitions {
			p := &t.Partitions[i]
			if at, ok := o[t.Topic][p.Partition]; ok {
				p.Offset, p.LeaderEpoch = at.Offset, at.Epoch
			}
		}
	}
	return nil
}

// lowerPlain is lower without a transaction.
func (o offsets) lowerPlain(r *kmsg.OffsetCommitRequest) error {
	for _, t := range r.Topics {
		for i := range t.Partitions {
			p := &t.Partitions[i]
			if at, ok := o[t.Topic][p.Partition]; ok {
				p.Offset, p.LeaderEpoch = at.Offset, at.Epoch
			}
		}
	}
	return nil
}
