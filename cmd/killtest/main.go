// Command killtest proves that a stream app loses nothing and writes nothing
// twice: it feeds the app, kills its processes at random moments, and counts
// what came out. It works on any cluster and any app that writes one record
// with an id field for each record it reads.
//
//	killtest run --app "ltsv-json --bootstrap-servers {bootstrap} --application-id {application.id}
//	  --input-topic {input} --output-topic {output} --state-dir {state}"
//	killtest run-state --app "server-stats ... --http-listen {http}"
//	killtest run-kinds --instances 3 --churn
//	killtest run-moves --rate 50000
//	killtest load --topic access-ltsv --records 1000000
//	killtest check --topic access-json --records 1000000
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "killtest:", err)
		stop()
		os.Exit(1)
	}
}

func command() *cobra.Command {
	c := &cobra.Command{
		Use: "killtest", Short: "Kill a stream app at random moments and count what came out.",
		SilenceUsage: true, SilenceErrors: true,
	}
	c.AddCommand(loadCommand(), checkCommand(), runCommand(), runStateCommand(), runKindsCommand(), kindsCommand(),
		runMovesCommand(), countedCommand())
	return c
}
