package elasticsearch

import (
	"context"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// closeTimeout bounds how long a lost partition waits for requests under way.
const closeTimeout = 10 * time.Second

var _ connect.SinkTask = (*SinkTask)(nil)

// SinkTask writes records to Elasticsearch. Put only buffers; the writing
// happens in the background, and PreCommit tells how far it has come.
type SinkTask struct {
	writer *writer
}

// Start reads the keys and looks for the cluster. A cluster that cannot be
// reached is looked for in the background, for as long as it takes; one that
// lets nobody in, or is no Elasticsearch, is an error.
func (t *SinkTask) Start(ctx context.Context, tc connect.SinkContext, v config.Values) error {
	s := newSettings(v, tc.Tolerant())
	c, err := newClient(s, v)
	if err != nil {
		return err
	}
	t.writer = newWriter(s, c, tc)
	t.writer.start()
	return t.writer.find(ctx)
}

// Open accepts partitions. Their position is the group's committed offset.
func (t *SinkTask) Open(_ context.Context, partitions []connect.TopicPartition) error {
	t.writer.open(partitions)
	return nil
}

// Put buffers records. It never waits for Elasticsearch: when more is buffered
// than allowed the partitions are paused until it is written. A record that
// cannot be decoded now, but perhaps later, is a retriable error.
func (t *SinkTask) Put(_ context.Context, records []*connect.SinkRecord) error {
	if err := t.writer.err(); err != nil {
		return err
	}
	refused, err := t.writer.put(records)
	for _, r := range refused {
		t.writer.refuse(r, t.writer.s.dropInvalid)
	}
	t.writer.pressure()
	if failed := t.writer.err(); failed != nil {
		return failed
	}
	return err
}

// PreCommit returns, for each partition, the offset before which every record
// is written or rejected.
func (t *SinkTask) PreCommit(_ context.Context, current connect.Offsets) (connect.Offsets, error) {
	return t.writer.safe(current), nil
}

// Close drops what is buffered of partitions, and waits for the requests under
// way that carry them unless they are lost already.
func (t *SinkTask) Close(ctx context.Context, partitions []connect.TopicPartition, lost bool) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	return t.writer.close(ctx, partitions, lost)
}

// Stop ends the writing. What is not written is read again after a restart.
func (t *SinkTask) Stop() error {
	if t.writer != nil {
		t.writer.stop()
	}
	return nil
}
