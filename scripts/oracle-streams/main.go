// Command oracle-streams makes topologies with their input, answers them with the
// streams of this module, and compares the answers with those of Kafka Streams.
// The script run beside it does all of this; README.md says more.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/compare"
	"github.com/suiro/suiro/scripts/oracle-streams/internal/gen"
	"github.com/suiro/suiro/scripts/oracle-streams/internal/ours"
	"github.com/suiro/suiro/scripts/oracle-streams/internal/shrink"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle-streams:", err)
		os.Exit(1)
	}
}

var errCommand = errors.New("want a command: gen, answer, compare or shrink")

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return errCommand
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	switch args[0] {
	case "gen":
		seed := flags.Uint64("seed", 1, "seed of the random cases")
		size := flags.Int("size", 2000, "how many random cases")
		only := flags.String("only", "", "only cases that are about something with this in its name")
		kept := flags.String("kept", "", "folder of cases that were kept")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return generate(gen.New(out, *seed, *only), *size, *kept)
	case "answer":
		return ours.All(in, out)
	case "compare":
		judged := flags.String("judged", "", "file of judgements")
		examples := flags.Bool("examples", false, "show an example of each judged kind, too")
		left := flags.String("left", "", "file for cases of differences without a judgement, for shrink")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return compare.All(out, compare.Options{Cases: flags.Arg(0), Java: flags.Arg(1), Ours: flags.Arg(2),
			Judged: *judged, Examples: *examples, Left: *left})
	case "shrink":
		return shrink.All(args[1:], in, out)
	}
	return errCommand
}

func generate(g *gen.Gen, size int, kept string) error {
	g.Edges()
	if err := g.Kept(kept); err != nil {
		return err
	}
	g.Random(size)
	return g.Flush()
}
