// Package command is the command suiro demo: its flags, and the environment that --full reads.
package command

import (
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/demo"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/internal/flags"
)

// demoFlags are the flags of suiro demo that are not options of the demo as
// they stand.
type demoFlags struct {
	full      bool
	bootstrap string
	config    string
}

// New returns the command.
func New() *cobra.Command {
	var f demoFlags
	var o demo.Options
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Send an access log through Kafka to files, and count whether all of it arrived",
		Long: "Send an access log through Kafka to Avro files, counts and Elasticsearch, and count whether all of it " +
			"arrived.\n\n" +
			"Without flags nothing but this process is needed: Kafka is an embedded one, which keeps the whole log in " +
			"memory. The exit code is 0 only if records in = records out + rejected at every stage.",
		Example: `
suiro demo
suiro demo --file /var/log/nginx/access.ltsv.gz --serve`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unexpected argument %q: a log is named with --file", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.apply(&o); err != nil {
				return cli.UsageError{Err: err}
			}
			if err := o.Validate(); err != nil {
				return cli.UsageError{Err: err}
			}
			o.Plugins, o.Out = builtin.Plugins(), cmd.OutOrStdout()
			o.Terminal = isTerminal(o.Out)
			return demo.Run(cmd.Context(), o)
		},
	}
	f.declare(cmd, &o)
	return cmd
}

// declare adds the flags to the command; they are stored in f and o.
func (f *demoFlags) declare(cmd *cobra.Command, o *demo.Options) {
	set := cmd.Flags()
	set.StringVar(&o.File, "file", "",
		"Access log in LTSV, plain or .gz; - is the standard input (default a built-in one)")
	set.StringVar(&o.Dir, "dir", "", "The `folder` for the demo's files; one that an earlier demo left is emptied (default "+
		demo.DefaultDir+", on services "+demo.DefaultFullDir+")")
	set.BoolVar(&o.Serve, "serve", false, "Keep everything up after the table, with HTTP and REST, until Ctrl-C")
	set.StringVar(&o.HTTPListen, "http-listen", "",
		"With --serve, the `host:port` where server-stats answers (default "+demo.DefaultHTTP+")")
	set.StringVar(&o.RESTListen, "rest-listen", "",
		"With --serve, the `host:port` where the worker answers (default "+demo.DefaultREST+")")
	set.BoolVar(&f.full, "full", false,
		"Run on the services that scripts/services/services env names in the environment")
	set.StringVar(&f.bootstrap, "bootstrap-servers", "", "Use the Kafka at `host:port` instead of an embedded one")
	set.StringVar(&f.config, "config", "",
		"Properties `file` with further keys of Kafka clients, such as those of security")
	set.StringVar(&o.Name, "name", demo.DefaultName, "Prefix of topics, groups, index and table on services")
	set.StringVar(&o.Elasticsearch, "elasticsearch-url", "",
		"Also write to the Elasticsearch at this `URL`, http://host:9200")
	set.StringVar(&o.Store, "store-url", "",
		"`URL` of the folder for Avro files, hdfs://host:port/folder (default the demo's folder)")
	set.StringVar(&o.Metastore, "hive-metastore-uris", "",
		"Register the files with the Hive metastore at this `URI`, thrift://host:9083")
	set.StringVar(&o.HiveServer, "hive-server", "", "Count the rows through the HiveServer2 at `host:port`")
	flags.Group(cmd, "What to send and what to keep", "file", "dir", "serve", "http-listen", "rest-listen")
	flags.Group(cmd, "On services, instead of an embedded Kafka and a local folder", "full", "bootstrap-servers", "config",
		"name", "elasticsearch-url", "store-url", "hive-metastore-uris", "hive-server")
}

// apply completes the options.
func (f *demoFlags) apply(o *demo.Options) error {
	o.Kafka = map[string]string{}
	if f.config != "" {
		props, err := flags.ReadProperties(f.config)
		if err != nil {
			return fmt.Errorf("read --config: %w", err)
		}
		maps.Copy(o.Kafka, props)
	}
	if f.bootstrap != "" {
		o.Kafka["bootstrap.servers"] = f.bootstrap
	}
	if f.full {
		return fromEnvironment(o)
	}
	return nil
}

// fromEnvironment takes the services from the variables that name them, where
// no flag does.
func fromEnvironment(o *demo.Options) error {
	var missing []string
	take := func(field *string, before, name, after string) {
		value := os.Getenv(name)
		switch {
		case *field != "":
		case value == "":
			missing = append(missing, name)
		default:
			*field = before + value + after
		}
	}
	bootstrap := o.Kafka["bootstrap.servers"]
	take(&bootstrap, "", "SUIRO_KAFKA", "")
	o.Kafka["bootstrap.servers"] = bootstrap
	take(&o.Elasticsearch, "", "SUIRO_ES", "")
	take(&o.Store, "hdfs://", "SUIRO_HDFS", "/"+o.Name)
	take(&o.Metastore, "thrift://", "SUIRO_HMS", "")
	take(&o.HiveServer, "", "SUIRO_HS2", "")
	if len(missing) > 0 {
		return fmt.Errorf("--full: %s not set: start the services and take their addresses with "+
			`scripts/services/services up && eval "$(scripts/services/services env)"`, strings.Join(missing, ", "))
	}
	return nil
}

// isTerminal reports whether w is a terminal that understands escape sequences.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
