// Package dlq is the command suiro dlq: dead letters of connectors and stream apps read,
// explained, and put back. Package letter knows what a letter says, package reader reads a
// part of a topic, and package replay puts letters back exactly once.
package dlq

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/dlq/cluster"
)

// New returns the command.
func New() *cobra.Command {
	c := &cobra.Command{
		Use:     "dlq",
		Short:   "List, explain and put back dead letters",
		GroupID: "kafka", // a group of the root
		Long: "List, explain and put back dead letters, those of Kafka Connect and of Kafka Streams, written by Suiro or " +
			"by Java. A dead letter is a record that could not be processed, in a topic of its own, with headers that say why.",
		Example: `
suiro dlq list orders-rejected
suiro dlq show orders-rejected --partition 0 --offset 12
suiro dlq replay orders-rejected --stage VALUE_CONVERTER --dry-run`,
		SuggestFor: []string{"dead-letters", "deadletters", "errors"},
	}
	c.AddCommand(newList(), newShow(), newReplay())
	return c
}

// oneTopic wants the name of one topic.
func oneTopic(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%d arguments: name the topic of the dead letters: %s TOPIC", len(args), c.CommandPath())
	}
	return nil
}

// about is the part of a command that every one has.
func about(c *cobra.Command, f *cluster.Flags) *cobra.Command {
	c.Args, c.ValidArgsFunction = oneTopic, f.Complete
	return c
}
