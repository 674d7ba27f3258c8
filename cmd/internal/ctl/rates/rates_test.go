package rates_test

import (
	"testing"
	"time"

	"github.com/suiro/suiro/cmd/internal/ctl/rates"
	"github.com/suiro/suiro/connect/herder/api"
)

const suiro = `# TYPE kafka_connect_sink_task_metrics_sink_record_lag gauge
kafka_connect_sink_task_metrics_sink_record_lag{connector="out",task="1",topic="a",partition="0"} 3
kafka_connect_sink_task_metrics_sink_record_lag{connector="out",task="1",topic="a",partition="1"} 4
# TYPE kafka_connect_sink_task_metrics_sink_record_send_total counter
kafka_connect_sink_task_metrics_sink_record_send_total{connector="out",task="1"} 100
# TYPE kafka_connect_sink_task_metrics_sink_record_read_bytes_total counter
kafka_connect_sink_task_metrics_sink_record_read_bytes_total{connector="out",task="1"} 5000
# TYPE kafka_connect_source_task_metrics_source_record_write_total counter
kafka_connect_source_task_metrics_source_record_write_total{connector="in",task="0",topic="a"} 10
kafka_connect_source_task_metrics_source_record_write_total{connector="in",task="0",topic="b"} 20
# TYPE kafka_connect_worker_metrics_tasks gauge
kafka_connect_worker_metrics_tasks 2
`

// What an exporter of JMX makes of a Java worker's metrics.
const java = `kafka_connect_sink_task_metrics_sink_record_send_total{connector="\"out\"",task="0",} 7.0
kafka_connect_sink_task_metrics_sink_record_lag_max{connector="out",task="0",} 9.0
`

func TestMetricsOfTasks(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want map[api.TaskID]rates.Counts
	}{
		"Suiro": {suiro, map[api.TaskID]rates.Counts{{Connector: "out", Task: 1}: {Records: 100, Bytes: 5000, Lag: 7, HasLag: true},
			{Connector: "in"}: {Records: 30}}},
		"Java":    {java, map[api.TaskID]rates.Counts{{Connector: "out"}: {Records: 7, Lag: 9, HasLag: true}}},
		"nothing": {"", map[api.TaskID]rates.Counts{}},
	} {
		got, err := rates.Parse([]byte(c.text))
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
		for id, want := range c.want {
			if got[id] != want {
				t.Errorf("%s: %v counts %+v, want %+v", name, id, got[id], want)
			}
		}
	}
	if _, err := rates.Parse([]byte("<html>")); err == nil {
		t.Error("a page of HTML is read as metrics")
	}
}

func TestRatesBetweenSamples(t *testing.T) {
	before, now := rates.Counts{Records: 100, Bytes: 1000}, rates.Counts{Records: 300, Bytes: 500}
	if got, want := rates.Between(before, now, 2*time.Second), (rates.Rate{Records: 100, Bytes: 250}); got != want {
		t.Errorf("between %v and %v: %v, want %v, as bytes began again", before, now, got, want)
	}
}
