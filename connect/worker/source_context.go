package worker

import (
	"context"
	"log/slog"

	"github.com/suiro/suiro/connect"
)

var _ connect.SourceContext = (*sourceContext)(nil)

// sourceContext is what a source task may ask for.
type sourceContext struct{ s *sourceRun }

func (c *sourceContext) Offset(_ context.Context, partition map[string]any) (map[string]any, error) {
	return c.s.worker.offsets.Get(c.s.conn.Name, partition)
}

func (c *sourceContext) Reject(_ context.Context, r *connect.SourceRecord, reason error) error {
	if err := c.s.keeper.begin(); err != nil {
		return err
	}
	st, err := c.s.stream(r.SourcePartition)
	if err != nil {
		return err
	}
	c.s.counts.read.Add(1)
	return c.s.reject(r, reason, st.add)
}

func (c *sourceContext) Logger() *slog.Logger { return c.s.logger }
