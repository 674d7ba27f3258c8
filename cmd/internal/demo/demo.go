package demo

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/suiro/suiro/cmd/internal/demo/folder"
	"github.com/suiro/suiro/cmd/internal/demo/pages"
	"github.com/suiro/suiro/cmd/internal/demo/screen"
	"github.com/suiro/suiro/cmd/internal/demo/services"
	"github.com/suiro/suiro/cmd/internal/demo/tally"
)

// demo is one run. Its parts are opened in the order of the fields and closed in
// the reverse order.
type demo struct {
	o      Options
	screen *screen.Screen
	folder folder.Folder
	log    *slog.Logger
	names  names
	stats  *pages.Server // nil without Serve, as is rest
	rest   *pages.Server
	kafka  *services.Kafka
	tally  *tally.Tally
	source *source
	way    *way
	apps   map[string]*running
	worker *worker

	closers []func()
}

// Run runs the demo until everything has arrived and is counted or, with Serve,
// until ctx is done. When ctx is done earlier, Run stops the stages in good order
// and shows what has arrived. The error names the stage whose numbers do not add
// up.
func Run(ctx context.Context, o Options) error { return run(ctx, o, nil) }

// run calls spoil, if not nil, before the counting.
func run(ctx context.Context, o Options, spoil func()) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	d := &demo{o: o, screen: screen.New(o.Out, o.Terminal), apps: map[string]*running{}}
	defer d.close()
	if err := d.prepare(ctx); err != nil {
		return err
	}
	began := time.Now()
	d.report(began).introduce()
	first, err := d.start(ctx)
	if err != nil {
		return err
	}
	w := newWatcher(d, began)
	failed := w.watch(ctx, first)
	if failed != nil {
		w.halt(ctx, failed)
	}
	if spoil != nil {
		spoil()
	}
	// What has been started is finished and shown even when ctx is done.
	if err := d.report(began).show(context.WithoutCancel(ctx), failed); err != nil {
		return err
	}
	if !o.Serve {
		return nil
	}
	d.screen.Println("\n  Everything is up until Ctrl-C.")
	return w.keepUp(ctx)
}

// report is the report about this run, with everything that is open so far.
func (d *demo) report(began time.Time) *report {
	return &report{o: &d.o, screen: d.screen, folder: d.folder, names: d.names, stats: d.stats, rest: d.rest,
		tally: d.tally, source: d.source, way: d.way, apps: d.apps, began: began}
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
	path, err := inputPath(&d.o)
	if err != nil {
		return err
	}
	if err := d.o.services().Check(ctx); err != nil {
		return err
	}
	if err := d.openFolder(); err != nil {
		return err
	}
	d.names = newNames(&d.o, time.Now())
	if d.o.Serve {
		if err := d.listen(); err != nil {
			return err
		}
	}
	if d.o.File == "" {
		if path, err = exampleLog(d.folder); err != nil {
			return err
		}
	}
	if d.kafka, err = services.OpenKafka(ctx, d.o.Kafka); err != nil {
		return err
	}
	d.closing(d.kafka.Close)
	return d.openWay(ctx, path)
}

// openFolder takes the folder and opens the log file in it.
func (d *demo) openFolder() (err error) {
	if d.folder, err = folder.Open(d.o.Dir, d.o.Kafka[services.BootstrapServers]); err != nil {
		return err
	}
	d.closing(func() { _ = d.folder.Close() }) // nothing was written through it
	file, err := d.folder.Create("demo.log")
	if err != nil {
		return fmt.Errorf("write the log of the demo: %w", err)
	}
	d.closing(func() { _ = file.Close() }) // a log that is cut short is no failure
	d.log = screen.NewLogger(file, d.screen)
	return nil
}

// listen takes the addresses, so that one that is taken is an error before
// anything is started.
func (d *demo) listen() (err error) {
	if d.stats, err = pages.Listen("--http-listen", d.o.HTTPListen, DefaultHTTP); err != nil {
		return err
	}
	d.closing(d.stats.Close)
	if d.rest, err = pages.Listen("--rest-listen", d.o.RESTListen, DefaultREST); err != nil {
		return err
	}
	d.closing(d.rest.Close)
	return nil
}

// openWay creates the topics and counts what earlier runs left in them.
func (d *demo) openWay(ctx context.Context, path string) (err error) {
	d.way = newWay(&d.o, d.names)
	if d.tally, err = d.way.open(ctx, d.kafka); err != nil {
		return err
	}
	d.closing(d.tally.Close)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := d.tally.CatchUp(ctx); err != nil {
		return err
	}
	if d.source, err = openSource(path, d.names, d.tally); err != nil {
		return err
	}
	d.way.source = d.source
	d.way.countedBy(&outputs{o: &d.o, names: d.names, tally: d.tally, apps: d.apps})
	return nil
}

// start starts the stages, the source last, and returns how far each had got
// before anything moved.
func (d *demo) start(ctx context.Context) (first sample, err error) {
	for _, p := range programs() {
		app, err := startApp(p, d.kafka, d.names, d.folder, d.log)
		if err != nil {
			return first, err
		}
		d.apps[p.stage] = app
		d.closing(func() {
			app.stop()
			<-app.done
		})
	}
	if first, err = d.way.firstSample(ctx); err != nil {
		return first, err
	}
	if err := d.startWorker(ctx); err != nil {
		return first, err
	}
	for _, s := range d.way.list {
		if d.worker.configs[s.name] == nil || s.name == stageFile {
			continue
		}
		if err := d.worker.run(ctx, s.name); err != nil {
			return first, err
		}
	}
	if err := d.worker.run(ctx, stageFile); err != nil {
		return first, err
	}
	if d.o.Serve {
		d.stats.Serve(d.log, d.apps[stageStats].pages)
		d.rest.Serve(d.log, d.worker.pages())
	}
	return first, nil
}

func (d *demo) startWorker(ctx context.Context) (err error) {
	if d.worker, err = startWorker(ctx, d); err != nil {
		return err
	}
	d.closing(func() {
		if err := d.worker.Stop(context.WithoutCancel(ctx)); err != nil {
			d.log.Warn("stop the Connect worker", "error", err)
		}
	})
	return nil
}
