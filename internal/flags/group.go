package flags

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// groupKey is the annotation of a flag that names its group.
const groupKey = "suiro_group"

// Group puts flags of a command under a title of their own in its help, instead of
// Flags. The groups stand in the order of the calls, and before the other flags.
// The flags have been defined before; other names are ignored.
func Group(c *cobra.Command, title string, names ...string) {
	at := len(groups(c.Flags()))
	for _, name := range names {
		f := c.Flags().Lookup(name)
		if f == nil {
			continue
		}
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		f.Annotations[groupKey] = []string{title, string(rune('a' + at))}
	}
}

// group is a part of a command's flags.
type group struct {
	title, order string
	flags        *pflag.FlagSet
}

// otherFlags is the title of the flags without a group.
const otherFlags = "Flags"

// groups divides flags. The last part is that of the flags without a group.
func groups(set *pflag.FlagSet) []group {
	var out []group
	set.VisitAll(func(f *pflag.Flag) {
		title, order := otherFlags, "~"
		if g := f.Annotations[groupKey]; len(g) == 2 {
			title, order = g[0], g[1]
		}
		i := slices.IndexFunc(out, func(g group) bool { return g.title == title })
		if i < 0 {
			i = len(out)
			out = append(out, group{title, order, pflag.NewFlagSet(title, pflag.ContinueOnError)})
		}
		out[i].flags.AddFlag(f)
	})
	slices.SortFunc(out, func(a, b group) int {
		switch {
		case a.order < b.order:
			return -1
		case a.order > b.order:
			return 1
		}
		return 0
	})
	return out
}
