// Command bench-streams compares stream apps of Suiro with the same apps in Kafka Streams
// on a real broker. In one run on one machine the two take turns with the same input: LTSV
// to JSON, a count per host and minute through a repartition topic, a count with as many
// keys as records, the restore of that count's state from its changelog, the time until it
// runs again after kill -9, and a join of two streams. It prints the processor time for
// each record, the rate, the peak of memory, and the ratios of the medians, and it compares
// what the two have written. It needs Linux.
//
//	bench-streams --bootstrap-servers 127.0.0.1:9092 --java "java -Xmx1g -cp libs/* peer.Peer"
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/suiro/suiro/streams/cli"
)

type options struct {
	brokers    []string
	java       string
	only       []string
	guarantee  string
	warmup     int
	records    int
	partitions int
	threads    int
	rounds     int
	keep       string
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == appArg {
		p, ok := apps()[os.Args[2]]
		if !ok {
			usage("there is no app " + os.Args[2])
		}
		os.Args = append(os.Args[:1], os.Args[3:]...)
		cli.Main(p) // exits
	}
	o, brokers, only := options{}, "", ""
	flag.StringVar(&brokers, "bootstrap-servers", "localhost:9092", "brokers to measure on")
	flag.StringVar(&o.java, "java", "", "command of the same apps in Kafka Streams; empty leaves them out")
	flag.StringVar(&only, "only", strings.Join(parts, ","), "what to measure; restore and restart come with distinct")
	flag.StringVar(&o.guarantee, "guarantee", "exactly_once_v2", "processing.guarantee of both")
	flag.IntVar(&o.records, "records", 4_000_000, "records of a run that count")
	flag.IntVar(&o.warmup, "warmup", 1_000_000, "records before them, for just-in-time compilers")
	flag.IntVar(&o.partitions, "partitions", 4, "partitions of the topics")
	flag.IntVar(&o.threads, "threads", 1, "num.stream.threads of both")
	flag.IntVar(&o.rounds, "rounds", 3, "runs of each; the median counts")
	flag.StringVar(&o.keep, "keep", "", "folder that keeps the logs of the apps; empty keeps nothing")
	flag.Parse()
	o.brokers, o.only = strings.Split(brokers, ","), strings.Split(only, ",")
	if o.warmup < 1 || o.records < 1 || o.rounds < 1 || o.partitions < 1 {
		usage("--records, --warmup, --rounds and --partitions must be at least 1")
	}
	for _, part := range o.only {
		if !slices.Contains(parts, part) {
			usage(fmt.Sprintf("--only %s: choose from %s", part, strings.Join(parts, ",")))
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measure(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench-streams:", err)
		os.Exit(1)
	}
}

func usage(mistake string) {
	fmt.Fprintln(os.Stderr, "bench-streams:", mistake)
	os.Exit(2)
}
