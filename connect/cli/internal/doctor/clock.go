package doctor

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// maxSkew is how far apart clocks may be, for certain, without a warning.
const maxSkew = 2 * time.Second

// clock is how far another machine's clock is ahead of this one's: somewhere from least to
// most, as nobody knows when between question and answer it was read.
type clock struct {
	least, most time.Duration
	known       bool
}

// clockOf compares a time that was read between two moments here; exact is how exact it
// is, as some say only the second.
func clockOf(there, before, after time.Time, exact time.Duration) clock {
	return clock{there.Sub(after), there.Add(exact).Sub(before), true}
}

// headerClock reads the time of an answer over HTTP, which says the second.
func headerClock(h http.Header, before, after time.Time) clock {
	there, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return clock{}
	}
	return clockOf(there, before, after, time.Second)
}

// note says how far apart the clocks are.
func (c clock) note(f *finding) {
	round := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	switch {
	case !c.known:
	case c.least > maxSkew:
		f.note(warning, fmt.Sprintf("its clock is ahead of this machine's by %v at least", round(c.least)),
			"set the clocks, with NTP")
	case -c.most > maxSkew:
		f.note(warning, fmt.Sprintf("its clock is behind this machine's by %v at least", round(-c.most)),
			"set the clocks, with NTP")
	default:
		f.note(ok, fmt.Sprintf("its clock is ahead of this machine's by something from %v to %v", round(c.least),
			round(c.most)), "")
	}
}

// controllerClock reads the clock of the cluster's controller: a description of the quorum
// has the time at which the controller made it, as the time at which the controller itself
// was last up to date (KIP-836). Brokers have nothing of the kind.
func controllerClock(ctx context.Context, e *examination) []*finding {
	f := about("clock of the controller")
	v, err := visit("the worker", &e.worker.Admin)
	if err != nil {
		return []*finding{f.note(failed, err.Error(), "")}
	}
	defer v.close()
	c, id, err := quorumClock(ctx, v)
	switch {
	case err != nil && denied(err):
		f.note(skipped, "the user of the worker may not Describe the cluster, which shows it", "")
	case err != nil:
		f.note(skipped, "the cluster does not show it: "+err.Error(), "")
	case !c.known:
		f.note(skipped, "the cluster does not show it", "")
	default:
		f.Subject = fmt.Sprint("clock of the controller, node ", id)
		c.note(f)
	}
	return []*finding{f}
}

func quorumClock(ctx context.Context, v *visitor) (c clock, leader int32, err error) {
	req := kmsg.NewPtrDescribeQuorumRequest()
	topic, partition := kmsg.NewDescribeQuorumRequestTopic(), kmsg.NewDescribeQuorumRequestTopicPartition()
	topic.Topic = "__cluster_metadata"
	topic.Partitions = append(topic.Partitions, partition)
	req.Topics = append(req.Topics, topic)
	before := time.Now()
	resp, err := req.RequestWith(ctx, v.cl)
	after := time.Now()
	if err != nil {
		return c, 0, err
	}
	if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
		return c, 0, err
	}
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return c, 0, err
			}
			for _, voter := range p.CurrentVoters {
				if voter.ReplicaID == p.LeaderID && voter.LastCaughtUpTimestamp > 0 {
					return clockOf(time.UnixMilli(voter.LastCaughtUpTimestamp), before, after, time.Millisecond),
						p.LeaderID, nil
				}
			}
		}
	}
	return c, 0, nil
}
