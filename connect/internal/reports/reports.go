// Package reports reports several records and waits for their dead letters, as the
// worker and the fake of package connecttest do in ReportAll.
package reports

import (
	"context"
	"fmt"

	"github.com/suiro/suiro/connect"
)

// All reports each rejection with report, which is that of a [connect.SinkContext],
// and returns when all dead letters are acknowledged, one of them fails, or ctx is
// done.
func All(ctx context.Context, report func(*connect.SinkRecord, error, func(error)) error,
	rejections []connect.Rejection) error {
	written := make(chan error, len(rejections))
	for _, r := range rejections {
		if err := report(r.Record, r.Reason, func(err error) { written <- err }); err != nil {
			return err
		}
	}
	for range rejections {
		select {
		case err := <-written:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return fmt.Errorf("wait for dead letters: %w", context.Cause(ctx))
		}
	}
	return nil
}
