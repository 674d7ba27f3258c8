package thread

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// member is the group member and producer of a thread: what an epoch's
// beginning and end mean under a processing guarantee.
type member interface {
	client() *kgo.Client
	// fence ends what a dead predecessor of the same name has left open.
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
	return &exactlyOnce{session: session}, err
}

// exactlyOnce puts outputs, changelogs and offsets in one transaction.
type exactlyOnce struct {
	session *kgo.GroupTransactSession
	// id and epoch name the producer as the open transaction began.
	id    int64
	epoch int16
}

func (m *exactlyOnce) client() *kgo.Client { return m.session.Client() }

func (m *exactlyOnce) begin(ctx context.Context) (err error) {
	if err := m.session.Begin(); err != nil {
		return err
	}
	m.id, m.epoch, err = m.client().ProducerID(ctx)
	return err
}

// fence takes the producer id now and not with the first record. The broker
// aborts the predecessor's transaction with it, which otherwise would hold up
// the group's offsets and the changelogs, and so the first record, until
// transaction.timeout.ms.
func (m *exactlyOnce) fence(ctx context.Context) error {
	_, _, err := m.client().ProducerID(ctx)
	return err
}

func (m *exactlyOnce) close() { m.session.CloseAllowingRebalance() }

func (m *exactlyOnce) end(ctx context.Context, commit bool) (bool, error) {
	if commit {
		if err := m.checkProducer(ctx); err != nil {
			return false, err
		}
	}
	return m.session.End(ctx, kgo.TransactionEndTry(commit))
}

// checkProducer returns an error when the client has renewed its producer id
// since the transaction began. It does so by itself when a broker refuses a
// sequence and everything that it wrote to the partition before is deleted, as
// in repartition topics. The broker has then aborted what was written until
// that moment, and would commit the rest with all offsets.
func (m *exactlyOnce) checkProducer(ctx context.Context) error {
	id, epoch, err := m.client().ProducerID(ctx)
	if err == nil && (id != m.id || epoch != m.epoch) {
		return errRenewed
	}
	return err
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

// commit commits all polled offsets. A group that has moved on is no error:
// the partitions are lost and their records come again elsewhere.
func (m atLeastOnce) commit(ctx context.Context) (bool, error) {
	err := m.cl.CommitUncommittedOffsets(ctx)
	if err != nil && Recoverable(err) {
		m.cl.SetOffsets(m.cl.CommittedOffsets())
		return false, nil
	}
	return err == nil, err
}
