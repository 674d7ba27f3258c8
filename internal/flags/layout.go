package flags

import (
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

// Columns is the width of everything that is printed for people.
const Columns = 100

// widest is how wide the left column of a list may be. What is wider has a line of
// its own.
const widest = 38

// row is a line of a list with two columns.
type row struct{ left, right string }

// flagRows are the flags of a set that people are shown.
func flagRows(set *pflag.FlagSet) (rows []row) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		left := "      --" + f.Name
		if f.Shorthand != "" {
			left = "  -" + f.Shorthand + ", --" + f.Name
		}
		if kind := kindOf(f); kind != "" && kind != "bool" {
			left += " " + kind
		}
		text := f.Usage
		if _, ok := f.Value.(*value); !ok {
			_, text = pflag.UnquoteUsage(f)
			text += defaultText(f)
		}
		rows = append(rows, row{left, text})
	})
	return rows
}

// defaultText is the default of a flag that is not a key's, unless it is that of
// every flag of the kind or the text names it.
func defaultText(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "false", "0", "[]":
		return ""
	}
	if strings.Contains(f.Usage, "(default") {
		return ""
	}
	return " (default " + f.DefValue + ")"
}

// Table writes rows of two texts so that the second ones stand below each other,
// wrapped where they are too long.
func Table(rows [][2]string) string {
	out := make([]row, len(rows))
	for i, r := range rows {
		out[i] = row{r[0], r[1]}
	}
	return table(out)
}

// table writes rows so that their right columns stand below each other.
func table(rows []row) string { return tableFrom(rows, 0) }

// tableFrom is table with right columns that begin at a column or after it.
func tableFrom(rows []row, at int) string {
	for _, r := range rows {
		if n := width(r.left); n <= widest {
			at = max(at, n+3)
		}
	}
	var b strings.Builder
	for _, r := range rows {
		lines := strings.Split(Wrap(r.right, Columns-at), "\n")
		b.WriteString(r.left)
		pad := at - width(r.left)
		if width(r.left) > widest {
			b.WriteByte('\n')
			pad = at
		}
		for _, line := range lines {
			if line != "" {
				b.WriteString(strings.Repeat(" ", pad) + line)
			}
			b.WriteByte('\n')
			pad = at
		}
	}
	return b.String()
}

// Wrap breaks each line of a text at blanks, so that none has more than width
// characters unless it is one word. Lines that begin with a blank stay as they are.
func Wrap(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, " ") {
			lines[i] = wrapLine(line, width)
		}
	}
	return strings.Join(lines, "\n")
}

func wrapLine(line string, limit int) string {
	var b strings.Builder
	used := 0
	for _, word := range strings.Fields(line) {
		n := width(word)
		switch {
		case used == 0:
		case used+1+n > limit:
			b.WriteByte('\n')
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}

func width(text string) int { return utf8.RuneCountInString(text) }
