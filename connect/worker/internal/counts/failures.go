package counts

import (
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect/plan"
)

// Stages are the names of where a record may fail, as Kafka Connect has them.
var Stages = [...]string{"TASK_POLL", "TASK_PUT", "TRANSFORMATION", "KEY_CONVERTER",
	"VALUE_CONVERTER", "HEADER_CONVERTER", "KAFKA_PRODUCE", "KAFKA_CONSUME"}

// notIn are the stages that records of a type of connector do not pass.
var notIn = map[plan.Type][]string{
	plan.Source: {"TASK_PUT", "KAFKA_CONSUME"},
	plan.Sink:   {"TASK_POLL", "KAFKA_PRODUCE"},
}

// Failures count the records that failed, by stage. They are safe for concurrent
// use; the zero value is ready.
type Failures struct {
	stages [len(Stages)]atomic.Int64
	last   atomic.Int64 // in milliseconds since 1970
}

// Add counts n records that failed in a stage, by its place in [Stages].
func (f *Failures) Add(stage int, n int64) {
	f.stages[stage].Add(n)
	f.last.Store(time.Now().UnixMilli())
}
