package procmetrics

import (
	"runtime"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestAProcessShowsItsVersionRuntimeAndResources(t *testing.T) {
	r := prometheus.NewRegistry()
	Register(r)
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]string{} // name -> labels of a series
	for _, f := range families {
		got[f.GetName()] = map[string]string{}
		for _, l := range f.GetMetric()[0].GetLabel() {
			got[f.GetName()][l.GetName()] = l.GetValue()
		}
	}
	for _, want := range []string{"go_goroutines", "go_gc_gomemlimit_bytes", "suiro_build_info"} {
		if got[want] == nil {
			t.Errorf("%s is missing", want)
		}
	}
	if runtime.GOOS == "linux" && got["process_resident_memory_bytes"] == nil {
		t.Error("process_resident_memory_bytes is missing")
	}
	if build := got["suiro_build_info"]; build["version"] == "" || build["goversion"] != runtime.Version() {
		t.Errorf("suiro_build_info has the labels %v, want a version and %s", build, runtime.Version())
	}
	problems, err := testutil.GatherAndLint(r, "suiro_build_info")
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
}
