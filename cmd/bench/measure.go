package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// result is one run of one program.
type result struct {
	cpu  float64 // microseconds a record, user and system
	rate float64 // records a second, from start to end of the process
	rss  float64 // peak megabytes
}

// measure runs the programs in turn and prints what each took.
func measure(ctx context.Context, o options) error {
	if o.app == "" {
		return errors.New("--app is missing: build ./examples/ltsv-json and name the binary")
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(o.brokers...), kgo.ProducerBatchCompression(kgo.Lz4Compression()),
		kgo.MaxBufferedRecords(100_000), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return err
	}
	defer cl.Close()
	run := fmt.Sprintf("bench-%d", time.Now().Unix())
	if o.input == "" {
		o.input = run + "-in"
		if err := load(ctx, cl, o.input, o); err != nil {
			return fmt.Errorf("load %s: %w", o.input, err)
		}
	}
	programs := append([]string{"bare loop"}, o.guarantees...)
	results := map[string][]result{}
	for round := range o.rounds {
		for i, p := range programs {
			r, err := runOne(ctx, cl, o, p, fmt.Sprintf("%s-%d-%d", run, round, i))
			if err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
			fmt.Printf("round %d  %-16s %6.2f µs/record CPU  %8.0f records/s  %5.0f MB peak\n", round+1, p, r.cpu, r.rate, r.rss)
			results[p] = append(results[p], r)
		}
	}
	report(programs, results)
	return nil
}

func report(programs []string, results map[string][]result) {
	column := func(p string, f func(result) float64) float64 {
		var v []float64
		for _, r := range results[p] {
			v = append(v, f(r))
		}
		return median(v)
	}
	cpu := func(r result) float64 { return r.cpu }
	floor := column(programs[0], cpu)
	fmt.Printf("\n%-18s %12s %12s %10s %10s\n", "median", "CPU µs/rec", "records/s", "peak MB", "CPU ratio")
	for _, p := range programs {
		fmt.Printf("%-18s %12.2f %12.0f %10.0f %10.2f\n", p, column(p, cpu),
			column(p, func(r result) float64 { return r.rate }),
			column(p, func(r result) float64 { return r.rss }), column(p, cpu)/floor)
	}
}

// runOne runs a program over the whole input as a process of its own, whose
// CPU time the kernel tells.
func runOne(ctx context.Context, cl *kgo.Client, o options, program, id string) (result, error) {
	if err := makeTopic(ctx, cl, id, o.partitions); err != nil {
		return result{}, err
	}
	state, err := os.MkdirTemp("", "bench")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(state)
	cmd := command(o, program, id, state)
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return result{}, err
	}
	took, err := finish(ctx, cl, o, program, id, cmd, start)
	if err != nil {
		return result{}, err
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return result{
		cpu:  float64(cpu.Microseconds()) / float64(o.records),
		rate: float64(o.records) / took.Seconds(),
		rss:  float64(usage.Maxrss) / 1024,
	}, check(ctx, cl, o, id)
}

func command(o options, program, id, state string) *exec.Cmd {
	if program == "bare loop" {
		return exec.Command(os.Args[0], "--bare", "--bootstrap-servers", strings.Join(o.brokers, ","),
			"--input-topic", o.input, "--output-topic", id, "--records", fmt.Sprint(o.records))
	}
	return exec.Command(o.app, "--bootstrap-servers", strings.Join(o.brokers, ","), "--application-id", id,
		"--input-topic", o.input, "--output-topic", id, "--state-dir", state, "--processing-guarantee", program,
		"--commit-interval-ms", interval(program))
}

// interval is the commit interval of a guarantee: Kafka Streams' default for
// exactly once, and a second for at least once, as the bare loop has.
func interval(program string) string {
	if program == "at_least_once" {
		return "1000"
	}
	return "100"
}

// finish waits for the program: the loop ends by itself, the app is told to
// when it has committed all of the input.
func finish(ctx context.Context, cl *kgo.Client, o options, program, id string, cmd *exec.Cmd, start time.Time) (time.Duration, error) {
	if program == "bare loop" {
		err := cmd.Wait()
		return time.Since(start), err
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	adm := kadm.NewClient(cl)
	for {
		lag, err := remaining(ctx, adm, o, id)
		if err != nil || lag == 0 {
			took := time.Since(start)
			return took, errors.Join(err, cmd.Process.Signal(syscall.SIGTERM), <-exited)
		}
		select {
		case err := <-exited:
			return 0, fmt.Errorf("ended early: %w", err)
		case <-ctx.Done():
			return 0, errors.Join(ctx.Err(), cmd.Process.Kill(), <-exited)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// remaining returns how many records the group has not committed.
func remaining(ctx context.Context, adm *kadm.Client, o options, group string) (int64, error) {
	ends, err := adm.ListEndOffsets(ctx, o.input)
	if err != nil {
		return 0, err
	}
	left := int64(0)
	ends.Each(func(e kadm.ListedOffset) { left += e.Offset })
	committed, err := adm.FetchOffsets(ctx, group)
	if err != nil {
		return left, nil // the group is not there yet
	}
	committed.Each(func(c kadm.OffsetResponse) {
		if c.At > 0 {
			left -= c.At
		}
	})
	return left, nil
}

// check counts the committed records of the output.
func check(ctx context.Context, cl *kgo.Client, o options, topic string) error {
	reader, err := kgo.NewClient(kgo.SeedBrokers(o.brokers...), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		return err
	}
	defer reader.Close()
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for n := 0; n < o.records; {
		n += reader.PollFetches(ctx).NumRecords()
		if ctx.Err() != nil {
			return fmt.Errorf("output %s holds %d of %d records", topic, n, o.records)
		}
	}
	_, err = kadm.NewClient(cl).DeleteTopics(ctx, topic)
	return err
}
