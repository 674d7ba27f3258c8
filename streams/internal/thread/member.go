package thread

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/txn"
)

// member is the group member and producer of a thread. It knows what the beginning
// and the end of an epoch mean under a processing guarantee.
type member interface {
	client() *kgo.Client
	// fence ends the transaction that a dead predecessor has left open.
	fence(ctx context.Context) error
	begin(ctx context.Context) error
	// end commits the offsets of everything polled, or goes back to the last
	// committed ones. committed is false when a commit was asked for and a
	// rebalance forbade it.
	end(ctx context.Context, commit bool) (committed bool, err error)
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

func (m exactlyOnce) end(ctx context.Context, commit bool) (bool, error) {
	return m.txn.End(ctx, commit)
}

// atLeastOnce commits offsets after outputs and changelogs.
type atLeastOnce struct{ cl *kgo.Client }

func (m atLeastOnce) client() *kgo.Client         { return m.cl }
func (m atLeastOnce) fence(context.Context) error { return nil }
func (m atLeastOnce) begin(context.Context) error { return nil }
func (m atLeastOnce) close()                      { m.cl.CloseAllowingRebalance() }

func (m atLeastOnce) end(ctx context.Context, commit bool) (bool, error) {
	if commit {
		if err := m.cl.Flush(ctx); err != nil {
			return false, fmt.Errorf("flush: %w", err)
		}
		return m.commit(ctx)
	}
	if err := m.cl.AbortBufferedRecords(ctx); err != nil {
		return false, fmt.Errorf("abort: %w", err)
	}
	m.cl.SetOffsets(m.cl.CommittedOffsets())
	return false, nil
}

// commit commits all polled offsets. It is not an error that the group has moved
// on: the partitions are lost, and their records are processed again elsewhere.
func (m atLeastOnce) commit(ctx context.Context) (bool, error) {
	err := m.cl.CommitUncommittedOffsets(ctx)
	if err != nil && Recoverable(err) {
		m.cl.SetOffsets(m.cl.CommittedOffsets())
		return false, nil
	}
	return err == nil, err
}
