package session

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// slips are arguments that look like the value of a flag. They are tried in their order.
var slips = []struct {
	flag  string
	looks func(arg string) bool
}{
	{"url", func(arg string) bool { return strings.Contains(arg, "://") }},
	{"set", func(arg string) bool { return strings.Contains(arg, "=") }},
	{"to", func(arg string) bool { return strings.Contains(arg, "=") }},
	{"task", func(arg string) bool {
		_, err := strconv.ParseUint(arg, 10, 31)
		return err == nil
	}},
	{"for", func(arg string) bool {
		return slices.Contains([]string{"running", "paused", "stopped", "deleted"}, arg)
	}},
}

// meant finds an argument behind the first that was meant for a flag of the command, and
// says what to write; it is "" when there is none.
func meant(c *cobra.Command, args []string) string {
	for i, arg := range args {
		for _, s := range slips {
			if i > 0 && c.Flag(s.flag) != nil && s.looks(arg) {
				return fmt.Sprintf("%s does not name a connector: write --%s %s", arg, s.flag, arg)
			}
		}
	}
	return ""
}
