package thread

import (
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// joining tells whether the client joins its group again: from its request until the group
// has given out partitions, for which it waits for all of its members. Until then the client
// commits nothing.
type joining struct{ atomic.Bool }

// OnBrokerWrite implements kgo.HookBrokerWrite.
func (j *joining) OnBrokerWrite(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, err error) {
	if key == kmsg.JoinGroup.Int16() && err == nil {
		j.Store(true)
	}
}

// remaining returns how long an epoch that began at start may still take records. While the group
// waits for its members that is longer than the commit interval, as the commit would wait too
// and the tasks with it; but not so long that the transaction runs into its time-out.
func (th *Thread) remaining(start time.Time) time.Duration {
	limit := th.o.CommitInterval
	if th.joining.Load() {
		limit = max(limit, th.o.TransactionTimeout/2)
	}
	return limit - time.Since(start)
}
