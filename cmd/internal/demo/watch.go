package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// errInterrupted is why a run ended that a person ended.
var errInterrupted = errors.New("interrupted before the end of the log")

const (
	// sampleEvery is how often progress is looked at, paintEvery how often it
	// is shown.
	sampleEvery = 200 * time.Millisecond
	paintEvery  = time.Second
	// stalledAfter is how long nothing may move once the log has been read.
	stalledAfter = 2 * time.Minute
	// failedAfter is how long a connector may stay failed.
	failedAfter = 15 * time.Second
	// drainFor is how long what is in Kafka may take after an interruption.
	drainFor = 20 * time.Second
)

// watch shows progress until everything has arrived, and returns nil; or why
// it will not.
func (d *demo) watch(ctx context.Context) error {
	shown, last, moved := d.first, sample{}, time.Now()
	for {
		if err := d.stageFailure(); err != nil {
			return err
		}
		s, err := d.sample(ctx)
		if err != nil && ctx.Err() == nil && time.Since(moved) > stalledAfter {
			return err
		}
		if err == nil {
			d.followInternal()
			waits := d.input == standardInput && !d.worker.ended() // for whoever writes there
			if !slices.Equal(s.stages, last.stages) || waits {
				last, moved = s, time.Now()
			}
			if s.at.Sub(shown.at) >= paintEvery {
				d.screen.paint(d.progressLines(s, shown))
				shown = s
			}
			if done, err := d.arrived(ctx, s); done || err != nil {
				return interrupted(ctx, err)
			}
		}
		if time.Since(moved) > stalledAfter {
			return d.stall(last)
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
func (d *demo) arrived(ctx context.Context, s sample) (bool, error) {
	if !d.worker.ended() || !s.idle() {
		return false, nil
	}
	return d.through(ctx)
}

// followInternal lets the tally read the stages' own topics too, once the
// stages have made them.
func (d *demo) followInternal() {
	if app := d.apps[stageStats]; app != nil {
		for _, s := range d.list {
			for _, topic := range s.inputs {
				d.tally.add(topic)
			}
		}
	}
}

// stageFailure is why a stage cannot go on.
func (d *demo) stageFailure() error {
	for _, name := range slices.Sorted(maps.Keys(d.apps)) {
		if err := d.apps[name].failure(); err != nil {
			return fmt.Errorf("stage %s stopped: %w", name, err)
		}
	}
	for _, s := range d.list {
		why, failed := d.worker.trouble(s.name)
		switch since, known := d.failing[s.name]; {
		case !failed:
			delete(d.failing, s.name)
		case !known:
			d.failing[s.name] = time.Now()
		case time.Since(since) > failedAfter:
			return fmt.Errorf("stage %s failed: %s", s.name, why)
		}
	}
	return nil
}

// stall says where nothing moves.
func (d *demo) stall(s sample) error {
	var errs []error
	for i, p := range s.stages {
		if p.lag == 0 {
			continue
		}
		err := fmt.Errorf("stage %s has done nothing for %s and still has %s records to do",
			d.list[i].name, stalledAfter, number(p.lag))
		if why, _ := d.worker.trouble(d.list[i].name); why != "" {
			err = fmt.Errorf("%w: %s", err, why)
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return fmt.Errorf("nothing has moved for %s: look into %s", stalledAfter, d.folder.shown(d.folder.file("demo.log")))
	}
	return errors.Join(errs...)
}

// halt ends the run before its end: the source stops, what is in Kafka is
// finished if that does not take long, and then the rest stops.
func (d *demo) halt(ctx context.Context, why error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	d.cutOff = !d.worker.ended()
	d.screen.above("")
	if errors.Is(why, errInterrupted) {
		d.screen.println("  Interrupted: no further line is read, and what is in Kafka is finished. Ctrl-C again ends it at once.")
	} else {
		d.screen.printf("  Stopping: %v", why)
	}
	if err := d.worker.Delete(ctx, d.names.connector(stageFile)); err != nil {
		d.log.Warn("stop the file source", "error", err)
	}
	for errors.Is(why, errInterrupted) {
		if through, err := d.through(ctx); through || err != nil {
			return
		}
		if pause(ctx, sampleEvery) != nil {
			break
		}
	}
	d.stopStages()
}

// stopStages stops what can be counted when it does not run.
func (d *demo) stopStages() {
	for _, s := range d.list {
		if d.worker.configs[s.name] != nil && s.name != stageFile {
			if err := d.worker.Delete(context.Background(), d.names.connector(s.name)); err != nil {
				d.log.Warn("stop a connector", "stage", s.name, "error", err)
			}
		}
	}
	for _, app := range d.apps {
		if app.stage != stageStats {
			app.stop()
			<-app.done
		}
	}
}
