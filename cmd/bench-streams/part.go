package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/suiro/suiro/cmd/internal/bench"
)

// parts are the apps in the order in which they are measured.
var parts = []string{"json", "count", "distinct", "join"}

// has reports whether a part is to be measured.
func (o options) has(part string) bool { return slices.Contains(o.only, part) }

// counted is the number of the record up to which a run counts.
func (o options) counted() int { return o.warmup + o.records }

// tail is how many records come after those that count. The app that is killed goes on with
// them. Their ids were there before, so that counts which were lost show.
func (o options) tail() int { return max(o.records/10, 100_000) }

// all is how many records there are, an even number.
func (o options) all() int { return (o.counted() + o.tail()) / 2 * 2 }

// whole runs the app over its whole input.
func (r *run) whole(ctx context.Context) error {
	if err := r.prepare(ctx); err != nil {
		return err
	}
	defer r.end(context.WithoutCancel(ctx))
	if err := r.records(ctx); err != nil {
		return err
	}
	if r.app == "distinct" {
		if err := r.restart(ctx); err != nil {
			return fmt.Errorf("start it again after kill -9: %w", err)
		}
	}
	if err := r.finish(ctx); err != nil || r.app != "distinct" {
		return err
	}
	if err := r.restore(ctx); err != nil {
		return fmt.Errorf("restore its state: %w", err)
	}
	return nil
}

// records measures the app from the end of the warm-up, while it runs on.
func (r *run) records(ctx context.Context) error {
	if err := r.start(); err != nil {
		return err
	}
	warm, err := r.reach(ctx, int64(r.o.warmup))
	if err != nil {
		return err
	}
	all, err := r.reach(ctx, int64(r.o.counted()))
	if err != nil {
		return err
	}
	return r.report(r.app, bench.Between(warm, all))
}

// restart kills the app, and measures how long it takes from the start of the next process
// until that has committed the first record that it counted.
func (r *run) restart(ctx context.Context) error {
	r.process.Kill()
	before, err := r.group.settled(ctx)
	if err != nil {
		return err
	}
	if err := r.start(); err != nil {
		return err
	}
	again, err := r.reach(ctx, before+1)
	if err != nil {
		return err
	}
	peak, err := r.process.Peak()
	if err != nil {
		return err
	}
	took := again.At.Sub(r.process.Began)
	fmt.Printf("%-9s %-6s %6.2f s  %6.2f s CPU  %5.0f MB peak\n", "restart", r.program.name, took.Seconds(),
		again.CPU.Seconds(), peak)
	r.table.Add("restart", "seconds", r.program.name, took.Seconds())
	r.table.Add("restart", "CPU seconds", r.program.name, again.CPU.Seconds())
	r.table.Add("restart", "peak MB", r.program.name, peak)
	return nil
}

// finish lets the app come to the end of its input, stops it, and compares its output.
func (r *run) finish(ctx context.Context) error {
	if err := r.complete(ctx); err != nil {
		return err
	}
	if err := r.process.Stop(); err != nil {
		return err
	}
	got, err := readOutput(ctx, r)
	if err == nil {
		r.outputs.compare(r.program.name, r.app, got)
	}
	return err
}

// restore measures how the state comes back from its changelog when its folder is gone.
func (r *run) restore(ctx context.Context) error {
	if err := r.group.leave(ctx); err != nil {
		return err
	}
	if err := r.wipe(); err != nil {
		return err
	}
	if err := r.start(); err != nil {
		return err
	}
	from, err := r.until(ctx, func(h health) bool { return h.Tasks.Restoring > 0 })
	if err != nil {
		return err
	}
	to, err := r.until(ctx, func(h health) bool { return h.Tasks.Restoring == 0 && h.State == "RUNNING" })
	if err != nil {
		return err
	}
	to.Done = int64(r.o.all())
	if err := r.report("restore", bench.Between(from, to)); err != nil {
		return err
	}
	return r.process.Stop()
}

// report prints a rate with the peak of memory so far, and adds both to the table.
func (r *run) report(part string, rate bench.Rate) error {
	peak, err := r.process.Peak()
	if err != nil {
		return err
	}
	fmt.Printf("%-9s %-6s %s  %5.0f MB peak\n", part, r.program.name, rate, peak)
	r.table.Add(part, "CPU µs/record", r.program.name, rate.CPU)
	r.table.Add(part, "records/s", r.program.name, rate.Speed)
	r.table.Add(part, "peak MB", r.program.name, peak)
	return nil
}
