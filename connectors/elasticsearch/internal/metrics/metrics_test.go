package metrics_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/metrics"
)

// series are those of a metric, without help and type.
func series(t *testing.T, r *prometheus.Registry, name string) string {
	t.Helper()
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(r, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	var out []string
	for line := range strings.Lines(answer.Body.String()) {
		if strings.HasPrefix(line, name) {
			out = append(out, strings.TrimPrefix(strings.TrimSpace(line), metrics.Prefix))
		}
	}
	return strings.Join(out, "\n")
}

func TestErrorSeriesAreSeenBeforeTheFirstError(t *testing.T) {
	r := prometheus.NewRegistry()
	m := metrics.New(r, func() metrics.Now { return metrics.Now{} })
	m.Reject(metrics.Malformed)
	m.Retry(metrics.Busy)
	for name, want := range map[string]string{
		"records_rejected_total": `records_rejected_total{reason="conflict"} 0
records_rejected_total{reason="invalid"} 0
records_rejected_total{reason="malformed"} 1
records_rejected_total{reason="refused"} 0`,
		"retries_total": `retries_total{reason="busy"} 1
retries_total{reason="documents"} 0
retries_total{reason="error"} 0
retries_total{reason="timeout"} 0
retries_total{reason="unreachable"} 0`,
	} {
		if got := series(t, r, metrics.Prefix+name); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestGaugesAreMeasuredAtEachScrape(t *testing.T) {
	r := prometheus.NewRegistry()
	now := metrics.Now{Held: sinkkit.Load{Records: 3, Bytes: 40}, InFlight: 2, Pauses: 1}
	metrics.New(r, func() metrics.Now { return now })
	want := func(name, value string) {
		t.Helper()
		if got := series(t, r, metrics.Prefix+name); got != name+" "+value {
			t.Errorf("got %s, want %s", got, value)
		}
	}
	want("buffered_records", "3")
	want("buffered_bytes", "40")
	want("requests_in_flight", "2")
	want("pauses_total", "1")
	want("up", "1")
	want("outage_seconds", "0")
	now.Away = time.Now().Add(-time.Hour)
	want("up", "0")
	if got := series(t, r, metrics.Prefix+"outage_seconds"); !strings.HasPrefix(got, "outage_seconds 36") {
		t.Errorf("after an hour away: %s", got)
	}
}
