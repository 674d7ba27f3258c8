package builtin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/metrics"
)

// reporters are the metrics of a task of every connector that has some.
type reporters struct{ tasks []herder.TaskMetrics }

func (r reporters) Metrics() herder.WorkerMetrics {
	return herder.WorkerMetrics{Tasks: r.tasks}
}

func (r *reporters) add(class string, task any) {
	if reporter, ok := task.(connect.MetricsReporter); ok {
		r.tasks = append(r.tasks, herder.TaskMetrics{ID: api.TaskID{Connector: class}, State: api.Running,
			Metrics: reporter.Metrics()})
	}
}

func TestMetricsOfConnectorsAreWhatPrometheusWants(t *testing.T) {
	var all reporters
	for _, p := range builtin.Plugins().Sources {
		all.add(p.Class, p.New().NewTask())
	}
	for _, p := range builtin.Plugins().Sinks {
		all.add(p.Class, p.New().NewTask())
	}
	if len(all.tasks) == 0 {
		t.Fatal("no connector reports metrics")
	}
	w := httptest.NewRecorder()
	metrics.Handler(all).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	problems, err := promlint.New(strings.NewReader(w.Body.String())).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, task := range all.tasks {
		for _, m := range task.Metrics {
			if !strings.Contains(w.Body.String(), m.Name+"{connector=\""+task.ID.Connector+"\"") {
				t.Errorf("/metrics lacks %s of %s", m.Name, task.ID.Connector)
			}
		}
	}
}
