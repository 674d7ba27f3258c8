package counts

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
)

// A number that monitoring does not see, or that says nothing, was forgotten.
func TestEveryNumberIsShown(t *testing.T) {
	declared := reflect.TypeFor[Numbers[int64]]()
	for i := range declared.NumField() {
		f := declared.Field(i)
		shown := 0
		for group := range groups {
			if f.Tag.Get(group) != "" {
				shown++
			}
		}
		byLabels := f.Name == "Lag" // which has labels, as Written has for sources
		if !byLabels && (shown == 0 || f.Tag.Get("help") == "") {
			t.Errorf("%s has no name for monitoring or no help", f.Name)
		}
	}
}

func TestASnapshotHoldsEveryNumber(t *testing.T) {
	var c Counters
	for i, n := range fields(&c.Numbers) {
		n.Store(int64(i + 1))
	}
	c.Commit(nil)
	c.Commit(errors.New("no coordinator"))
	s := c.Snapshot()
	if s.Read != 1 || s.Commits != 13 || s.CommitFailures != 14 || s.Partitions != 18 || s.LastCommit.IsZero() {
		t.Errorf("Snapshot = %+v, want the numbers from 1 on, with a commit and a failure more", s)
	}
	sum := s.Plus(s)
	if sum.Read != 2 || sum.Partitions != 36 || sum.LastCommit != s.LastCommit {
		t.Errorf("Plus = %+v, want twice the numbers", sum)
	}
}

// scrape returns what monitoring sees, by name and labels.
func scrape(t *testing.T, c *Counters, of plan.Type) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector{c, of})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			out[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return out
}

type collector struct {
	counters *Counters
	of       plan.Type
}

func (collector) Describe(chan<- *prometheus.Desc) {}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	c.counters.Collect(c.of, nil, ch)
	About(&plan.Connector{Type: c.of, Class: "Lines", Version: "1", TaskClass: "LinesTask",
		Key: plan.Converter{Class: "Text", Version: "2"}, Value: plan.Converter{Class: "JSON"},
		Chain: []plan.Step{{Alias: "a", Class: "Cast"},
			{Alias: "b", Class: "Mask", Predicate: always{}, PredicateAlias: "p", PredicateClass: "Always"},
			{Alias: "c", Class: "Mask", Predicate: always{}, PredicateAlias: "p", PredicateClass: "Always"}}}, nil, ch)
}

// always is a predicate.
type always struct{}

func (always) Test(*connect.Record) (bool, error) { return true, nil }

func TestSeriesAreThoseOfTheSide(t *testing.T) {
	var c Counters
	c.Read.Store(7)
	c.EndOfInput.Store(true)
	c.Topics.Know("empty")
	c.Topics.Add("lines", 7)
	c.Failures.Add(4, 1)
	c.Put.Observe(3 * time.Millisecond)
	c.Batches.Observe(500)
	c.Age.Observe(time.Now().Add(-time.Minute), time.Now())
	c.Age.Observe(time.Time{}, time.Now())
	c.Lags.Ask(func() []Lag { return []Lag{{"lines", 2, 9, 4}} })
	for of, want := range map[plan.Type]map[string]float64{
		plan.Source: {
			"kafka_connect_source_task_metrics_source_record_poll_total":             7,
			"kafka_connect_source_task_metrics_source_record_write_total lines":      7,
			"kafka_connect_task_error_metrics_record_failures_total VALUE_CONVERTER": 1,
			"kafka_connect_task_error_metrics_record_failures_total TASK_POLL":       0,
			"kafka_connect_source_task_metrics_end_of_input":                         1,
			"kafka_connect_connector_task_metrics_last_commit_timestamp_seconds":     0,
		},
		plan.Sink: {
			"kafka_connect_sink_task_metrics_sink_record_read_total empty":           0,
			"kafka_connect_sink_task_metrics_sink_record_read_total lines":           7,
			"kafka_connect_sink_task_metrics_sink_record_lag 2 lines":                9,
			"kafka_connect_sink_task_metrics_sink_record_position_lag 2 lines":       4,
			"kafka_connect_sink_task_metrics_put_batch_seconds":                      1,
			"kafka_connect_sink_task_metrics_sink_record_age_seconds":                1,
			"kafka_connect_connector_task_metrics_batch_size":                        1,
			"kafka_connect_connector_transform_metrics_info a Cast ":                 1,
			"kafka_connect_connector_predicate_metrics_info p Always ":               1,
			"kafka_connect_task_error_metrics_record_failures_total VALUE_CONVERTER": 1,
			"kafka_connect_task_error_metrics_record_failures_total TASK_PUT":        0,
		},
	} {
		got := scrape(t, &c, of)
		for name, value := range want {
			if at, shown := got[name]; !shown || at != value {
				t.Errorf("%s: %s = %v (shown: %v), want %v", of, name, at, shown, value)
			}
		}
		other := map[plan.Type]string{plan.Source: "_sink_task_", plan.Sink: "_source_task_"}[of]
		for name := range got {
			if strings.Contains(name, other) {
				t.Errorf("%s: %s is shown", of, name)
			}
		}
	}
}

// The list is made from what is collected, and this holds the two together.
func TestMetricsListsWhatIsCollected(t *testing.T) {
	var c Counters
	c.Topics.Know("lines")
	c.Lags.Ask(func() []Lag { return make([]Lag, 1) })
	c.Converters.Of("key")
	c.Transforms.Of("a")
	for _, of := range []plan.Type{plan.Source, plan.Sink} {
		shown := scrape(t, &c, of)
		for _, m := range Metrics(of) {
			found := false
			for name := range shown {
				if short, _, _ := strings.Cut(name, " "); short == m.Name {
					found = true
				}
			}
			if !found || m.Help == "" {
				t.Errorf("%s: %s is collected: %v, help %q", of, m.Name, found, m.Help)
			}
			if counts := m.Type == "counter"; counts != strings.HasSuffix(m.Name, "_total") {
				t.Errorf("%s is a %s", m.Name, m.Type)
			}
		}
	}
}

func TestAHistogramCountsEachBucketOnce(t *testing.T) {
	var h Histogram
	for _, d := range []time.Duration{0, time.Millisecond, 2 * time.Millisecond, 30 * time.Second, time.Hour} {
		h.Observe(d)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(single{h.metric(prometheus.NewDesc("test_seconds", "Test.", nil, nil))})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := families[0].GetMetric()[0].GetHistogram()
	if n, sum := got.GetSampleCount(), got.GetSampleSum(); n != 5 || sum != 3630.003 {
		t.Errorf("count and sum = %v, %v, want 5 and 3630.003", n, sum)
	}
	for i, want := range map[int]uint64{0: 2, 1: 3, 7: 3, 8: 4} {
		if b := got.GetBucket()[i]; b.GetCumulativeCount() != want {
			t.Errorf("bucket up to %v has %d, want %d", b.GetUpperBound(), b.GetCumulativeCount(), want)
		}
	}
}

// single is one metric.
type single struct{ m prometheus.Metric }

func (single) Describe(chan<- *prometheus.Desc)      {}
func (s single) Collect(ch chan<- prometheus.Metric) { ch <- s.m }

func TestAStopwatchRunsWhileItIsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Stopwatch
		for _, step := range []bool{true, true, false, false, true} {
			s.Set(step)
			<-time.After(time.Second)
		}
		if got, want := s.Total(), 3*time.Second; got != want {
			t.Errorf("Total = %v, want %v", got, want)
		}
	})
}

// All calls of a small batch are measured; of a large one those that are stand for the
// others.
func TestAMeterMeasuresSomeCallsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Meters
		call := func(n int) {
			for range n {
				span := m.Of("value").Begin()
				<-time.After(time.Millisecond)
				span.End()
			}
		}
		m.Batch(measuredInBatch)
		call(measuredInBatch)
		if got, want := m.Of("value").Total(), measuredInBatch*time.Millisecond; got != want {
			t.Errorf("Total of a small batch = %v, want %v", got, want)
		}
		const records, batches = 20 * measuredInBatch, 100
		for range batches {
			m.Batch(records)
			call(records)
		}
		// 800 calls are expected to be measured, with a standard deviation of 28.
		if got, want := m.Of("value").Total(), records*batches*time.Millisecond; got < want*3/4 || got > want*5/4 {
			t.Errorf("Total of large batches = %v, want about %v", got, want)
		}
		m.Of("value").Begin() // of a call that panicked
	})
}

func TestTimesAreSharesOfTheTimeSinceTheBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var x Times
		if got := x.share(&x.running); got != 0 {
			t.Errorf("share before the beginning = %v, want 0", got)
		}
		x.Begin()
		for _, state := range []string{"starts", "runs", "rests", "runs"} {
			x.In(state == "runs", state == "rests")
			<-time.After(time.Second)
		}
		if running, paused := x.share(&x.running), x.share(&x.paused); running != 0.5 || paused != 0.25 {
			t.Errorf("running and paused = %v and %v of the time, want 0.5 and 0.25", running, paused)
		}
	})
}
