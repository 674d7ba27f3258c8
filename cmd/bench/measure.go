package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/cputime"
	"github.com/suiro/suiro/internal/kill/verify"
)

// result is one run of one program.
type result struct {
	cpu  float64 // microseconds a record, user and system, after the warm-up
	rate float64 // records a second, after the warm-up
	rss  float64 // peak megabytes
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
			fmt.Printf("round %d  %-30s %6.2f µs/record CPU  %8.0f records/s  %5.0f MB peak\n", round+1, p.name, r.cpu, r.rate,
				r.rss)
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
	return []string{o.app, "--bootstrap-servers", strings.Join(o.brokers, ","), "--application-id", out,
		"--input-topic", o.input, "--output-topic", out, "--state-dir", state, "--processing-guarantee", guarantee,
		"--commit-interval-ms", "1000", "--ltsv-types", benchTypes, "--ltsv-drop", benchDrop}
}

func report(programs []program, results map[string][]result) {
	column := func(p program, f func(result) float64) float64 {
		var v []float64
		for _, r := range results[p.name] {
			v = append(v, f(r))
		}
		return median(v)
	}
	cpu := func(r result) float64 { return r.cpu }
	floor := column(programs[0], cpu)
	fmt.Printf("\n%-30s %12s %12s %10s %12s\n", "median", "CPU µs/rec", "records/s", "peak MB", "CPU ÷ bare")
	for _, p := range programs {
		fmt.Printf("%-30s %12.2f %12.0f %10.0f %12.2f\n", p.name, column(p, cpu),
			column(p, func(r result) float64 { return r.rate }),
			column(p, func(r result) float64 { return r.rss }), column(p, cpu)/floor)
	}
}

// runOne runs a program over the whole input as a process of its own and reads
// its CPU time from the kernel.
func runOne(ctx context.Context, cl *kgo.Client, o options, p program, id string) (result, error) {
	if err := makeTopic(ctx, cl, id, o.partitions); err != nil {
		return result{}, err
	}
	state, err := os.MkdirTemp("", "bench")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(state)
	args := p.command(id, state)
	cmd := exec.Command(args[0], args[1:]...)
	log, err := os.Create(state + "/log")
	if err != nil {
		return result{}, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return result{}, err
	}
	r, err := watch(ctx, cl, o, id, cmd)
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		return result{}, fmt.Errorf("%w\n%s", err, text)
	}
	r.rss = float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
	return r, check(ctx, cl, o, id)
}

// sample is what a process had done at a moment.
type sample struct {
	at   time.Time
	cpu  time.Duration
	done int64
}

// watch follows the group's committed offsets from the end of the warm-up to
// the end of the input, and stops the process.
func watch(ctx context.Context, cl *kgo.Client, o options, group string, cmd *exec.Cmd) (result, error) {
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	adm := kadm.NewClient(cl)
	first := sample{at: time.Now()}
	for {
		now, err := take(ctx, adm, cmd.Process.Pid, group)
		if err != nil {
			cmd.Process.Kill()
			return result{}, err
		}
		if first.done == 0 && o.warmup > 0 && now.done >= int64(o.warmup) {
			first = now
		}
		if now.done >= int64(o.records) {
			cmd.Process.Signal(syscall.SIGTERM)
			<-exited
			n := float64(now.done - first.done)
			return result{
				cpu:  float64((now.cpu - first.cpu).Microseconds()) / n,
				rate: n / now.at.Sub(first.at).Seconds(),
			}, nil
		}
		select {
		case err := <-exited:
			return result{}, fmt.Errorf("ended early: %v", err)
		case <-ctx.Done():
			cmd.Process.Kill()
			return result{}, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func take(ctx context.Context, adm *kadm.Client, pid int, group string) (sample, error) {
	s := sample{at: time.Now()}
	committed, err := adm.FetchOffsets(ctx, group)
	if err == nil { // the group may not be there yet
		committed.Each(func(c kadm.OffsetResponse) { s.done += max(0, c.At) })
	}
	s.cpu, err = cputime.Of(pid)
	return s, err
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
