package hdfs

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/filesets"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/hdfs/internal/hive"
)

var (
	_ connect.SinkTask = (*SinkTask)(nil)
	_ connect.Waiter   = (*SinkTask)(nil)
)

// SinkTask writes records to files.
type SinkTask struct {
	*filesets.Sink // does the work; nil before Start

	storage   storage.Storage // nil until Start, unless a test set it
	metastore metastore       // nil until Start, unless a test set it

	hive *registrar // nil without Hive

	counters atomic.Pointer[filesets.Counters] // nil before Start
}

// Start implements [connect.SinkTask]. It connects to nothing yet.
func (t *SinkTask) Start(_ context.Context, tc connect.SinkContext, v config.Values) error {
	s, err := newSettings(v)
	if err != nil {
		return err
	}
	if t.storage == nil {
		if t.storage, err = s.open(); err != nil {
			return err
		}
	}
	o := s.files
	counters, hiveCount := newCounters(tc.Metrics())
	o.Storage, o.Counters = t.storage, counters
	t.counters.Store(counters)
	if s.HiveIntegration {
		if t.metastore == nil {
			t.metastore = hive.New(s.metastores)
		}
		t.hive = newRegistrar(s, o.Format.(format.Tables), t.metastore, tc.Logger(), hiveCount)
		t.hive.start()
		o.Registry = t.hive
	}
	t.Sink = filesets.New(tc, o)
	return nil
}

// Waiting implements [connect.Waiter]. Files are written while Hive is away.
func (t *SinkTask) Waiting() error {
	if c := t.counters.Load(); c != nil {
		return c.Waiting()
	}
	return nil
}

// Stop implements [connect.SinkTask]. What Hive does not know yet stays in the
// logs for the next life of the task.
func (t *SinkTask) Stop() error {
	var errs []error
	if t.Sink != nil {
		errs = append(errs, t.Sink.Stop())
	}
	if t.hive != nil {
		errs = append(errs, t.hive.stop())
	}
	return errors.Join(errs...)
}

// newCounters returns the counters of a task, registered with r.
func newCounters(r prometheus.Registerer) (*filesets.Counters, *hiveCounters) {
	return filesets.NewCounters(r, "hdfs_sink"), newHiveCounters(r)
}
