package dlq

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/cmd/internal/dlq/letter"
	"github.com/suiro/suiro/cmd/internal/dlq/replay"
)

// list is suiro dlq list.
type list struct {
	search
	format session.Format
}

func newList() *cobra.Command {
	var l list
	c := &cobra.Command{
		Use: "list TOPIC", Short: "Count dead letters by where and why their records failed",
		Long: "Count dead letters by where and why their records failed. Letters whose reasons differ only in numbers (#) " +
			"and in texts in quotation marks (\"…\") are counted together; EXAMPLE is the newest of them, as " +
			"partition@offset.\n\n" +
			"FIRST and LAST are times of the records, which dead letters keep, and not of their failures. BACK is how many " +
			"letters were put back by suiro dlq replay.",
		Example: `
suiro dlq list orders-rejected
suiro dlq list orders-rejected --since 24h --stage VALUE_CONVERTER -o json`,
		RunE: func(c *cobra.Command, args []string) error { return l.run(c, args[0]) },
	}
	l.define(c)
	l.format.Define(c)
	return about(c, &l.Flags)
}

// kind is a line of the list.
type kind struct {
	Origin    string `json:"origin"`
	Connector string `json:"connector"`
	Stage     string `json:"stage"`
	Class     string `json:"class"`
	Reason    string `json:"reason"`
	Letters   int64  `json:"letters"`
	PutBack   int64  `json:"putBack"`
	// MostReplays is how often a record of the kind had been put back when it failed again.
	MostReplays int       `json:"mostReplays"`
	First       time.Time `json:"first"`
	Last        time.Time `json:"last"`
	Example     string    `json:"example"`

	newest int64 // when the example was written, by offset
}

// kinds are the lines of the list.
type kinds map[letter.Kind]*kind

func (k kinds) add(l *letter.Letter, back bool) {
	of := l.Kind()
	line := k[of]
	if line == nil {
		line = &kind{Origin: of.Origin, Connector: of.Connector, Stage: of.Stage, Class: of.Class, Reason: of.Reason,
			First: l.Time().UTC(), Last: l.Time().UTC(), newest: -1}
		k[of] = line
	}
	line.Letters++
	if back {
		line.PutBack++
	}
	line.MostReplays = max(line.MostReplays, l.Replays)
	if at := l.Time().UTC(); at.Before(line.First) {
		line.First = at
	} else if at.After(line.Last) {
		line.Last = at
	}
	if l.Record.Offset > line.newest {
		line.Example, line.newest = replay.At(l.Record), l.Record.Offset
	}
}

// sorted returns the lines, the one with the most letters first.
func (k kinds) sorted() []*kind {
	out := []*kind{}
	for _, line := range k {
		out = append(out, line)
	}
	slices.SortFunc(out, func(a, b *kind) int {
		return cmp.Or(cmp.Compare(b.Letters, a.Letters), cmp.Compare(a.Origin, b.Origin),
			cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Connector, b.Connector), cmp.Compare(a.Reason, b.Reason),
			cmp.Compare(a.Class, b.Class))
	})
	return out
}

// listing is what is printed.
type listing struct {
	Topic string  `json:"topic"`
	Tally tally   `json:"tally"`
	Kinds []*kind `json:"kinds"`
}

func (l *list) run(c *cobra.Command, topic string) error {
	if err := l.format.Check(); err != nil {
		return err
	}
	found := kinds{}
	t, err := l.search.run(c, topic, func(each *letter.Letter) { found.add(each, l.back(each)) })
	if err != nil {
		return err
	}
	out := listing{topic, t, found.sorted()}
	err = output.Write(c.OutOrStdout(), l.format.Name, out, out.table())
	if err != nil || l.format.Name != output.TableFormat {
		return err
	}
	return out.rest(c.OutOrStdout())
}

func (l listing) table() output.Table {
	t := output.Table{Header: []string{"LETTERS", "BACK", "ORIGIN", "CONNECTOR", "STAGE", "CLASS", "FIRST", "LAST",
		"EXAMPLE", "REASON"}, Empty: "No letters."}
	for _, k := range l.Kinds {
		t.Rows = append(t.Rows, []string{strconv.FormatInt(k.Letters, 10), strconv.FormatInt(k.PutBack, 10),
			cmp.Or(k.Origin, "unknown"), cmp.Or(k.Connector, "-"), cmp.Or(k.Stage, "unknown"), cmp.Or(shortClass(k.Class), "-"),
			timeText(k.First), timeText(k.Last), k.Example, cmp.Or(k.Reason, "unknown")})
	}
	return t
}

// rest is what stands below the table.
func (l listing) rest(w io.Writer) error {
	text := "\n" + l.Tally.String() + "\n"
	most := 0
	for _, k := range l.Kinds {
		most = max(most, k.MostReplays)
	}
	if most > 0 {
		text += fmt.Sprintf("Some of the records had been put back before and failed again, one of them %s.\n", times(most))
	}
	_, err := io.WriteString(w, text)
	return err
}

// shortClass is a class without its package.
func shortClass(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

func timeText(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
