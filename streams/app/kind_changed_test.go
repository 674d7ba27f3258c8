package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
)

// counting makes a topology of a count in the store "counts".
func counting(count func(g *streams.KGroupedStream[string, string])) func(in *words) {
	return func(in *words) { count(streams.GroupByKey(in, streams.String())) }
}

// A store of another kind than its changelog is noticed although the folder of state is gone: what
// the changelog has would be read as keys, windows or sessions that it has not.
func TestAStoreWhoseKindHasChangedIsRefusedWithoutItsFolder(t *testing.T) {
	windows := func(size time.Duration) func(in *words) {
		return counting(func(g *streams.KGroupedStream[string, string]) {
			streams.CountWindows(g.WindowedBy(streams.TimeWindows{Size: size, Grace: time.Hour}), "counts")
		})
	}
	keys := counting(func(g *streams.KGroupedStream[string, string]) { streams.Count(g, "counts") })
	sessions := counting(func(g *streams.KGroupedStream[string, string]) {
		streams.CountSessions(g.SessionWindowedBy(streams.SessionWindows{InactivityGap: time.Hour, Grace: time.Hour}), "counts")
	})
	for name, tt := range map[string]struct {
		was, is func(in *words)
		want    string // "" if it fits
	}{
		"keys to windows":     {keys, windows(time.Minute), "that of a store of keys, and store counts of the topology is a window store of 1m0s"},
		"windows to keys":     {windows(time.Minute), keys, "that of a window store of 1m0s"},
		"another window size": {windows(time.Minute), windows(time.Hour), "is a window store of 1h0m0s"},
		"sessions to windows": {sessions, windows(time.Minute), "that of a session store"},
		"the same windows":    {windows(time.Minute), windows(time.Minute), ""},
		"the same keys":       {keys, keys, ""},
	} {
		t.Run(name, func(t *testing.T) {
			brokers := cluster(t, "in")
			produce(t, brokers, "in", 0, 100)
			a, stop := start(t, build(t, tt.was), brokers, t.TempDir(), nil)
			kafkatest.Eventually(t, "all is committed", func() bool {
				return metric(t, a, "kafka_streams_topic_records_consumed_total") == 100 && metric(t, a, "kafka_streams_records_lag") == 0
			})
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				a, stop = start(t, build(t, tt.is), brokers, t.TempDir(), nil)
				kafkatest.Eventually(t, "it runs", func() bool { return a.State() == app.Running })
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				return
			}
			err := runs(t, build(t, tt.is), brokers, t.TempDir())
			for _, want := range []string{"changelog test-app-counts-changelog-", tt.want, "give the store another name", "reset"} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("Run() = %v, want an error with %q", err, want)
				}
			}
		})
	}
}
