// Command oracle makes cases for Kafka Connect's converters, transforms and
// predicates, answers them with the plugins of this module, and compares the
// answers with those of Kafka Connect's own classes. The script run beside it
// does all of this; README.md says more.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/scripts/oracle/internal/answer"
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
	"github.com/suiro/suiro/scripts/oracle/internal/compare"
	"github.com/suiro/suiro/scripts/oracle/internal/convertercases"
	"github.com/suiro/suiro/scripts/oracle/internal/transformcases"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

var errCommand = errors.New("want a command: gen, answer or compare")

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return errCommand
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	switch args[0] {
	case "gen":
		seed := flags.Uint64("seed", 1, "seed of the random cases")
		size := flags.Int("size", 40_000, "about how many random cases")
		only := flags.String("only", "", "only classes whose name contains this")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return generate(cases.NewGen(out, *seed, *size, *only))
	case "answer":
		return answer.All(builtin.Plugins(), in, out)
	case "compare":
		judged := flags.String("judged", "", "file of judgements")
		examples := flags.Bool("examples", false, "show an example of each judged group, too")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return compare.All(out, compare.Options{Cases: flags.Arg(0), Java: flags.Arg(1), Ours: flags.Arg(2),
			Judged: *judged, Examples: *examples})
	}
	return errCommand
}

func generate(g *cases.Gen) error {
	convertercases.Tables(g)
	transformcases.Tables(g)
	g.OptionalKeys, g.BigNumbers = true, true
	convertercases.Random(g)
	g.OptionalKeys, g.BigNumbers = false, false
	transformcases.Random(g)
	return g.Flush()
}
