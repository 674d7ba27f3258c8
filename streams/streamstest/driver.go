package streamstest

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/memory"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/internal/admin"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/internal/global"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// Options describe the setup; nil is fine.
type Options struct {
	// Partitions is the number of partitions of every topic. Default: 1.
	Partitions int
	// Properties are the app's properties, such as max.request.size. Those of
	// brokers and threads have no effect. As in an app, a record that is rejected
	// stops the driver unless errors.dead.letter.queue.topic.name is set. Default:
	// none.
	Properties map[string]string
	// Start is the driver's time at the beginning. Default: 2020-01-01 UTC.
	Start time.Time
	// DB holds the stores; the caller closes it. Default: one in memory.
	DB stores.DB
	// Handlers decide what becomes of records that fail, as in app.Options. Default: the
	// properties do.
	Handlers handlers.Handlers
	// Logger gets what tasks log. Default: nothing is logged.
	Logger *slog.Logger
}

// Driver runs a topology.
type Driver struct {
	topology *topology.Topology
	names    admin.Names
	own      map[string]bool // internal topics, by their names in Kafka
	sources  *readers
	broker   *broker
	db       stores.DB
	logger   *slog.Logger
	registry *prometheus.Registry
	metrics  *telemetry.Metrics
	limits   *limits.Topics
	output   int64         // bytes that a record may make
	ahead    time.Duration // of the clock
	noCache  bool
	failures failures.Policy

	globals *global.Inline
	tasks   map[topology.TaskID]*task.Task
	order   []topology.TaskID
	times   map[topology.TaskID]times // as of the last commit
	kept    map[topology.TaskID]map[string]int64

	now   time.Time
	epoch []*kgo.Record // sent since the last commit
	again []*kgo.Record // of an aborted epoch, to be processed again
	due   bool          // punctuations of an aborted epoch may be due again
	err   error

	committed int // drops as of the last commit
	undone    int // drops of aborted epochs
}

// times are the stream time of a task, and the partition times by topic.
type times struct {
	stream    int64
	partition map[string]int64
}

// cacheKey is the key of the size of the cache.
const cacheKey = "statestore.cache.max.bytes"

// New starts the topology's tasks. The error is that of [app.New], or that of
// a node that cannot start.
func New(t *topology.Topology, o *Options) (*Driver, error) {
	if o == nil {
		o = &Options{}
	}
	props := map[string]string{"application.id": "streamstest", "bootstrap.servers": "none:9092"}
	maps.Copy(props, o.Properties)
	if _, err := app.New(t, props, nil); err != nil {
		return nil, err
	}
	values, err := app.Config().Parse(props)
	if err != nil {
		return nil, err
	}
	d := &Driver{
		topology: t.Place(place(values.String("default.dsl.store"))), db: o.DB, logger: o.Logger, now: o.Start,
		registry: prometheus.NewRegistry(),
		noCache:  values.IsSet(cacheKey) && values.Long(cacheKey) == 0,
		ahead:    values.Millis("message.timestamp.after.max.ms"),
		failures: failures.New(values, o.Handlers),
		names:    admin.Names{ApplicationID: values.String("application.id"), Internal: map[string]bool{}},
		times:    map[topology.TaskID]times{}, kept: map[topology.TaskID]map[string]int64{},
	}
	budget := memory.Limit(values.Long(memory.MaxBytes))
	d.output = budget.Size(values, "commit.max.bytes", memory.StoreCache)
	d.limits = limits.New(int(min(values.Long("max.request.size"), budget.Size(values, "buffer.memory", memory.Produce))))
	if d.db == nil {
		d.db = mem.Open()
	}
	if d.logger == nil {
		d.logger = slog.New(slog.DiscardHandler)
	}
	if d.now.IsZero() {
		d.now = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if d.metrics, err = telemetry.New(d.registry); err != nil {
		return nil, err
	}
	d.sources, d.own = newReaders(d.topology, d.names), d.names.Own(d.topology)
	d.broker = newBroker(max(o.Partitions, 1), d.sources.source, d.partitionTime)
	d.globals, err = global.NewInline(global.Options{
		Stores: t.Globals(), DB: d.db, ApplicationID: d.names.ApplicationID, Failures: d.failures, Limits: d.limits,
		Metrics: d.metrics.Task(global.TaskID()), Logger: d.logger,
	}, d.broker.produceNow)
	if err != nil {
		return nil, err
	}
	return d, d.start(false)
}

// place is where stores are that say nothing about it.
func place(byDefault string) topology.Place {
	if byDefault == "in_memory" {
		return topology.InMemory
	}
	return topology.OnDisk
}

// start makes all tasks. Each replays the changelogs of its stores, or those of stores in
// memory only.
func (d *Driver) start(all bool) error {
	d.tasks, d.order = map[topology.TaskID]*task.Task{}, nil
	subs := d.topology.Subtopologies()
	for i := range subs {
		if subs[i].Global != nil {
			continue
		}
		for p := range d.broker.partitions {
			o := d.taskOptions(&subs[i], int32(p))
			var records []*kgo.Record
			for _, s := range subs[i].Stores {
				if all || s.Place == topology.InMemory {
					records = append(records, d.broker.partition(o.Changelog(s.Name), o.ID.Partition)...)
				}
			}
			t, err := task.Inline(o, records)
			if err != nil {
				return d.fail(err)
			}
			d.tasks[o.ID] = t
			d.order = append(d.order, o.ID)
		}
	}
	return nil
}

func (d *Driver) taskOptions(sub *topology.Subtopology, partition int32) task.Options {
	o := task.Options{
		ID: topology.TaskID{Subtopology: sub.ID, Partition: partition}, Sub: sub,
		ApplicationID: d.names.ApplicationID, Partitions: d.broker.partitions,
		Produce: d.broker.produce, Topic: d.names.Topic, Own: d.own,
		PartitionsOf: func(string) (int, error) { return d.broker.partitions, nil },
		Now:          d.Now, Limits: d.limits, OutputBytes: d.output, NoCache: d.noCache, Ahead: d.ahead,
		Failures: d.failures, Globals: d.globals.Reader,
		Metrics: d.metrics.Task(topology.TaskID{Subtopology: sub.ID, Partition: partition}), Logger: d.logger,
	}
	if len(sub.Stores) > 0 {
		o.Changelog, o.DB = d.names.Changelog, d.db
	}
	o.StreamTime, o.Kept = task.NoStreamTime, d.kept[o.ID]
	if at, ok := d.times[o.ID]; ok {
		o.StreamTime, o.Times = at.stream, at.partition
	}
	return o
}

// fail ends the driver.
func (d *Driver) fail(err error) error {
	if d.err == nil {
		d.err = err
	}
	return d.err
}

// Now returns the driver's time.
func (d *Driver) Now() time.Time { return d.now }

// Advance moves the driver's time, which records without a timestamp get, and calls the
// punctuations by the clock that are due then. When one of them fails, Send and Commit
// return its error. Stream time follows the timestamps of records, as it always does.
func (d *Driver) Advance(by time.Duration) {
	d.now = d.now.Add(by)
	if d.repeat() == nil {
		_ = d.punctuate() // noted, too
	}
}

// punctuate calls the punctuations by the clock that are due.
func (d *Driver) punctuate() error {
	for _, id := range d.order {
		if err := d.tasks[id].ProcessInline(nil); err != nil {
			return d.fail(err)
		}
	}
	return d.process(d.broker.next())
}

// Close ends the tasks, without a commit.
func (d *Driver) Close() {
	for _, id := range d.order {
		d.tasks[id].Close()
	}
	d.globals.Close()
}

// Send writes records to a topic that the topology reads and processes them. Those of a
// global table's topic are visible and committed at once: Abort leaves them alone.
// The key chooses the partition as in Kafka; records without a key take turns.
func (d *Driver) Send(topic string, records ...Record) error { return d.send(topic, -1, records) }

// SendTo is Send to one partition, whatever the keys are.
func (d *Driver) SendTo(topic string, partition int32, records ...Record) error {
	if partition < 0 || int(partition) >= d.broker.partitions {
		return fmt.Errorf("send to %s-%d: topics have %d partitions", topic, partition, d.broker.partitions)
	}
	return d.send(topic, partition, records)
}

func (d *Driver) send(topic string, partition int32, records []Record) error {
	name := d.names.Topic(topic)
	if d.globals.Reads(name) {
		return d.sendGlobal(name, partition, records)
	}
	if d.sources.source(name) == nil {
		known := d.sources.topics()
		for _, g := range d.topology.Globals() {
			known = append(known, g.Topic())
		}
		slices.Sort(known)
		return fmt.Errorf("send to %s: the topology reads only %s", topic, strings.Join(known, ", "))
	}
	if err := d.repeat(); err != nil {
		return err
	}
	for _, r := range records {
		k := r.kafka(name, partition, d.now)
		d.broker.place(k)
		d.epoch = append(d.epoch, k)
		if err := d.process(k); err != nil {
			return err
		}
	}
	return nil
}

// sendGlobal processes the records of a global table.
func (d *Driver) sendGlobal(topic string, partition int32, records []Record) error {
	if d.err != nil {
		return d.err
	}
	for _, r := range records {
		k := r.kafka(topic, partition, d.now)
		d.broker.place(k)
		before := d.drops()
		if err := d.globals.Process(k); err != nil {
			return d.fail(err)
		}
		d.committed += d.drops() - before
	}
	return nil
}

// partitionTime is the latest time of the records that were processed of a partition.
func (d *Driver) partitionTime(topic string, partition int32) int64 {
	at, _ := d.tasks[d.sources.task(topic, partition)].PartitionTime(topic, partition)
	return at
}

// repeat processes the records of an aborted epoch, and calls its punctuations.
func (d *Driver) repeat() error {
	if d.err != nil {
		return d.err
	}
	again, due := d.again, d.due
	d.again, d.due = nil, false
	for _, r := range again {
		d.epoch = append(d.epoch, r)
		if err := d.process(r); err != nil {
			return err
		}
	}
	if due {
		return d.punctuate()
	}
	return nil
}

// process processes a record and all that it causes.
func (d *Driver) process(r *kgo.Record) error {
	for ; r != nil; r = d.broker.next() {
		if err := d.tasks[d.sources.task(r.Topic, r.Partition)].ProcessInline([]*kgo.Record{r}); err != nil {
			return d.fail(err)
		}
	}
	return nil
}

// Commit ends the epoch: aggregates are stored and forwarded, and everything
// becomes visible. When that writes to topics that the topology reads, further
// epochs follow until nothing is left.
func (d *Driver) Commit() error {
	if err := d.repeat(); err != nil {
		return err
	}
	for {
		err := d.endEpoch()
		if errors.Is(err, topology.ErrRepeat) {
			d.Abort()
			if err = d.repeat(); err == nil {
				continue
			}
		}
		if err != nil {
			return d.fail(err)
		}
		r := d.broker.next()
		if r == nil {
			return nil
		}
		if err := d.process(r); err != nil {
			return err
		}
	}
}

func (d *Driver) endEpoch() error {
	for _, id := range d.order {
		if err := d.tasks[id].WriteChangelog(); err != nil {
			return err
		}
	}
	for _, id := range d.order {
		if err := d.tasks[id].Committed(); err != nil {
			return err
		}
		d.times[id], d.kept[id] = d.timesOf(id), maps.Clone(d.tasks[id].Kept())
	}
	d.broker.commit()
	d.epoch, d.committed = nil, d.drops()
	return nil
}

// timesOf are the times of a task.
func (d *Driver) timesOf(id topology.TaskID) times {
	t := times{d.tasks[id].StreamTime(), map[string]int64{}}
	for topic, r := range d.sources.byTopic {
		if r.sub != id.Subtopology {
			continue
		}
		if at, ok := d.tasks[id].PartitionTime(topic, id.Partition); ok {
			t.partition[topic] = at
		}
	}
	return t
}

// Abort drops what was done since the last Commit. The records come again with
// the next Send, Commit or Restart.
func (d *Driver) Abort() {
	for _, id := range d.order {
		d.tasks[id].Aborted()
	}
	d.forget()
}

func (d *Driver) forget() {
	d.broker.abort()
	d.again = append(d.epoch, d.again...)
	d.epoch, d.due = nil, true
	d.undone += d.drops() - d.committed
	d.committed = d.drops()
}

// Restart aborts the epoch and continues with new tasks, as another process would.
// With wipe the stores are lost first, and rebuilt from their changelogs; those in memory are
// in any case. Global tables stay as they are.
func (d *Driver) Restart(wipe bool) error {
	if d.err != nil {
		return d.err
	}
	d.forget()
	for _, id := range d.order {
		d.tasks[id].Close()
	}
	var b stores.Batch
	for _, id := range d.order {
		if wipe {
			prefix := restore.StatePrefix(id.Partition)
			b.DeleteRange(prefix, stores.PrefixEnd(prefix))
			continue
		}
		for _, s := range d.topology.Subtopologies()[id.Subtopology].Stores {
			if s.Place == topology.InMemory {
				restore.Drop(&b, s.Name, id.Partition)
			}
		}
	}
	if err := d.db.Apply(&b); err != nil {
		return d.fail(fmt.Errorf("wipe stores: %w", err))
	}
	return d.start(wipe)
}
