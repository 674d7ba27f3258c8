package filesets

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

func TestErrorSeriesAreSeenBeforeTheFirstError(t *testing.T) {
	registry := prometheus.NewRegistry()
	NewCounters(registry, "x_sink").rejects(&badError{badNull, errNull})
	want := `# HELP x_sink_records_rejected_total Records that cannot be written to a file. reason is null (no value), ` +
		`topic (its name cannot be a folder's), decode (the value cannot be read), partition (no directory can be ` +
		`chosen for it) or encode (it does not fit the format).
# TYPE x_sink_records_rejected_total counter
x_sink_records_rejected_total{reason="decode"} 0
x_sink_records_rejected_total{reason="encode"} 0
x_sink_records_rejected_total{reason="null"} 1
x_sink_records_rejected_total{reason="partition"} 0
x_sink_records_rejected_total{reason="topic"} 0
# HELP x_sink_retries_total Failures of the storage after which a partition is written again from its last commit.
# TYPE x_sink_retries_total counter
x_sink_retries_total 0
# HELP x_sink_up 1 while files can be written, 0 while that fails and the task tries again.
# TYPE x_sink_up gauge
x_sink_up 1
`
	err := testutil.GatherAndCompare(registry, strings.NewReader(want), "x_sink_records_rejected_total",
		"x_sink_retries_total", "x_sink_up")
	if err != nil {
		t.Error(err)
	}
}

func TestFilesAndCommitsAreMeasured(t *testing.T) {
	sink := start(t, storagetest.NewMem(), "flush.size", "4")
	sink.Open(p0)
	sink.Put(filesetstest.Records(p0, 0, 6)...)
	filesetstest.Eventually(t, "a file is open after the commit", func() bool {
		return sink.Commit()[p0] == 4 && sink.Context.Metric(t, "test_sink_open_files") > 0
	})
	if got := sink.Context.Metric(t, "test_sink_commit_duration_seconds"); got != 1 {
		t.Errorf("%v commits are timed, want 1", got)
	}
	sink.Close(false, p0)
	if got := sink.Context.Metric(t, "test_sink_open_files"); got != 0 {
		t.Errorf("%v files are open of a partition that was given up, want none", got)
	}
}

func TestAStorageThatIsAwayIsToldAndMeasured(t *testing.T) {
	var away atomic.Bool
	mem := storagetest.NewMem().With(func(_ storagetest.Op, do func() error) error {
		if away.Load() {
			return errors.New("name node is in safe mode")
		}
		return do()
	}, false)
	task, tc := startLogged(t, mem, "flush.size", "4")
	put(t, task, filesetstest.Records(p0, 0, 2))
	away.Store(true)
	put(t, task, filesetstest.Records(p0, 2, 6))
	filesetstest.Eventually(t, "several tries", func() bool { return tc.Metric(t, "test_sink_retries_total") > 4 })
	if up, since := tc.Metric(t, "test_sink_up"), tc.Metric(t, "test_sink_outage_seconds"); up != 0 || since <= 0 {
		t.Errorf("up = %v and outage_seconds = %v while files cannot be written, want 0 and a time", up, since)
	}
	away.Store(false)
	filesetstest.Eventually(t, "the end", func() bool { return tc.Metric(t, "test_sink_up") == 1 })
	if got := len(tc.log.lines("level=WARN")); got != 1 {
		t.Errorf("%d warnings, want one: %q", got, tc.log.lines("level=WARN"))
	}
	filesetstest.Eventually(t, "the line about it", func() bool { return len(tc.log.lines("files are written again")) == 1 })
}
