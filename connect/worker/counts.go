package worker

import "github.com/suiro/suiro/connect/worker/internal/counts"

// Counts are what a task did since its connector was started, over all its
// restarts.
type Counts = counts.Counts
