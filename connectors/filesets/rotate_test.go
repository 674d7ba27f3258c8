package filesets

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

// committedAt runs a sink in a bubble and returns what is committed after each
// of the waits.
func committedAt(t *testing.T, puts int64, waits []time.Duration, props ...string) (got []int64) {
	synctest.Test(t, func(t *testing.T) {
		sink := start(t, storagetest.NewMem(), props...)
		sink.Open(p0)
		sink.Put(filesetstest.Records(p0, 0, puts)...)
		for _, wait := range waits {
			time.Sleep(wait)
			synctest.Wait()
			got = append(got, sink.Commit()[p0])
		}
		sink.Stop()
	})
	return got
}

func TestRotation(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		props []string
		puts  int64
		waits []time.Duration
		want  []int64
	}{
		"by count only": {[]string{"flush.size", "10"}, 25, []time.Duration{ms, time.Hour},
			[]int64{20, 20}},
		"idle": {[]string{"rotate.idle.ms", "500"}, 3, []time.Duration{499 * ms, ms},
			[]int64{0, 3}},
		"wall clock interval": {[]string{"rotate.interval.ms", "500", "timestamp.extractor",
			"Wallclock"}, 3, []time.Duration{499 * ms, ms}, []int64{0, 3}},
		"record time does not tick": {[]string{"rotate.interval.ms", "500"}, 1, []time.Duration{time.Hour},
			[]int64{0}},
		"record time of the records": {[]string{"rotate.interval.ms", "3600000", "flush.size", "100"}, 9,
			[]time.Duration{ms}, []int64{2}},
		"bytes": {[]string{"rotate.bytes", "400", "flush.size", "100"}, 2,
			[]time.Duration{ms}, []int64{2}},
		// A bubble begins at midnight UTC.
		"schedule": {[]string{"rotate.schedule.interval.ms", "3600000"}, 3,
			[]time.Duration{59 * time.Minute, time.Minute}, []int64{0, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			got := committedAt(t, c.puts, c.waits, c.props...)
			for i := range c.want {
				if got[i] != c.want[i] {
					t.Errorf("after %v committed %d, want %d", c.waits[i], got[i], c.want[i])
				}
			}
		})
	}
}
