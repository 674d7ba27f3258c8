package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/bench"
	"github.com/suiro/suiro/internal/kill/verify"
)

// result is one run of one program.
type result struct {
	bench.Rate         // after the warm-up
	rss        float64 // peak megabytes
}

// program is what is run: a name for people, and a command line.
type program struct {
	name string
	// command returns the arguments of a run that writes to out.
	command func(out, state string) []string
}

// measure runs the programs in turn and prints what each took.
func measure(ctx context.Context, o options) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(o.brokers...), kgo.ProducerBatchCompression(kgo.Lz4Compression()),
		kgo.MaxBufferedRecords(100_000))
	if err != nil {
		return err
	}
	defer cl.Close()
	run := fmt.Sprintf("bench-%d", time.Now().Unix())
	if o.input == "" {
		o.input = run + "-in"
		fmt.Printf("loading %d records into %s ...\n", o.records, o.input)
		if err := load(ctx, cl, o.input, o); err != nil {
			return fmt.Errorf("load %s: %w", o.input, err)
		}
	}
	programs := programs(o)
	results := map[string][]result{}
	for round := range o.rounds {
		for i, p := range programs {
			r, err := runOne(ctx, cl, o, p, fmt.Sprintf("%s-%d-%d", run, round, i))
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			fmt.Printf("round %d  %-30s %s  %5.0f MB peak\n", round+1, p.name, r.Rate, r.rss)
			results[p.name] = append(results[p.name], r)
		}
	}
	report(programs, results)
	return nil
}

func programs(o options) []program {
	list := []program{{"bare franz-go loop", func(out, _ string) []string {
		return []string{os.Args[0], "--bare", "--bootstrap-servers", strings.Join(o.brokers, ","),
			"--input-topic", o.input, "--output-topic", out}
	}}}
	for _, g := range o.guarantees {
		list = append(list, program{"suiro " + g, func(out, state string) []string { return appCommand(o, g, out, state) }})
	}
	if o.peer == "" {
		return list
	}
	for _, g := range o.guarantees {
		list = append(list, program{"peer " + g, func(out, state string) []string {
			return strings.Fields(strings.NewReplacer("{in}", o.input, "{out}", out, "{group}", out, "{state}", state,
				"{servers}", strings.Join(o.brokers, ","), "{guarantee}", g).Replace(o.peer))
		}})
	}
	return list
}

func appCommand(o options, guarantee, out, state string) []string {
	return append([]string{o.app, "--bootstrap-servers", strings.Join(o.brokers, ","), "--application-id", out,
		"--input-topic", o.input, "--output-topic", out, "--state-dir", state, "--processing-guarantee", guarantee,
		"--commit-interval-ms", "1000"}, bench.JSONFlags()...)
}

func report(programs []program, results map[string][]result) {
	column := func(p program, f func(result) float64) float64 {
		var v []float64
		for _, r := range results[p.name] {
			v = append(v, f(r))
		}
		return bench.Median(v)
	}
	cpu := func(r result) float64 { return r.CPU }
	floor := column(programs[0], cpu)
	fmt.Printf("\n%-30s %12s %12s %10s %12s\n", "median", "CPU µs/rec", "records/s", "peak MB", "CPU ÷ bare")
	for _, p := range programs {
		fmt.Printf("%-30s %12.2f %12.0f %10.0f %12.2f\n", p.name, column(p, cpu),
			column(p, func(r result) float64 { return r.Speed }),
			column(p, func(r result) float64 { return r.rss }), column(p, cpu)/floor)
	}
}

// runOne runs a program over the whole input as a process of its own.
func runOne(ctx context.Context, cl *kgo.Client, o options, p program, id string) (result, error) {
	if err := bench.MakeTopic(ctx, cl, id, o.partitions); err != nil {
		return result{}, err
	}
	state, err := os.MkdirTemp("", "bench")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(state)
	process, err := bench.Start(state+"/log", p.command(id, state)...)
	if err != nil {
		return result{}, err
	}
	r, err := watch(ctx, cl, o, id, process)
	if err = errors.Join(err, process.Stop()); err != nil {
		return result{}, err
	}
	return r, check(ctx, cl, o, id)
}

// watch follows the group's committed offsets from the end of the warm-up to
// the end of the input.
func watch(ctx context.Context, cl *kgo.Client, o options, group string, p *bench.Process) (r result, err error) {
	adm := kadm.NewClient(cl)
	var from, now bench.Sample
	for _, until := range []int{o.warmup, o.records} {
		from = now
		err := p.Wait(ctx, 50*time.Millisecond, func() (bool, error) {
			done, err := committed(ctx, adm, group)
			if err == nil {
				now, err = p.Sample(done)
			}
			return now.Done >= int64(until), err
		})
		if err != nil {
			return r, err
		}
	}
	if o.warmup == 0 {
		from = bench.Sample{At: p.Began}
	}
	r.Rate = bench.Between(from, now)
	r.rss, err = p.Peak()
	return r, err
}

// committed is how many records a group has done.
func committed(ctx context.Context, adm *kadm.Client, group string) (done int64, err error) {
	offsets, err := adm.FetchOffsets(ctx, group)
	if err != nil {
		return 0, nil // the group may not be there yet
	}
	offsets.Each(func(c kadm.OffsetResponse) { done += max(0, c.At) })
	return done, nil
}

// check counts the committed records of the output. There must be as many as were
// read: nothing failed, so none may be lost or written twice.
func check(ctx context.Context, cl *kgo.Client, o options, topic string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	adm := kadm.NewClient(cl)
	ranges, err := verify.Ends(ctx, adm, topic)
	if err != nil {
		return err
	}
	n := 0
	err = verify.Read(ctx, []kgo.Opt{kgo.SeedBrokers(o.brokers...)}, topic, ranges, kgo.ReadCommitted(),
		func(*kgo.Record) { n++ })
	if err != nil {
		return err
	}
	if n != o.records {
		return fmt.Errorf("output %s holds %d records, want %d", topic, n, o.records)
	}
	_, err = adm.DeleteTopics(ctx, topic)
	return err
}
