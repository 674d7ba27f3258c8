package metrics

import (
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/procmetrics"
)

// Worker is what has metrics: the herder of a process.
type Worker interface {
	// Metrics returns the present values. It is called at each scrape, from any
	// goroutine.
	Metrics() herder.WorkerMetrics
}

// Certificates say when each certificate of the REST API ends, by the key of the addresses
// that show it. They are called at each scrape, from any goroutine.
type Certificates map[string]func() time.Time

// Handler answers GET /metrics in Prometheus' form: the worker's metrics, those of its
// certificates, which may be nil, and those of the process.
func Handler(w Worker, c Certificates) http.Handler {
	registry := prometheus.NewRegistry()
	procmetrics.Register(registry)
	registry.MustRegister(New(w), c)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, Registry: registry})
}

var (
	_ prometheus.Collector = (*Collector)(nil)
	_ prometheus.Collector = Certificates(nil)
)

// Describe implements [prometheus.Collector].
func (Certificates) Describe(ch chan<- *prometheus.Desc) { ch <- certificateExpiry.desc }

// Collect implements [prometheus.Collector].
func (c Certificates) Collect(ch chan<- prometheus.Metric) {
	for key, expires := range c {
		certificateExpiry.send(ch, float64(expires().Unix()), key)
	}
}

// Collector reads a worker's metrics at each scrape. It describes nothing in
// advance, as connectors with metrics of their own come and go.
type Collector struct {
	worker Worker
}

// New returns a collector for a registry of the caller's.
func New(w Worker) *Collector { return &Collector{w} }

// Describe implements [prometheus.Collector].
func (c *Collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	now := c.worker.Metrics()
	brokersReachable.send(ch, number(now.BrokersReachable))
	connectors.send(ch, float64(len(now.Connectors)))
	tasks.send(ch, float64(len(now.Tasks)))
	for _, more := range []prometheus.Collector{now.Worker, now.Group} {
		if more != nil {
			more.Collect(ch)
		}
	}
	byState := map[string]map[api.State]int{}
	failed := 0
	for _, t := range now.Tasks {
		t.Collector.Collect(ch)
		sendStates(ch, taskStatus, taskStates, t.State, t.ID.Connector, t.ID.Number())
		if byState[t.ID.Connector] == nil {
			byState[t.ID.Connector] = map[api.State]int{}
		}
		byState[t.ID.Connector][t.State]++
		failed += int(number(t.State == api.Failed))
	}
	failedTasks.send(ch, float64(failed))
	for _, c := range now.Connectors {
		sendStates(ch, connectorStatus, connectorStates, c.State, c.Name)
		connectorRestarts.send(ch, float64(c.Restarts), c.Name)
		for _, s := range taskStates {
			connectorTasks.send(ch, float64(byState[c.Name][s]), c.Name, label(s))
		}
	}
}

// The states that the series of tasks and connectors have.
var (
	taskStates      = []api.State{api.Unassigned, api.Running, api.Paused, api.Failed, api.Restarting}
	connectorStates = append([]api.State{api.Stopped}, taskStates...)
)

// sendStates sends a series for each state, which is 1 for that it is in: so no
// series comes or goes with a change.
func sendStates(ch chan<- prometheus.Metric, m metric, states []api.State, is api.State, labels ...string) {
	for _, s := range states {
		m.send(ch, number(s == is), append(append([]string(nil), labels...), label(s))...)
	}
}

// label is a state as the label status has it.
func label(s api.State) string { return strings.ToLower(string(s)) }

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
