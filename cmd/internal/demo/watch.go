package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/cmd/internal/demo/folder"
	"github.com/suiro/suiro/cmd/internal/demo/screen"
)

// errInterrupted is why a run ended that a person interrupted.
var errInterrupted = errors.New("interrupted before the end of the log")

const (
	// sampleEvery is how often progress is measured, paintEvery how often it is
	// shown.
	sampleEvery = 200 * time.Millisecond
	paintEvery  = time.Second
	// stalledAfter is how long nothing may move once the log has been read.
	stalledAfter = 2 * time.Minute
	// failedAfter is how long a connector may stay failed.
	failedAfter = 15 * time.Second
	// drainFor is how long the stages may take, after an interruption, to finish
	// what is in Kafka.
	drainFor = 20 * time.Second
)

// watcher looks after the stages while they run.
type watcher struct {
	screen  *screen.Screen
	folder  folder.Folder
	log     *slog.Logger
	names   names
	way     *way
	source  *source
	apps    map[string]*running
	worker  *worker
	began   time.Time
	failing map[string]time.Time // by stage: since when its connector has been failed
}

func newWatcher(d *demo, began time.Time) *watcher {
	return &watcher{screen: d.screen, folder: d.folder, log: d.log, names: d.names, way: d.way, source: d.source,
		apps: d.apps, worker: d.worker, began: began, failing: map[string]time.Time{}}
}

// watch shows progress until everything has arrived, and returns nil. The error
// is why not everything will arrive.
func (w *watcher) watch(ctx context.Context, first sample) error {
	shown, last, moved := first, sample{}, time.Now()
	for {
		if err := w.failure(); err != nil {
			return err
		}
		s, err := w.way.sample(ctx)
		if err != nil && ctx.Err() == nil && time.Since(moved) > stalledAfter {
			return err
		}
		if err == nil {
			w.way.followInternal()
			waits := w.source.path == standardInput && !w.worker.ended() // for more input
			if !slices.Equal(s.stages, last.stages) || waits {
				last, moved = s, time.Now()
			}
			if s.at.Sub(shown.at) >= paintEvery {
				w.screen.Paint(w.progressLines(s, shown))
				shown = s
			}
			if done, err := w.arrived(ctx, s); done || err != nil {
				return interrupted(ctx, err)
			}
		}
		if time.Since(moved) > stalledAfter {
			return w.stall(last)
		}
		if pause(ctx, sampleEvery) != nil {
			return errInterrupted
		}
	}
}

func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// arrived reports whether the log has been read and all of it has arrived.
func (w *watcher) arrived(ctx context.Context, s sample) (bool, error) {
	if !w.worker.ended() || !s.idle() {
		return false, nil
	}
	return w.way.through(ctx)
}

// keepUp waits until ctx is done or a stage fails.
func (w *watcher) keepUp(ctx context.Context) error {
	for {
		if err := w.failure(); err != nil {
			return err
		}
		if pause(ctx, time.Second) != nil {
			return nil
		}
	}
}

// failure is why a stage cannot go on.
func (w *watcher) failure() error {
	for _, name := range slices.Sorted(maps.Keys(w.apps)) {
		if err := w.apps[name].failure(); err != nil {
			return fmt.Errorf("stage %s stopped: %w", name, err)
		}
	}
	for _, s := range w.way.list {
		why, failed := w.worker.trouble(s.name)
		switch since, known := w.failing[s.name]; {
		case !failed:
			delete(w.failing, s.name)
		case !known:
			w.failing[s.name] = time.Now()
		case time.Since(since) > failedAfter:
			return fmt.Errorf("stage %s failed: %s", s.name, why)
		}
	}
	return nil
}

// stall says which stages have stopped moving.
func (w *watcher) stall(s sample) error {
	var errs []error
	for i, p := range s.stages {
		if p.lag == 0 {
			continue
		}
		name := w.way.list[i].name
		err := fmt.Errorf("stage %s has done nothing for %s and still has %s records to process",
			name, stalledAfter, screen.Number(p.lag))
		if why, _ := w.worker.trouble(name); why != "" {
			err = fmt.Errorf("%w: %s", err, why)
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return fmt.Errorf("nothing has moved for %s: see %s", stalledAfter,
			w.folder.Shown(w.folder.File("demo.log")))
	}
	return errors.Join(errs...)
}

// progressLines shows the stages since the last sample.
func (w *watcher) progressLines(now, last sample) []string {
	seconds := now.at.Sub(last.at).Seconds()
	lines := make([][]string, 0, len(now.stages))
	for i, p := range now.stages {
		rate := int64(float64(p.processed-last.stages[i].processed) / seconds)
		lag := screen.Number(p.lag)
		if p.lag < 0 {
			lag = "?"
		}
		lines = append(lines, []string{
			fmt.Sprintf("%4ds  %s", int(now.at.Sub(w.began).Seconds()), w.way.list[i].name),
			screen.Number(max(rate, 0)) + " records/s", "lag " + screen.Pad(lag, 9),
			"rejected " + screen.Pad(screen.Number(p.rejected), 6)})
	}
	// The first line, left out in the end, keeps the columns in place when numbers
	// grow.
	wide := append([][]string{{strings.Repeat(" ", 20), strings.Repeat(" ", 18), "", ""}}, lines...)
	return screen.Aligned(wide)[1:]
}

// halt ends the run early: the source stops, the stages get drainFor to finish
// what is in Kafka if a person interrupted the run, and then they stop too.
func (w *watcher) halt(ctx context.Context, why error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	w.source.cutOff = !w.worker.ended()
	w.screen.Above("")
	if errors.Is(why, errInterrupted) {
		w.screen.Println("  Interrupted: no more lines are read; records already in Kafka are still processed. " +
			"Press Ctrl-C again to stop at once.")
	} else {
		w.screen.Printf("  Stopping: %v", why)
	}
	if err := w.worker.Delete(ctx, w.names.connector(stageFile)); err != nil {
		w.log.Warn("stop the file source", "error", err)
	}
	for errors.Is(why, errInterrupted) {
		if through, err := w.way.through(ctx); through || err != nil {
			return
		}
		if pause(ctx, sampleEvery) != nil {
			break
		}
	}
	w.stopStages()
}

// stopStages stops every stage whose output can be counted without it. The store
// of server-stats can be queried only while the app runs.
func (w *watcher) stopStages() {
	for _, s := range w.way.list {
		if w.worker.configs[s.name] != nil && s.name != stageFile {
			if err := w.worker.Delete(context.Background(), w.names.connector(s.name)); err != nil {
				w.log.Warn("stop a connector", "stage", s.name, "error", err)
			}
		}
	}
	for _, app := range w.apps {
		if app.stage != stageStats {
			app.stop()
			<-app.done
		}
	}
}
