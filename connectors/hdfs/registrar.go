package hdfs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/filesets"
	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/connectors/hdfs/internal/hive"
)

var _ filesets.Registry = (*registrar)(nil)

// metastore is what a registrar needs of Hive.
type metastore interface {
	// Register is what [hive.Metastore.Register] says.
	Register(ctx context.Context, t hive.Table, partitions []hive.Partition) (kept bool, err error)
	Interrupt()
	Close() error
}

// registrar registers the directories of committed sets in Hive, in a goroutine
// of its own: a metastore that is away stops nothing, and the sets stay in the
// log until they are registered. What the metastore refuses ends the task.
//
//	         Add                    the metastore takes all
//	idle ──────────▶ registering ───────────────────────────▶ idle
//	                    │  ▲
//	                    └──┘ it is away: wait, longer each time
//	                    │
//	                    └──▶ refused    Add and Reserve return why
type registrar struct {
	settings  *settings
	format    format.Tables
	metastore metastore
	logger    *slog.Logger
	count     *hiveCounters
	retry     sinkkit.Retry
	left      sinkkit.Dropped // files and directories that are not registered

	cancel context.CancelFunc
	ended  chan struct{}
	wake   chan struct{}

	mu      sync.Mutex
	refused error                    // guarded by mu; what waiting does not cure
	pending map[string]*pendingTable // guarded by mu; by topic
	known   map[string]bool          // guarded by mu; directories and schemas that are registered
	topics  map[string]string        // guarded by mu; by name of their table
	idle    chan struct{}            // guarded by mu; closed while nothing is pending
}

// maxKnown bounds what a registrar remembers; it registers again what it
// forgot.
const maxKnown = 100_000

func newRegistrar(s *settings, f format.Tables, ms metastore, logger *slog.Logger, count *hiveCounters) *registrar {
	r := &registrar{settings: s, format: f, metastore: ms, logger: logger, count: count,
		ended: make(chan struct{}), wake: make(chan struct{}, 1), idle: make(chan struct{}),
		pending: map[string]*pendingTable{}, known: map[string]bool{}, topics: map[string]string{}}
	close(r.idle)
	r.retry = sinkkit.Retry{What: "register partitions", First: 100 * time.Millisecond, Max: s.files.Backoff,
		Outage: &sinkkit.Outage{Log: logger, Away: "hive takes no partitions, trying again",
			Back: "hive takes partitions again"}}
	r.left = sinkkit.Dropped{Log: logger, More: "more is not registered in hive",
		Message: "not registered in hive, as it was written in another format or by another partitioner"}
	count.registrar.Store(r)
	return r
}

func (r *registrar) start() {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() {
		defer close(r.ended)
		defer func() {
			if p := recover(); p != nil { // only the task may end
				r.refuse(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
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
	case <-time.After(r.settings.files.Shutdown):
	}
	r.cancel()
	r.metastore.Interrupt()
	<-r.ended
	r.left.Close()
	return r.metastore.Close()
}

// Reserve implements [filesets.Registry].
func (r *registrar) Reserve(topic string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reserve(topic)
}

// reserve is Reserve for a caller that has mu.
func (r *registrar) reserve(topic string) error {
	if r.refused != nil {
		return r.refused
	}
	name := r.tableOf(topic)
	other, taken := r.topics[name]
	if taken && other != topic {
		return fmt.Errorf("topics %s and %s have the one hive table %s.%s: move a topic to a connector of its own "+
			"with another hive.table.name", min(topic, other), max(topic, other), r.settings.HiveDatabase, name)
	}
	r.topics[name] = topic
	return nil
}

// Add implements [filesets.Registry].
func (r *registrar) Add(set claim.Set) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refused != nil {
		return r.refused
	}
	for _, f := range set.Files {
		topic, dir := place(f)
		if err := r.reserve(topic); err != nil {
			return err
		}
		schema := schemaOf(set, f)
		if schema == "" {
			r.left.Note("another format", "path", f.Path)
			continue
		}
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

// knows reports whether both are registered, or never will be because Hive cannot
// read files without a schema. The caller has mu.
func (r *registrar) knows(topic, dir, schema string) bool {
	return schema == "" || r.known[topic+"/"+dir] && r.known[schemaKey(topic, schema)]
}

// run registers what is added until ctx is done or the metastore refuses it.
func (r *registrar) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		}
		if !r.registerAll(ctx) {
			return
		}
	}
}

// registerAll tries until the metastore takes what is pending; false when there
// is nothing more to do.
func (r *registrar) registerAll(ctx context.Context) bool {
	for {
		err := r.flush(ctx)
		switch {
		case ctx.Err() != nil:
			r.retry.Done(ctx.Err())
			return false
		case errors.Is(err, hive.ErrRefused):
			r.retry.Done(err)
			r.refuse(err)
			return false
		case err == nil:
			r.retry.Done(nil)
			return true
		}
		_ = r.retry.Again(ctx, err) // flush sees that ctx is done
	}
}

// refuse ends the task at its next commit.
func (r *registrar) refuse(err error) {
	r.logger.Error("hive refuses the files, so the task ends at its next commit", "error", err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = err
	r.beIdle()
}

// beIdle ends the wait of stop. The caller has mu.
func (r *registrar) beIdle() {
	select {
	case <-r.idle:
	default:
		close(r.idle)
	}
}

// flush registers what is pending, topic by topic. The error is the first that
// is not cured by waiting, or else the last.
func (r *registrar) flush(ctx context.Context) (err error) {
	r.mu.Lock()
	work := r.pending
	r.pending = map[string]*pendingTable{}
	r.mu.Unlock()
	for topic, p := range work {
		began := time.Now()
		e := r.register(ctx, topic, p)
		r.count.seconds.Observe(time.Since(began).Seconds())
		r.mu.Lock()
		if e != nil {
			r.count.failures.Inc()
			r.again(topic, p)
			if !errors.Is(err, hive.ErrRefused) {
				err = e
			}
		} else {
			r.count.partitions.Add(float64(len(p.dirs)))
			r.remember(topic, p)
		}
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pending) == 0 {
		r.beIdle()
	}
	return err
}

// register shows every schema to the table, so that it gets the columns of
// all, and then adds the partitions.
func (r *registrar) register(ctx context.Context, topic string, p *pendingTable) error {
	last := len(p.schemas) - 1
	for i, text := range p.schemas {
		table, err := r.table(topic, text)
		if err != nil {
			return err
		}
		var partitions []hive.Partition
		if i == last {
			partitions = r.partitions(topic, p.dirs)
		}
		kept, err := r.metastore.Register(ctx, table, partitions)
		if err != nil {
			return err
		}
		if kept {
			r.logger.Warn("the hive table keeps its columns: the schema of new files does more than add fields at "+
				"the end", "table", table.Name, "topic", topic, "schema", text)
		}
	}
	return nil
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

func (r *registrar) table(topic, text string) (hive.Table, error) {
	schema, err := r.format.ParseSchema(text)
	if err != nil {
		return hive.Table{}, fmt.Errorf("%w: schema of topic %s: %w", hive.ErrRefused, topic, err)
	}
	return hive.Table{Database: r.settings.HiveDatabase, Name: r.tableOf(topic), Location: location(r.settings.uri, topic),
		Keys: r.settings.keys, Schema: schema, Format: r.format}, nil
}

// tableOf is the name of a topic's table.
func (r *registrar) tableOf(topic string) string {
	return tableName(strings.ReplaceAll(r.settings.HiveTable, "${topic}", topic))
}

func (r *registrar) partitions(topic string, dirs map[string]bool) []hive.Partition {
	var out []hive.Partition
	for dir := range dirs {
		names, values, _ := layout.Split(dir)
		if !slices.Equal(names, r.settings.keys) {
			r.left.Note("another partitioner", "path", topic+"/"+dir, "columns", strings.Join(r.settings.keys, ","))
			continue
		}
		out = append(out, hive.Partition{Values: values, Location: location(r.settings.uri, topic) + "/" + dir})
	}
	slices.SortFunc(out, func(a, b hive.Partition) int { return strings.Compare(a.Location, b.Location) })
	return out
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
