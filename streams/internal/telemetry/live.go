package telemetry

import (
	"strconv"
	"time"

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
	// Buffered is how many bytes of records wait for each task, and Cached how many its
	// uncommitted writes hold.
	Buffered, Cached map[string]int64
	// Disk is the size of all stores on disk, and Stores about that of each by its name.
	Disk   int64
	Stores map[string]int64
	// Memory is about what the stores in memory take.
	Memory int64
	// Shared is what tasks keep in memory of their stores, and SharedLimit what they may.
	Shared, SharedLimit int64
	// Database are the figures of the DB that all stores are in; zero without one.
	Database Database
	// Lags are those of the partitions whose end is known.
	Lags []Lag
}

// Database are figures of a DB. Sizes are in bytes, and counts since it was opened.
type Database struct {
	// Memtables and BlockCache are the memory that it takes of Memory.
	Memtables, BlockCache, Memory int64
	// Hits and Misses are how many blocks were found in the cache and how many were read.
	Hits, Misses int64
	// CompactionDebt is about how much has to be rewritten.
	CompactionDebt int64
	// Stalled is how long writes had to wait.
	Stalled time.Duration
	// Iterators is how many are open.
	Iterators int64
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
		clientState, brokersReachable, aliveThreads, threadTasks, appTasks, restoreRemaining, recordsLag, taskBuffer,
		taskCache, storeBytes, stateBytes, memtableBytes, cacheBytes, cacheLimit, cacheHits, cacheMisses, compactionDebt,
		writeStalls, openIterators, memoryBytes, sharedBytes, sharedLimit,
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
	set := c.setter(ch, prometheus.GaugeValue)
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
	for name, tasks := range map[string]map[string]int64{
		restoreRemaining: now.Remaining, taskBuffer: now.Buffered, taskCache: now.Cached, storeBytes: now.Stores,
	} {
		for label, n := range tasks {
			set(name, float64(n), label)
		}
	}
	set(memoryBytes, float64(now.Memory))
	set(sharedBytes, float64(now.Shared))
	set(sharedLimit, float64(now.SharedLimit))
	for _, l := range now.Lags {
		set(recordsLag, float64(l.Records), l.Topic, strconv.Itoa(int(l.Partition)))
	}
	set(stateBytes, float64(now.Disk))
	c.collectDatabase(ch, now.Database)
}

func (c *liveCollector) collectDatabase(ch chan<- prometheus.Metric, db Database) {
	set, count := c.setter(ch, prometheus.GaugeValue), c.setter(ch, prometheus.CounterValue)
	set(memtableBytes, float64(db.Memtables))
	set(cacheBytes, float64(db.BlockCache))
	set(cacheLimit, float64(db.Memory))
	set(compactionDebt, float64(db.CompactionDebt))
	set(openIterators, float64(db.Iterators))
	count(cacheHits, float64(db.Hits))
	count(cacheMisses, float64(db.Misses))
	count(writeStalls, db.Stalled.Seconds())
}

// setter returns a function that sends values of a type.
func (c *liveCollector) setter(ch chan<- prometheus.Metric, t prometheus.ValueType) func(string, float64, ...string) {
	return func(name string, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(c.descs[name], t, v, labels...)
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
