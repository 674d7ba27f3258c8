package flags

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/logs"
)

// The keys of the flags that say how to log.
const (
	levelKey  = "log.level"
	formatKey = "log.format"
)

// DefineLog adds --log-level and --log-format to a command; [Logger] reads them.
func DefineLog(c *cobra.Command) {
	for _, k := range []config.Key{
		{Name: levelKey, Type: config.String, Default: "info", Doc: "How much to log.",
			Valid: config.OneOf(true, "debug", "info", "warn", "error")},
		{Name: formatKey, Type: config.String, Default: "text", Doc: "Log in key=value pairs or in JSON.",
			Valid: config.OneOf(true, "text", "json")},
	} {
		Define(c, k)
	}
}

// Logger returns the logger that the flags of [DefineLog] ask for. It writes to the
// command's error output.
func Logger(c *cobra.Command) (*slog.Logger, error) {
	given := func(key, otherwise string) string {
		if f := c.Flags().Lookup(Name(key)); f.Changed {
			return f.Value.String()
		}
		return otherwise
	}
	return logs.New(c.ErrOrStderr(), given(levelKey, "info"), given(formatKey, "text"))
}
