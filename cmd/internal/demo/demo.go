package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// standardInput is the file source's name for it.
const standardInput = "-"

// demo is one run.
type demo struct {
	o      Options
	screen *screen
	folder folder
	names  names
	log    *slog.Logger
	input  string // an absolute path, or standardInput
	lines  *lineCount
	from   int64 // the byte of input that the source begins at
	size   int64 // of input at the beginning; a log may grow

	cluster *cluster
	tally   *tally
	worker  *worker
	apps    map[string]*running
	list    []*stage
	servers []*server

	began   time.Time
	earlier int64                // records and rejected lines that were in Kafka before
	first   sample               // before anything moved
	cutOff  bool                 // the input was not read to its end
	failing map[string]time.Time // since when connectors are failed
	spoil   func()
	closers []func()
}

// Run runs the demo: until everything has arrived and is counted or, with
// Serve, until ctx is done. When ctx is done earlier it stops in order and
// shows what there is. The error names the stage that does not add up.
func Run(ctx context.Context, o Options) error { return run(ctx, o, nil) }

// run calls spoil, if not nil, before the counting.
func run(ctx context.Context, o Options, spoil func()) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	d := &demo{o: o, screen: &screen{w: o.Out, terminal: o.Terminal}, apps: map[string]*running{},
		began: time.Now(), failing: map[string]time.Time{}, spoil: spoil}
	defer d.close()
	if err := d.prepare(ctx); err != nil {
		return err
	}
	if err := d.start(ctx); err != nil {
		return err
	}
	failed := d.watch(ctx)
	if failed != nil {
		d.halt(ctx, failed)
	}
	// What was begun is finished and shown even when ctx is done.
	if err := d.report(context.WithoutCancel(ctx), failed); err != nil {
		return err
	}
	return d.serve(ctx)
}

// close stops everything, the last opened first.
func (d *demo) close() {
	for i := len(d.closers) - 1; i >= 0; i-- {
		d.closers[i]()
	}
}

func (d *demo) closing(f func()) { d.closers = append(d.closers, f) }

// prepare checks and opens everything before the first record moves.
func (d *demo) prepare(ctx context.Context) error {
	if err := d.checkFile(); err != nil {
		return err
	}
	if err := checkServices(ctx, &d.o); err != nil {
		return err
	}
	var err error
	if d.folder, err = openFolder(d.o.Dir, d.o.Kafka[bootstrapServers]); err != nil {
		return err
	}
	d.closing(func() { _ = d.folder.lock.Close() }) // nothing was written through it
	file, err := os.Create(d.folder.file("demo.log"))
	if err != nil {
		return fmt.Errorf("write the log of the demo: %w", err)
	}
	d.closing(func() { _ = file.Close() }) // a log that is cut short is no failure
	d.log = newLogger(file, d.screen)
	d.names = newNames(&d.o, d.began)
	if err := d.listen(); err != nil {
		return err
	}
	if d.o.File == "" {
		if d.input, err = d.folder.exampleLog(); err != nil {
			return err
		}
	}
	if d.cluster, err = openCluster(ctx, &d.o); err != nil {
		return err
	}
	d.closing(d.cluster.stop)
	return d.openTally(ctx)
}

// checkFile finds the input.
func (d *demo) checkFile() (err error) {
	switch d.o.File {
	case "":
		return nil
	case standardInput:
		d.input = standardInput
		return nil
	}
	if d.input, err = filepath.Abs(d.o.File); err != nil {
		return err
	}
	dir, err := filepath.Abs(d.o.Dir)
	if err != nil {
		return err
	}
	if inside, err := filepath.Rel(dir, d.input); err == nil && filepath.IsLocal(inside) && !d.o.external() {
		return fmt.Errorf("read the log: %s is in the demo's folder, which is emptied first: move it, or choose "+
			"another folder with --dir", d.o.File)
	}
	return checkInput(d.input)
}

// openTally makes the topics and counts what is in them from earlier runs.
func (d *demo) openTally(ctx context.Context) error {
	n := d.names
	d.list = d.stages()
	topics := map[string]int32{n.topic(offsets): 1}
	for _, t := range []string{accessLTSV, accessJSON, accessAvro} {
		topics[n.topic(t)] = partitions
	}
	keep := map[string]int{n.topic(offsets): -1}
	for _, s := range d.list {
		topics[s.dead] = 1
		keep[s.dead] = keptDeadLetters
	}
	if err := d.cluster.createTopics(ctx, topics); err != nil {
		return err
	}
	var err error
	if d.tally, err = openTally(d.cluster.opts, slices.Sorted(maps.Keys(topics)), keep); err != nil {
		return err
	}
	d.closing(d.tally.close)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := d.tally.catchUp(ctx); err != nil {
		return err
	}
	d.earlier = d.tally.records(n.topic(accessLTSV)) + d.tally.records(n.dead(stageFile))
	return d.openInput()
}

// openInput begins to count the lines that are new.
func (d *demo) openInput() error {
	if d.input == standardInput {
		t, err := tapStdin()
		if err != nil {
			return fmt.Errorf("read the standard input: %w", err)
		}
		d.lines = count(func() (int64, error) {
			<-t.done
			return t.lines, t.err
		})
		return nil
	}
	info, err := os.Stat(d.input)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	d.size = info.Size()
	if d.from, err = d.position(); err != nil {
		return fmt.Errorf("find where the last run ended: %w", err)
	}
	d.lines = count(func() (int64, error) { return countFile(d.input, d.from, d.size) })
	return nil
}

// start starts the stages, the last of the way first.
func (d *demo) start(ctx context.Context) error {
	d.introduce()
	d.began = time.Now()
	for _, p := range programs() {
		app, err := startApp(p, d.cluster, d.names, d.folder, d.log)
		if err != nil {
			return err
		}
		d.apps[p.stage] = app
		d.closing(func() {
			app.stop()
			<-app.done
		})
	}
	var err error
	if d.first, err = d.sample(ctx); err != nil {
		return err
	}
	d.worker, err = d.startWorker(ctx)
	if err != nil {
		return err
	}
	d.closing(func() {
		if err := d.worker.Stop(context.WithoutCancel(ctx)); err != nil {
			d.log.Warn("stop the Connect worker", "error", err)
		}
	})
	for _, s := range d.list {
		if d.worker.configs[s.name] == nil || s.name == stageFile {
			continue
		}
		if err := d.worker.run(ctx, s.name); err != nil {
			return err
		}
	}
	if err := d.worker.run(ctx, stageFile); err != nil {
		return err
	}
	return d.serveNow()
}

// introduce says what is going to happen.
func (d *demo) introduce() {
	log := d.folder.shown(d.input)
	switch d.input {
	case standardInput:
		log = "the standard input"
	case d.folder.file("access.ltsv"):
		log = "the built-in access log (another: --file PATH, or - for the standard input)"
	}
	kafka := "embedded, in this process"
	if d.o.external() {
		kafka = d.o.Kafka[bootstrapServers]
	}
	elastic := "left out; 'make demo-full', or 'scripts/services/services up elasticsearch' and --elasticsearch-url"
	if d.o.Elasticsearch != "" {
		elastic = d.o.Elasticsearch + ", index " + d.names.index
	}
	d.screen.println(d.screen.bold("Suiro demo") + ": an access log on its way through Kafka, exactly once")
	d.screen.println()
	d.screen.println("  log            " + log)
	d.screen.println("  Kafka          " + kafka)
	d.screen.println("  Avro files     " + d.storedAt())
	if d.o.Metastore != "" {
		d.screen.println("  Hive           " + d.o.Metastore + ", table " + d.names.table())
	}
	d.screen.println("  Elasticsearch  " + elastic)
	d.screen.println("  logs, configs  " + d.folder.shown(d.folder.path))
	if d.earlier > 0 {
		d.screen.printf("  earlier runs   %s lines are in Kafka already", number(d.earlier))
	}
	d.screen.println()
}

// report counts, shows the table and what to look at, and returns what does
// not add up.
func (d *demo) report(ctx context.Context, failed error) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	if d.spoil != nil {
		d.spoil()
	}
	table, err := d.count(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	d.print(table)
	if err := d.showDeadLetters(table); err != nil {
		return err
	}
	if err := d.verdict(table, failed); err != nil {
		return err
	}
	d.showWhatToTry()
	return nil
}

// verdict says whether the table adds up.
func (d *demo) verdict(table []row, failed error) error {
	var wrong []string
	for _, r := range table {
		if t := r.trouble(); t != "" {
			wrong = append(wrong, t)
		}
	}
	switch {
	case len(wrong) > 0:
		err := fmt.Errorf("it does not add up: %s", strings.Join(wrong, "; "))
		return errors.Join(failed, err)
	case failed != nil:
		d.screen.println("  It adds up as far as it went.")
		return failed
	}
	d.screen.println("  " + d.praise(table[0].in-d.earlier))
	return nil
}

// praise says what was done when all adds up.
func (d *demo) praise(added int64) string {
	good, took := d.screen.bold("It adds up."), time.Since(d.began).Round(100*time.Millisecond)
	switch {
	case added == 0 && d.earlier == 0:
		return good + " But the log is empty."
	case added == 0:
		return fmt.Sprintf("%s This run added nothing: earlier runs had read all of the log. (%s)", good, took)
	}
	return fmt.Sprintf("%s Records in = out + rejected at every stage. (%s lines in %s)",
		good, number(added), took)
}
