package elasticsearch

import (
	"context"
	"sync/atomic"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/metrics"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

var (
	_ connect.SinkTask = (*SinkTask)(nil)
	_ connect.Waiter   = (*SinkTask)(nil)
)

// SinkTask writes records to Elasticsearch. Put only buffers; the writing
// happens in the background, and PreCommit tells how far it has come. The worker
// calls it from one goroutine; metrics are read from others.
type SinkTask struct {
	running atomic.Pointer[writer] // nil before Start
}

// Start reads the keys and looks for the cluster. A cluster that cannot be
// reached is looked for in the background, for as long as it takes; one that
// lets nobody in, or is not Elasticsearch, is an error.
func (t *SinkTask) Start(ctx context.Context, tc connect.SinkContext, v config.Values) error {
	s, err := settings.New(v)
	if err != nil {
		return err
	}
	w, err := newWriter(s, tc, metrics.New(tc.Metrics(), func() metrics.Now { return t.running.Load().now() }))
	if err != nil {
		return err
	}
	t.running.Store(w)
	return w.start(ctx)
}

// Open accepts partitions. Their position is the group's committed offset.
func (t *SinkTask) Open(_ context.Context, partitions []connect.TopicPartition) error {
	t.running.Load().open(partitions)
	return nil
}

// Put buffers records. It never waits for Elasticsearch: when more is buffered
// than allowed the partitions are paused until it is written. A record that
// cannot be decoded now, but perhaps later, is a retriable error.
func (t *SinkTask) Put(_ context.Context, records []*connect.SinkRecord) error {
	return t.running.Load().put(records)
}

// PreCommit returns, for each partition, the offset before which every record
// is written or rejected.
func (t *SinkTask) PreCommit(_ context.Context, current connect.Offsets) (connect.Offsets, error) {
	return t.running.Load().intake.parts.safe(current), nil
}

// Close drops what is buffered of partitions, and waits for the requests under
// way that carry them unless they are lost already.
func (t *SinkTask) Close(ctx context.Context, partitions []connect.TopicPartition, lost bool) error {
	t.running.Load().close(ctx, partitions, lost)
	return nil
}

// Waiting implements [connect.Waiter].
func (t *SinkTask) Waiting() error {
	if w := t.running.Load(); w != nil {
		return w.sender.outage.Waiting()
	}
	return nil
}

// Stop ends the writing. What is not written is read again after a restart.
func (t *SinkTask) Stop() error {
	if w := t.running.Load(); w != nil {
		w.stop()
	}
	return nil
}
