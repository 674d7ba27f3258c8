package sourcetask

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
)

var _ connect.SourceContext = (*taskContext)(nil)

// taskContext is what a source task may ask for, from the goroutine of Poll.
type taskContext struct{ life *Life }

func (c *taskContext) Logger() *slog.Logger           { return c.life.o.Logger }
func (c *taskContext) Metrics() prometheus.Registerer { return c.life.o.Metrics }

func (c *taskContext) Offset(_ context.Context, partition map[string]any) (map[string]any, error) {
	return c.life.store.Get(c.life.o.Plan.Name, partition)
}

func (c *taskContext) Reject(_ context.Context, r *connect.SourceRecord, reason error) error {
	if err := c.life.committer.begin(); err != nil {
		return err
	}
	st, err := c.life.offsets.stream(r.SourcePartition)
	if err != nil {
		return err
	}
	c.life.o.Counts.Read.Add(1)
	return c.life.delivery.reject(r, reason, st.place)
}
