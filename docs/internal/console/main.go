// Console stands in for Kafka's console producer and consumer where a page of docs/guides is tested
// without Kafka's own tools. It knows the flags that the pages use.
//
//	console producer --bootstrap-server HOST:PORT --topic TOPIC             each line of the input is a record
//	console consumer --bootstrap-server HOST:PORT --topic TOPIC --from-beginning --max-messages N
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "console:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("producer or consumer is missing")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	server := flags.String("bootstrap-server", "", "address of a broker")
	topic := flags.String("topic", "", "topic to write or read")
	flags.Bool("from-beginning", false, "read from the beginning, which the consumer always does")
	count := flags.Int("max-messages", 0, "records to read; 0 is without end")
	format := flags.String("formatter-property", "", "print.headers=true prints the headers before the value")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(*server), kgo.DefaultProduceTopic(*topic))
	if err != nil {
		return err
	}
	defer client.Close()
	if args[0] == "producer" {
		return produce(ctx, client, in)
	}
	client.AddConsumeTopics(*topic)
	return consume(ctx, client, *count, *format == "print.headers=true", out)
}

func produce(ctx context.Context, client *kgo.Client, in io.Reader) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := client.ProduceSync(ctx, kgo.StringRecord(lines.Text())).FirstErr(); err != nil {
			return err
		}
	}
	return lines.Err()
}

func consume(ctx context.Context, client *kgo.Client, count int, headers bool, out io.Writer) error {
	for n := 0; ctx.Err() == nil; {
		for _, r := range client.PollFetches(ctx).Records() {
			if headers {
				fmt.Fprintf(out, "%s\t", list(r.Headers))
			}
			fmt.Fprintf(out, "%s\n", r.Value)
			if n++; n == count {
				return nil
			}
		}
	}
	return nil
}

// list prints headers as Kafka's consumer does.
func list(headers []kgo.RecordHeader) string {
	var all []string
	for _, h := range headers {
		all = append(all, fmt.Sprintf("%s:%s", h.Key, h.Value))
	}
	return strings.Join(all, ",")
}
