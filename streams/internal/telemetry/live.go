package telemetry

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// Live is what is so at a moment.
type Live struct {
	// State is the state of the app, one of States.
	State string
	// States are all the states.
	States []string
	// Reachable reports whether a broker can be reached.
	Reachable bool
	// Threads is how many threads run.
	Threads int
	// ThreadTasks is how many tasks each thread has.
	ThreadTasks map[string]int
	// Running and Restoring are how many tasks process records and how many restore
	// their state.
	Running, Restoring int
	// Remaining is how many records of its changelog each task has to read.
	Remaining map[string]int64
	// StateBytes is the size of the stores on disk, OpenBytes that of the writes that
	// are not committed.
	StateBytes, OpenBytes int64
	// Lags are those of the partitions whose end is known.
	Lags []Lag
}

// Lag is the lag of a partition.
type Lag struct {
	// Topic is the topic.
	Topic string
	// Partition is the partition.
	Partition int32
	// Records is how many records are not committed yet.
	Records int64
}

// Watch registers the metrics of what is so at a moment. live is called at each
// scrape, from any goroutine.
func (m *Metrics) Watch(live func() Live) error {
	c := &liveCollector{live: live, descs: map[string]*prometheus.Desc{}}
	for _, name := range []string{
		clientState, brokersReachable, aliveThreads, threadTasks, appTasks, restoreRemaining, stateBytes, openBytes,
		recordsLag,
	} {
		i := info(name)
		c.descs[name] = prometheus.NewDesc(i.Name, i.Help, i.Labels, nil)
	}
	m.add(c)
	return m.err
}

// liveCollector reads the app at each scrape.
type liveCollector struct {
	live  func() Live
	descs map[string]*prometheus.Desc
}

var _ prometheus.Collector = (*liveCollector)(nil)

// Describe implements prometheus.Collector.
func (c *liveCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *liveCollector) Collect(ch chan<- prometheus.Metric) {
	now := c.live()
	set := func(name string, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(c.descs[name], prometheus.GaugeValue, v, labels...)
	}
	for _, s := range now.States {
		set(clientState, number(s == now.State), s)
	}
	set(brokersReachable, number(now.Reachable))
	set(aliveThreads, float64(now.Threads))
	for thread, n := range now.ThreadTasks {
		set(threadTasks, float64(n), thread)
	}
	set(appTasks, float64(now.Running), "running")
	set(appTasks, float64(now.Restoring), "restoring")
	for task, n := range now.Remaining {
		set(restoreRemaining, float64(n), task)
	}
	set(stateBytes, float64(now.StateBytes))
	set(openBytes, float64(now.OpenBytes))
	for _, l := range now.Lags {
		set(recordsLag, float64(l.Records), l.Topic, strconv.Itoa(int(l.Partition)))
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
