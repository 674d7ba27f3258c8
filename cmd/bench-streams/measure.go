package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/bench"
)

// program is a way to run the apps: a name for people, and a command line to which the name
// of an app and flags are added.
type program struct {
	name    string
	command []string
	suiro   bool
}

func programs(o options) []program {
	list := []program{{"suiro", []string{os.Args[0], appArg}, true}}
	if o.java != "" {
		list = append(list, program{"java", strings.Fields(o.java), false})
	}
	return list
}

// compared is one call of the command.
type compared struct {
	o        options
	client   *kgo.Client
	admin    *kadm.Client
	id       string // begins the names of its topics
	input    *input
	dir      string // for what is kept only while it runs
	programs []program
	table    bench.Table
	outputs  outputs
}

// measure runs everything and prints it.
func measure(ctx context.Context, o options) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(o.brokers...), kgo.ProducerBatchCompression(kgo.Lz4Compression()),
		kgo.MaxBufferedRecords(100_000))
	if err != nil {
		return err
	}
	defer cl.Close()
	dir, err := os.MkdirTemp("", "bench-streams")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &compared{o: o, client: cl, admin: kadm.NewClient(cl), id: fmt.Sprintf("bench-streams-%d", time.Now().Unix()),
		dir: dir, programs: programs(o), outputs: outputs{o: o, first: map[string]output{}}}
	b.input = newInput(o, b.id, time.Now())
	defer b.delete(context.WithoutCancel(ctx), b.id)
	if err := b.input.load(ctx, cl); err != nil {
		return fmt.Errorf("prepare the input: %w", err)
	}
	for round := range o.rounds {
		if err := b.round(ctx, round); err != nil {
			return err
		}
	}
	b.print()
	return errors.Join(b.outputs.wrong...)
}

// round lets the programs do everything once, in turn.
func (b *compared) round(ctx context.Context, round int) error {
	began := time.Now()
	for _, part := range parts {
		if !b.o.has(part) {
			continue
		}
		for _, p := range b.programs {
			fmt.Printf("round %d  ", round+1)
			if err := b.newRun(p, part, round).whole(ctx); err != nil {
				return fmt.Errorf("%s, %s: %w", p.name, part, err)
			}
		}
	}
	fmt.Printf("round %d took %v\n", round+1, time.Since(began).Round(time.Second))
	return nil
}

// print prints the table, and what belongs beside it.
func (b *compared) print() {
	b.table.Print(os.Stdout)
	fmt.Printf("\n%d records after %d that warm both up, %d partitions, lz4, %s, %d thread(s), %d round(s), %d cores.\n",
		b.o.records, b.o.warmup, b.o.partitions, b.o.guarantee, b.o.threads, b.o.rounds, runtime.NumCPU())
	if b.o.java != "" {
		fmt.Printf("java: %s\n", b.o.java)
	}
	fmt.Printf("Repeat it with: RECORDS=%d WARMUP=%d ROUNDS=%d GUARANTEE=%s THREADS=%d ONLY=%s make bench-streams\n",
		b.o.records, b.o.warmup, b.o.rounds, b.o.guarantee, b.o.threads, strings.Join(b.o.only, ","))
	switch {
	case len(b.outputs.wrong) > 0 || len(b.programs) < 2:
	case b.o.guarantee == "at_least_once":
		fmt.Println("The programs have written the same. What they counted after kill -9 was not compared.")
	default:
		fmt.Println("The programs have written the same.")
	}
}

// folder is where the logs of apps are.
func (b *compared) folder() string {
	if b.o.keep != "" {
		return b.o.keep
	}
	return b.dir
}

// delete deletes all topics and groups whose name begins with the prefix. What stays is only
// in the way.
func (b *compared) delete(ctx context.Context, prefix string) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var topics []string
	if all, err := b.admin.ListTopics(ctx); err == nil {
		for _, name := range all.Names() {
			if strings.HasPrefix(name, prefix) {
				topics = append(topics, name)
			}
		}
	}
	_, _ = b.admin.DeleteTopics(ctx, topics...)
	if groups, err := b.admin.ListGroups(ctx); err == nil {
		for _, name := range groups.Groups() {
			if strings.HasPrefix(name, prefix) {
				_, _ = b.admin.DeleteGroup(ctx, name)
			}
		}
	}
}
