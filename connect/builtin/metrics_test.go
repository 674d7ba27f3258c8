package builtin_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/suiro/suiro/connect/builtin"
)

func TestMetricsOfConnectorsAreWhatPrometheusWants(t *testing.T) {
	all := map[string]func(prometheus.Registerer){}
	for _, p := range builtin.Plugins().Sources {
		all[p.Class] = p.Metrics
	}
	for _, p := range builtin.Plugins().Sinks {
		all[p.Class] = p.Metrics
	}
	shown := 0
	for class, register := range all {
		if register == nil {
			continue
		}
		registry := prometheus.NewRegistry()
		register(registry)
		problems, err := testutil.GatherAndLint(registry)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s: %s", class, p.Metric, p.Text)
		}
		n, err := testutil.GatherAndCount(registry)
		if err != nil || n == 0 {
			t.Errorf("%s registers %d metrics, %v: want each to be seen from the start", class, n, err)
		}
		shown += n
	}
	if shown == 0 {
		t.Fatal("no connector has metrics")
	}
}
