package demo

import (
	"testing"

	"github.com/suiro/suiro/cmd/internal/demo/input"
	"github.com/suiro/suiro/cmd/internal/demo/tally"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Brokers that were started a moment ago have no coordinators for groups yet.
func TestFirstSampleWaitsForTheCoordinatorOfAGroup(t *testing.T) {
	fake := kafkatest.Start(t, kfake.SeedTopics(1, "access-ltsv"))
	asked := 0
	fake.ControlKey(kmsg.FindCoordinator.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		fake.KeepControl()
		if asked++; asked > 3 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.FindCoordinatorResponse)
		resp.ErrorCode = kerr.CoordinatorNotAvailable.Code
		for _, key := range req.(*kmsg.FindCoordinatorRequest).CoordinatorKeys {
			c := kmsg.NewFindCoordinatorResponseCoordinator()
			c.Key, c.ErrorCode = key, kerr.CoordinatorNotAvailable.Code
			resp.Coordinators = append(resp.Coordinators, c)
		}
		return resp, nil, true
	})
	counts, err := tally.Open([]kgo.Opt{kgo.SeedBrokers(fake.ListenAddrs()...)}, []string{"access-ltsv"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer counts.Close()
	w := newWay(&Options{}, names{})
	w.tally = counts
	w.source = &source{names: w.names, tally: counts, lines: input.Begin(func() (int64, error) { return 0, nil })}
	if _, err := w.firstSample(t.Context()); err != nil {
		t.Errorf("firstSample = %v, want nil once there is a coordinator", err)
	}
	if asked < 4 {
		t.Errorf("asked %d times, want again after each refusal", asked)
	}
}
