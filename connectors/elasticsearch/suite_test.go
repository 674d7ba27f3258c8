package elasticsearch

import (
	"maps"
	"slices"
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
)

func TestSinkKeepsItsPromises(t *testing.T) {
	connecttest.RunSink(t, Plugin(), func(t *testing.T) connecttest.SinkCase {
		f := newFakeES(t)
		return connecttest.SinkCase{Props: quickly(f.server.URL), ExactlyOnce: true,
			Written: func(testing.TB) []string { return slices.Collect(maps.Values(f.live("suite"))) }}
	})
}
