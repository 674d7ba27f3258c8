// Command bench-connect compares `suiro connect` with the standalone worker of Kafka
// Connect on a real broker. In one run on one machine the two take turns with the same
// worker properties, connectors, input and topics: a start without connectors, the file
// source, the file sink, and the file sink behind five transforms. It prints the CPU time for each
// record, from /proc, and the ratios of the medians. It needs Linux.
//
// With --elasticsearch it runs the Elasticsearch sink of `suiro connect` with its defaults
// and with other settings in turn, and prints the ratio of the defaults to the best of these.
//
//	bench-connect --bootstrap-servers 127.0.0.1:9092 --suiro ./suiro \
//	  --java "java -cp libs/* org.apache.kafka.connect.cli.ConnectStandalone"
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
	suiro      string
	java       string
	pluginPath string
	warmup     int
	records    int
	size       int
	partitions int
	rounds     int
	codec      string
	keep       string

	elasticsearch string
}

func main() {
	o, brokers := options{}, ""
	flag.StringVar(&brokers, "bootstrap-servers", "localhost:9092", "brokers to measure on")
	flag.StringVar(&o.suiro, "suiro", "", "the suiro binary")
	flag.StringVar(&o.java, "java", "", "command of a standalone worker of Kafka Connect; empty leaves it out")
	flag.StringVar(&o.pluginPath, "plugin-path", "", "plugin.path of the Java worker")
	flag.IntVar(&o.records, "records", 4_000_000, "records of a run that count as warm")
	flag.IntVar(&o.warmup, "warmup", 1_000_000, "records before them, which count as cold, together with the start")
	flag.IntVar(&o.size, "size", 100, "bytes of a record")
	flag.IntVar(&o.partitions, "partitions", 4, "partitions of the topics")
	flag.IntVar(&o.rounds, "rounds", 3, "runs of each worker; the median counts")
	flag.StringVar(&o.codec, "compression", "none", "compression.type of the source's producer, and of the sink's topic")
	flag.StringVar(&o.keep, "keep", "", "folder that keeps the logs of the workers; empty keeps nothing")
	flag.StringVar(&o.elasticsearch, "elasticsearch", "", "URL of a server: measure the Elasticsearch sink alone")
	flag.Parse()
	o.brokers = strings.Split(brokers, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if o.suiro == "" || o.warmup < 1 || o.records < 1 || o.rounds < 1 {
		fmt.Fprintln(os.Stderr, "bench-connect: --suiro is needed, and --records, --warmup and --rounds are at least 1")
		os.Exit(2)
	}
	run := measure
	if o.elasticsearch != "" {
		run = measureElasticsearch
	}
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench-connect:", err)
		os.Exit(1)
	}
}
