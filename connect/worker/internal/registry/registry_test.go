package registry_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/registry"
)

func newRegistry(connector string) *registry.Registry {
	return registry.New("TestSink", prometheus.Labels{"connector": connector, "task": "0"}, slog.New(slog.DiscardHandler))
}

func counter(name string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: "Things done."})
}

// shown are the names and first labels that a scrape of all registries gives.
func shown(t *testing.T, all ...prometheus.Collector) []string {
	t.Helper()
	outer := prometheus.NewRegistry()
	for _, c := range all {
		outer.MustRegister(c)
	}
	families, err := outer.Gather()
	if err != nil {
		t.Logf("Gather = %v", err)
	}
	var out []string
	for _, f := range families {
		for _, m := range f.GetMetric() {
			out = append(out, f.GetName()+" "+m.GetLabel()[0].GetValue())
		}
	}
	return out
}

func TestTwoTasksMayUseTheSameNames(t *testing.T) {
	a, b := newRegistry("a"), newRegistry("b")
	a.MustRegister(counter("test_things_total"))
	b.MustRegister(counter("test_things_total"))
	got := strings.Join(shown(t, a, b), ", ")
	if want := "test_things_total a, test_things_total b"; got != want {
		t.Errorf("shown %s, want %s", got, want)
	}
}

func TestNamesOfTheWorkerAreRefused(t *testing.T) {
	for _, name := range []string{"kafka_connect_sink_task_metrics_sink_record_lag", "go_goroutines", "process_cpu_seconds_total",
		"suiro_build_info"} {
		err := newRegistry("a").Register(counter(name))
		if err == nil || !strings.Contains(err.Error(), "metric of class TestSink: "+name+": names that begin with") ||
			!lives.IsFatal(err) {
			t.Errorf("Register(%s) = %v, want a refusal that names class and metric and is final", name, err)
		}
	}
}

func TestMustRegisterPanicsWithTheReason(t *testing.T) {
	err := lives.Protect(func() error {
		newRegistry("a").MustRegister(counter("go_things_total"))
		return nil
	})
	if !lives.IsFatal(err) || !strings.Contains(err.Error(), "go_things_total") {
		t.Errorf("MustRegister panicked with %v, want the refusal, which is final", err)
	}
}

func TestWhatIsRegisteredTwiceIsReturned(t *testing.T) {
	r := newRegistry("a")
	first := counter("test_things_total")
	r.MustRegister(first)
	err := r.Register(counter("test_things_total"))
	var twice prometheus.AlreadyRegisteredError
	if !errors.As(err, &twice) || twice.ExistingCollector != first {
		t.Errorf("Register = %v, want the error with the first one", err)
	}
	if !r.Unregister(first) || len(shown(t, r)) != 0 {
		t.Errorf("after Unregister %v is shown, want nothing", shown(t, r))
	}
}

// broken panics at a scrape, or sends what Prometheus refuses.
type broken struct{ panics bool }

func (broken) Describe(ch chan<- *prometheus.Desc) {
	ch <- prometheus.NewDesc("test_broken", "Broken.", nil, nil)
}

func (b broken) Collect(ch chan<- prometheus.Metric) {
	if b.panics {
		panic("index out of range")
	}
	ch <- prometheus.NewInvalidMetric(prometheus.NewDesc("test_broken", "Broken.", nil, nil), errors.New("wrong"))
}

func TestBrokenMetricsCostNoOther(t *testing.T) {
	for _, b := range []broken{{panics: true}, {}} {
		r := newRegistry("a")
		r.MustRegister(counter("test_things_total"), b)
		if got, want := strings.Join(shown(t, r), ", "), "test_things_total a"; got != want {
			t.Errorf("panics %v: shown %s, want %s", b.panics, got, want)
		}
	}
}
