// Command bench measures LTSV to JSON on a real broker. In one run on one machine it
// takes turns between the example app, a bare franz-go loop that does the same
// transform and nothing else, and optionally a peer such as Kafka Streams. It prints
// the CPU time for each record and its ratio to that of the loop, which is the least
// that an engine can reach.
//
//	bench --bootstrap-servers 127.0.0.1:9092 --app ./ltsv-json
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

type options struct {
	brokers    []string
	app        string
	peer       string
	warmup     int
	records    int
	partitions int
	rounds     int
	guarantees []string
	input      string
	// bare is set in the child process that runs the loop.
	bare   bool
	output string
}

func main() {
	o, brokers, guarantees := options{}, "", ""
	flag.StringVar(&brokers, "bootstrap-servers", "localhost:9092", "brokers to measure on")
	flag.StringVar(&o.app, "app", "", "the ltsv-json binary")
	flag.StringVar(&o.peer, "peer", "", "command of a program to compare with, with {in} {out} {group} {servers} "+
		"{state} {guarantee} in it")
	flag.IntVar(&o.records, "records", 1_000_000, "records of each run")
	flag.IntVar(&o.warmup, "warmup", 0, "records at the start of a run that are not counted, for just-in-time compilers")
	flag.IntVar(&o.partitions, "partitions", 4, "partitions of input and output")
	flag.IntVar(&o.rounds, "rounds", 3, "runs of each program; the median counts")
	flag.StringVar(&guarantees, "guarantees", "at_least_once,exactly_once_v2", "processing guarantees to measure")
	flag.StringVar(&o.input, "input-topic", "", "topic that holds the records already; empty creates one")
	flag.StringVar(&o.output, "output-topic", "", "used with --bare")
	flag.BoolVar(&o.bare, "bare", false, "be the bare loop (used by bench itself)")
	flag.Parse()
	o.brokers, o.guarantees = strings.Split(brokers, ","), strings.Split(guarantees, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := measure
	if o.bare {
		run = bareLoop
	} else if o.app == "" {
		fmt.Fprintln(os.Stderr, "bench: --app is missing: build ./examples/ltsv-json and name the binary")
		os.Exit(2)
	}
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
