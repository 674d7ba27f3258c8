package hdfs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets"
	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/connectors/hdfs/internal/hive"
)

var _ filesets.Registry = (*registrar)(nil)

// metastore is what a registrar needs of Hive.
type metastore interface {
	Register(ctx context.Context, t hive.Table, partitions []hive.Partition) error
	Interrupt()
	Close() error
}

// registrar registers the directories of committed sets in Hive, beside the
// writers: a metastore that is away stops nothing, and the sets stay in the
// log until they are registered.
type registrar struct {
	s     *settings
	ms    metastore
	log   *slog.Logger
	count *hiveCounters

	cancel context.CancelFunc
	ended  chan struct{}
	wake   chan struct{}

	mu      sync.Mutex
	pending map[string]*pendingTable // guarded by mu; by topic
	known   map[string]bool          // guarded by mu; directories and schemas that are registered
	topics  map[string]string        // guarded by mu; by name of their table
	idle    chan struct{}            // guarded by mu; closed while nothing is pending
}

// pendingTable is what is to be registered of a topic.
type pendingTable struct {
	dirs    map[string]bool
	schemas []string // in the order they were met
}

// meet takes schemas in that are new.
func (p *pendingTable) meet(schemas ...string) {
	for _, schema := range schemas {
		if !slices.Contains(p.schemas, schema) {
			p.schemas = append(p.schemas, schema)
		}
	}
}

// maxKnown bounds what a registrar remembers; it registers again what it
// forgot.
const maxKnown = 100_000

func newRegistrar(s *settings, ms metastore, log *slog.Logger, count *hiveCounters) *registrar {
	r := &registrar{s: s, ms: ms, log: log, count: count, ended: make(chan struct{}), wake: make(chan struct{}, 1),
		pending: map[string]*pendingTable{}, known: map[string]bool{}, topics: map[string]string{},
		idle: make(chan struct{})}
	close(r.idle)
	return r
}

func (r *registrar) start() {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() {
		defer close(r.ended)
		r.run(ctx)
	}()
}

// stop waits a while for what is pending. The log keeps the rest.
func (r *registrar) stop() error {
	r.mu.Lock()
	idle := r.idle
	r.mu.Unlock()
	select {
	case <-idle:
	case <-time.After(r.s.ShutdownTimeout):
	}
	r.cancel()
	r.ms.Interrupt()
	<-r.ended
	return r.ms.Close()
}

// schemaKey is a schema of a topic among the known.
func schemaKey(topic, schema string) string { return topic + "\x00" + schema }

// place splits a file's path into topic and directory.
func place(f claim.File) (topic, dir string) {
	topic, rest, _ := strings.Cut(f.Path, "/")
	return topic, path.Dir(rest)
}

func schemaOf(set claim.Set, f claim.File) string {
	if f.Schema < len(set.Schemas) {
		return set.Schemas[f.Schema]
	}
	return ""
}

// errTable is returned when a topic's table is that of another topic.
var errTable = errors.New("move a topic to a connector of its own with another hive.table.name")

// Reserve implements [filesets.Registry].
func (r *registrar) Reserve(topic string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reserve(topic)
}

// reserve is Reserve for a caller that has mu.
func (r *registrar) reserve(topic string) error {
	name := r.tableOf(topic)
	other, taken := r.topics[name]
	if taken && other != topic {
		return fmt.Errorf("topics %s and %s have the one hive table %s.%s: %w", min(topic, other),
			max(topic, other), r.s.HiveDatabase, name, errTable)
	}
	r.topics[name] = topic
	return nil
}

// Add implements [filesets.Registry].
func (r *registrar) Add(set claim.Set) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range set.Files {
		topic, dir := place(f)
		if err := r.reserve(topic); err != nil {
			return err
		}
		schema := schemaOf(set, f)
		if r.knows(topic, dir, schema) {
			continue
		}
		p := r.pending[topic]
		if p == nil {
			p = &pendingTable{dirs: map[string]bool{}}
			r.pending[topic] = p
		}
		p.dirs[dir] = true
		p.meet(schema)
	}
	if len(r.pending) > 0 {
		select {
		case <-r.idle:
			r.idle = make(chan struct{})
		default:
		}
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

// Registered implements [filesets.Registry].
func (r *registrar) Registered(set claim.Set) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !slices.ContainsFunc(set.Files, func(f claim.File) bool {
		topic, dir := place(f)
		return !r.knows(topic, dir, schemaOf(set, f))
	})
}

// knows reports whether both are registered. The caller has mu.
func (r *registrar) knows(topic, dir, schema string) bool {
	return r.known[topic+"/"+dir] && r.known[schemaKey(topic, schema)]
}

func (r *registrar) run(ctx context.Context) {
	for wait := time.Duration(0); ; {
		if wait == 0 {
			select {
			case <-ctx.Done():
				return
			case <-r.wake:
			}
		}
		err := r.flush(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			wait = 0
			continue
		}
		wait = min(max(2*wait, 100*time.Millisecond), r.s.RetryBackoff)
		r.log.Warn("register in hive again", "error", err, "wait", wait)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// flush registers what is pending, topic by topic.
func (r *registrar) flush(ctx context.Context) (err error) {
	r.mu.Lock()
	work := r.pending
	r.pending = map[string]*pendingTable{}
	r.mu.Unlock()
	for topic, p := range work {
		e := r.register(ctx, topic, p)
		r.mu.Lock()
		if e != nil {
			err = e
			r.count.failures.Add(1)
			r.again(topic, p)
		} else {
			r.count.partitions.Add(int64(len(p.dirs)))
			r.remember(topic, p)
		}
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pending) == 0 {
		select {
		case <-r.idle:
		default:
			close(r.idle)
		}
	}
	return err
}

// register shows every schema to the table, so that it gets the columns of
// all, and then adds the partitions.
func (r *registrar) register(ctx context.Context, topic string, p *pendingTable) error {
	last := len(p.schemas) - 1
	for _, schema := range p.schemas[:last] {
		if err := r.ms.Register(ctx, r.table(topic, schema), nil); err != nil {
			return err
		}
	}
	return r.ms.Register(ctx, r.table(topic, p.schemas[last]), r.partitions(topic, p.dirs))
}

// again puts back what was not registered. The caller has mu.
func (r *registrar) again(topic string, p *pendingTable) {
	if newer := r.pending[topic]; newer != nil {
		maps.Copy(p.dirs, newer.dirs)
		p.meet(newer.schemas...)
	}
	r.pending[topic] = p
}

// remember notes what was registered. The caller has mu.
func (r *registrar) remember(topic string, p *pendingTable) {
	if len(r.known) > maxKnown {
		clear(r.known)
	}
	for dir := range p.dirs {
		r.known[topic+"/"+dir] = true
	}
	for _, schema := range p.schemas {
		r.known[schemaKey(topic, schema)] = true
	}
}

func (r *registrar) table(topic, schema string) hive.Table {
	return hive.Table{Database: r.s.HiveDatabase, Name: r.tableOf(topic),
		Location: r.s.uri + "/" + topic, Keys: r.s.keys, Schema: schema}
}

// tableOf is the name of a topic's table.
func (r *registrar) tableOf(topic string) string {
	return tableName(strings.ReplaceAll(r.s.HiveTable, "${topic}", topic))
}

// tableName replaces what Hive does not allow in a name.
func tableName(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' {
			return c
		}
		return '_'
	}, strings.ToLower(s))
}

func (r *registrar) partitions(topic string, dirs map[string]bool) []hive.Partition {
	var out []hive.Partition
	for dir := range dirs {
		values, ok := layout.Values(dir)
		if !ok {
			continue // validate has made sure that there are names
		}
		out = append(out, hive.Partition{Values: values, Location: r.s.uri + "/" + topic + "/" + dir})
	}
	slices.SortFunc(out, func(a, b hive.Partition) int { return strings.Compare(a.Location, b.Location) })
	return out
}

// hiveCounters count what a registrar did. Its methods may be called from any
// goroutine.
type hiveCounters struct{ partitions, failures atomic.Int64 }

func (c *hiveCounters) metrics() []connect.Metric {
	return []connect.Metric{
		{Name: "hdfs_sink_hive_partitions_total", Help: "Partitions that were registered in Hive.",
			Value: float64(c.partitions.Load()), Counter: true},
		{Name: "hdfs_sink_hive_failures_total", Help: "Times that the metastore did not take partitions.",
			Value: float64(c.failures.Load()), Counter: true},
	}
}
