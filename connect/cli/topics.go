package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/cli/internal/topics"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/flags"
	"github.com/suiro/suiro/internal/kafka"
)

// topicsTimeout bounds one command, so that it ends where brokers answer slowly.
const topicsTimeout = time.Minute

func newTopicsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "topics",
		Short:   "Make, list and describe topics",
		GroupID: groupKafka,
		Long:    "Make, list and describe the topics of a Kafka cluster.",
		Example: `
suiro topics create access-ltsv access-json --partitions 4
suiro topics list --bootstrap-servers kafka1:9093 --config client.properties
suiro topics describe access-json`,
	}
	c.AddCommand(newTopicsCreate(), newTopicsList(), newTopicsDescribe())
	return c
}

// cluster are the flags that say how to reach the brokers.
type cluster struct{ config string }

func (f *cluster) define(c *cobra.Command) {
	k, _ := kafka.Admin.Def().Key("bootstrap.servers")
	flags.Define(c, k)
	c.Flags().StringVar(&f.config, "config", "",
		"Properties `file` with further keys of a Kafka client, such as those of security")
}

// do connects and calls fn. An error of flags and files is a [UsageError].
func (f *cluster) do(c *cobra.Command, fn func(context.Context, *topics.Client) error) error {
	given, err := flags.Properties(c)
	if err != nil {
		return command.Usage(err)
	}
	props := map[string]string{}
	if f.config != "" {
		if props, err = flags.ReadProperties(f.config); err != nil {
			if c.Flags().Lookup("topic-config") != nil && strings.Contains(f.config, "=") {
				err = fmt.Errorf("%w: a setting of a topic is --topic-config %s", err, f.config)
			}
			return command.Usage(fmt.Errorf("--config %w", err))
		}
	}
	if servers, ok := given["bootstrap.servers"]; ok {
		props["bootstrap.servers"] = servers
	}
	ctx, cancel := context.WithTimeout(c.Context(), topicsTimeout)
	defer cancel()
	client, err := topics.Open(ctx, props)
	var wrong config.Errors
	if errors.As(err, &wrong) {
		return command.Usage(err)
	}
	if err != nil {
		return err
	}
	defer client.Close()
	return fn(ctx, client)
}

// topicFlag adds --topic to a command, which Kafka's own tool has for names.
func topicFlag(c *cobra.Command) {
	c.Flags().StringArray("topic", nil, "Name of a topic")
	_ = c.Flags().MarkHidden("topic") // it exists
}

// namesOf are the names of topics in the arguments and flags.
func namesOf(c *cobra.Command, args []string) []string {
	more, _ := c.Flags().GetStringArray("topic") // it exists
	return append(args, more...)
}

// needNames refuses a call without names.
func needNames(c *cobra.Command, args []string) error {
	if len(namesOf(c, args)) == 0 {
		return fmt.Errorf("name at least one topic: %s NAME", c.CommandPath())
	}
	return nil
}

// createFlags are the flags of suiro topics create.
type createFlags struct {
	cluster
	settings []string
	accept   bool
}

func newTopicsCreate() *cobra.Command {
	var f createFlags
	c := &cobra.Command{
		Use: "create NAME...", Short: "Make topics", Args: needNames,
		Example: `
suiro topics create access-ltsv --partitions 4
suiro topics create prices --topic-config cleanup.policy=compact --topic-config retention.ms=-1`,
		RunE: func(c *cobra.Command, args []string) error { return f.execute(c, namesOf(c, args)) },
	}
	f.define(c)
	topicFlag(c)
	flags.Define(c, config.Key{Name: "partitions", Type: config.Int, Valid: config.AtLeast(1),
		Doc: "How many partitions each topic gets; the brokers' num.partitions when not given."})
	flags.Define(c, config.Key{Name: "replication.factor", Type: config.Short, Valid: config.AtLeast(1),
		Doc: "How many replicas each partition gets; the brokers' default.replication.factor when not given."})
	c.Flags().StringArrayVar(&f.settings, "topic-config", nil,
		"A setting of the topics, such as cleanup.policy=compact, as `key=value`; the flag can be repeated")
	c.Flags().BoolVar(&f.accept, "if-not-exists", false,
		"Accept topics that exist already, unless they have another number of partitions or replicas")
	return c
}

func (f *createFlags) execute(c *cobra.Command, names []string) error {
	topic, err := f.topic(c)
	if err != nil {
		return command.Usage(err)
	}
	return f.do(c, func(ctx context.Context, client *topics.Client) error {
		var errs []error
		for _, name := range names {
			t := topic
			t.Name = name
			err := client.Create(ctx, t)
			switch {
			case err == nil:
				fmt.Fprintf(c.OutOrStdout(), "created topic %s%s\n", name, shape(t))
			case errors.Is(err, topics.ErrExists) && f.accept:
				fmt.Fprintf(c.OutOrStdout(), "topic %s exists already\n", name)
			case errors.Is(err, topics.ErrExists):
				errs = append(errs, fmt.Errorf("%w: use --if-not-exists to accept it", err))
			default:
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	})
}

// topic is what the flags ask for, without a name.
func (f *createFlags) topic(c *cobra.Command) (kafka.Topic, error) {
	given, err := flags.Properties(c)
	if err != nil {
		return kafka.Topic{}, err
	}
	def := config.New(config.Key{Name: "partitions", Type: config.Int, Default: -1},
		config.Key{Name: "replication.factor", Type: config.Short, Default: -1})
	v, err := def.Parse(given)
	if err != nil {
		return kafka.Topic{}, err
	}
	t := kafka.Topic{Partitions: int32(v.Int("partitions")), Replication: int16(v.Int("replication.factor")),
		Configs: map[string]string{}}
	for _, each := range f.settings {
		key, value, ok := strings.Cut(each, "=")
		if !ok || key == "" {
			return t, fmt.Errorf("--topic-config %s: must be key=value, such as cleanup.policy=compact", each)
		}
		t.Configs[key] = value
	}
	return t, nil
}

// shape says what was asked for of a topic.
func shape(t kafka.Topic) string {
	var parts []string
	if t.Partitions > 0 {
		parts = append(parts, command.Amount(int(t.Partitions), "partition"))
	}
	if t.Replication > 0 {
		parts = append(parts, command.Amount(int(t.Replication), "replica"))
	}
	if len(parts) == 0 {
		return ""
	}
	return " with " + strings.Join(parts, " and ")
}

func newTopicsList() *cobra.Command {
	var f cluster
	internal := false
	c := &cobra.Command{
		Use: "list", Short: "List topics with partitions, replicas and records", Args: flags.NoArgs,
		Long: "List topics with their partitions, replicas and records. Records are counted by offsets, so that those " +
			"that were compacted and the marks of transactions count too.",
		RunE: func(c *cobra.Command, _ []string) error {
			return f.do(c, func(ctx context.Context, client *topics.Client) error {
				list, hidden, err := client.List(ctx, internal)
				if err != nil {
					return err
				}
				return printTopics(c.OutOrStdout(), list, hidden)
			})
		},
	}
	f.define(c)
	c.Flags().BoolVar(&internal, "internal", false, "List also topics of Kafka itself, such as __consumer_offsets")
	return c
}

func printTopics(w io.Writer, list []topics.Topic, hidden int) error {
	if len(list) > 0 {
		t := tabwriter.NewWriter(w, 0, 8, 3, ' ', 0)
		fmt.Fprintln(t, "TOPIC\tPARTITIONS\tREPLICAS\tRECORDS")
		for _, each := range list {
			fmt.Fprintf(t, "%s\t%d\t%d\t%s\n", each.Name, len(each.Partitions), each.Replicas, records(each))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(w, "There are no topics.")
	}
	if hidden > 0 {
		_, err := fmt.Fprintf(w, "\n%s of Kafka itself not shown: see --internal.\n", command.Amount(hidden, "topic"))
		return err
	}
	return nil
}

func records(t topics.Topic) string {
	n, known := t.Records()
	if !known {
		return "unknown"
	}
	return fmt.Sprint(n)
}

func newTopicsDescribe() *cobra.Command {
	var f cluster
	c := &cobra.Command{
		Use: "describe NAME...", Short: "Show the partitions and the own settings of topics", Args: needNames,
		Long: "Show the partitions of topics, with the brokers that hold them and the offsets of the oldest record and " +
			"of the next one, and the settings that are the topics' own.",
		RunE: func(c *cobra.Command, args []string) error {
			return f.do(c, func(ctx context.Context, client *topics.Client) error {
				list, err := client.Describe(ctx, namesOf(c, args))
				if err != nil {
					return err
				}
				for i, t := range list {
					if i > 0 {
						fmt.Fprintln(c.OutOrStdout())
					}
					if err := printTopic(c.OutOrStdout(), t); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	f.define(c)
	topicFlag(c)
	return c
}

func printTopic(w io.Writer, topic topics.Topic) error {
	fmt.Fprintf(w, "%s: %s, %s, %s records\n", topic.Name, command.Amount(len(topic.Partitions), "partition"),
		command.Amount(topic.Replicas, "replica"), records(topic))
	for _, c := range topic.Configs {
		fmt.Fprintf(w, "  %s = %s\n", c[0], flags.Printable(c[1]))
	}
	t := tabwriter.NewWriter(w, 0, 8, 3, ' ', 0)
	fmt.Fprintln(t, "  PARTITION\tLEADER\tREPLICAS\tIN SYNC\tFIRST OFFSET\tNEXT OFFSET")
	for _, p := range topic.Partitions {
		first, next, leader := "unknown", "unknown", "none"
		if p.Known {
			first, next = fmt.Sprint(p.First), fmt.Sprint(p.Next)
		}
		if p.Leader >= 0 {
			leader = fmt.Sprint(p.Leader)
		}
		fmt.Fprintf(t, "  %d\t%s\t%s\t%s\t%s\t%s\n", p.ID, leader, brokers(p.Replicas), brokers(p.InSync), first, next)
	}
	return t.Flush()
}

func brokers(ids []int32) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(ids), "[]"), " ", ",")
}
