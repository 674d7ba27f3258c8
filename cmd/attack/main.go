// Command attack shows that hostile input and hostile neighbours hurt no one else: it
// starts a worker and three stream apps, each under a hard limit of memory, feeds them
// hostile records, batches, schemas, files and requests for a time, and checks that honest
// records beside them arrive once, that memory stays within its limit, and that nothing
// outside of the given folders changes. It runs in a checkout, on the services whose
// addresses SUIRO_KAFKA, SUIRO_ES and SUIRO_HDFS are:
//
//	attack --time 1m --seed 1
//	attack --list
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/attack/kinds"
	"github.com/suiro/suiro/cmd/internal/attack/trial"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "attack:", err)
		stop()
		os.Exit(1)
	}
}

const long = `Attack starts a worker and the apps ltsv-json, json-avro and server-stats, each under a hard limit of
memory, and attacks them for a time: with batches, records, schemas, files and requests that
hurt. Honest records go through the same topics meanwhile. It fails when one of them does not
arrive once in each place, when a process ends by itself or takes more memory than its limit,
and when something changes outside the folders that the processes were given.

It runs in a checkout. SUIRO_KAFKA (host:port), SUIRO_ES (a URL) and SUIRO_HDFS (host:port) are
the addresses of services; make attack starts them. Topics, indices and folders have names of
the run's own, but for the topics .snapshot and .reserved, and are deleted when all has held.`

// flags are the flags of the command.
type flags struct {
	trial.Options
	dir  string
	mib  int64
	list bool
}

func command() *cobra.Command {
	var o flags
	c := &cobra.Command{
		Use: "attack", Short: "Attack a worker and stream apps for a time, and check that honest records arrive once.",
		Long:         long,
		SilenceUsage: true, SilenceErrors: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.list {
				return list(c)
			}
			return o.run(c)
		},
	}
	f := c.Flags()
	f.DurationVar(&o.Time, "time", time.Minute, "how long to attack; each kind of attack takes place at least once")
	f.Uint64Var(&o.Seed, "seed", 0, "decides which attacks come in which order and what they choose; 0 takes the time "+
		"of day")
	f.StringSliceVar(&o.Only, "only", nil, "names of the kinds of attacks; default all, see --list")
	f.BoolVar(&o.Long, "long", false, "attack with larger numbers, which takes minutes each")
	f.StringVar(&o.dir, "dir", "", "empty folder for state, logs and the journal; default a temporary one, deleted "+
		"after success, as topics, indices and files in HDFS are")
	f.StringVar(&o.Stage.Programs, "programs", "", "folder with suiro, ltsv-json, json-avro and server-stats; default "+
		"they are built from the checkout")
	f.Int64Var(&o.mib, "limit", 512, "hard limit of the memory of each process in MiB")
	f.DurationVar(&o.Patience, "patience", 0, "how long honest records may take to arrive; default 5m, with --long "+
		"20m, as tens of thousands of folders are made in HDFS meanwhile")
	f.BoolVar(&o.list, "list", false, "list the kinds of attacks")
	return c
}

func list(c *cobra.Command) error {
	t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, k := range kinds.All() {
		fmt.Fprintf(t, "%s\t%s\n", k.Name, k.Does)
	}
	return t.Flush()
}

func (o *flags) run(c *cobra.Command) (err error) {
	if o.Seed == 0 {
		o.Seed = uint64(time.Now().UnixNano())
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Minute
		if o.Long {
			o.Patience = 20 * time.Minute
		}
	}
	remove := func() error { return nil }
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "attack-"); err != nil {
			return err
		}
		remove = func() error { return os.RemoveAll(o.dir) }
	}
	if err := o.places(); err != nil {
		return err
	}
	o.Out = c.OutOrStdout()
	fmt.Fprintf(o.Out, "seed %d, %v, journal and logs in %s\n", o.Seed, o.Time, o.dir)
	if err := trial.Run(c.Context(), o.Options); err != nil {
		return fmt.Errorf("%w\nrepeat this with --seed %d; journal.txt and logs are in %s", err, o.Seed, o.dir)
	}
	return remove()
}

// places takes the addresses from the environment, and the folder of the module.
func (o *flags) places() (err error) {
	s := &o.Stage
	s.Kafka = strings.Split(os.Getenv("SUIRO_KAFKA"), ",")
	s.Elasticsearch, s.HDFS = os.Getenv("SUIRO_ES"), os.Getenv("SUIRO_HDFS")
	if s.Kafka[0] == "" || s.Elasticsearch == "" || s.HDFS == "" {
		return errors.New("set SUIRO_KAFKA, SUIRO_ES and SUIRO_HDFS to the addresses of the services: " +
			"make attack starts them")
	}
	s.Run = strings.ToLower(time.Now().UTC().Format("attack20060102t150405.000"))
	s.Run = strings.ReplaceAll(s.Run, ".", "")
	s.Limit = o.mib << 20
	if s.Dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	if s.Module, err = os.Getwd(); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(s.Module, "examples", "ltsv-json")); err != nil {
		return fmt.Errorf("run attack in the folder of go.mod: %w", err)
	}
	return nil
}
