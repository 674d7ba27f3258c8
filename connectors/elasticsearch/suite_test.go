package elasticsearch

import (
	"maps"
	"slices"
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/connecttest/workertest"
)

func TestSinkKeepsItsPromises(t *testing.T) {
	connecttest.RunSink(t, Plugin(), openFake)
}

func TestSinkLosesNothingWhenItsWorkerIsKilled(t *testing.T) {
	workertest.RunSink(t, Plugin(), openFake, nil)
}

// openFake is an Elasticsearch that the suites have a sink write to.
func openFake(t *testing.T) connecttest.SinkCase {
	f := newFakeES(t)
	return connecttest.SinkCase{Props: quickly(f.server.URL), ExactlyOnce: true,
		Written: func(testing.TB) []string { return slices.Collect(maps.Values(f.live("suite"))) }}
}
