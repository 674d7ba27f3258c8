// Package cluster connects the commands about dead letters to the brokers that their
// flags name.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/flags"
	"github.com/suiro/suiro/internal/kafka"
)

// Flags say how to reach the brokers.
type Flags struct{ config string }

// Define adds the flags to a command.
func (f *Flags) Define(c *cobra.Command) {
	k, _ := kafka.Admin.Def().Key("bootstrap.servers")
	flags.Define(c, k)
	c.Flags().StringVar(&f.config, "config", "",
		"Properties `file` with further keys of a Kafka client, such as those of security")
}

// Cluster makes clients of the brokers.
type Cluster struct {
	values config.Values
	more   []kgo.Opt
}

// Open reads the flags and asks whether the brokers are there. An error of flags and
// files is a [cli.UsageError].
func (f *Flags) Open(c *cobra.Command) (*Cluster, error) {
	props, err := f.properties(c)
	if err != nil {
		return nil, cli.UsageError{Err: err}
	}
	return New(c.Context(), props)
}

// New returns the cluster that the properties of a client name, when a broker of it
// answers. Keys of consumers have no effect; more are options of each client. An error of the
// properties is a [cli.UsageError].
func New(ctx context.Context, props map[string]string, more ...kgo.Opt) (*Cluster, error) {
	values, err := kafka.Producer.ParseShared(props)
	if err != nil {
		return nil, cli.UsageError{Err: err}
	}
	opts, err := kafka.Producer.Options(values, nil)
	if err != nil {
		return nil, cli.UsageError{Err: err}
	}
	if err := kafka.Check(ctx, opts...); err != nil {
		return nil, err
	}
	return &Cluster{values, more}, nil
}

// properties are those of the file and of the flags.
func (f *Flags) properties(c *cobra.Command) (map[string]string, error) {
	given, err := flags.Properties(c)
	if err != nil {
		return nil, err
	}
	props := map[string]string{}
	if f.config != "" {
		if props, err = flags.ReadProperties(f.config); err != nil {
			return nil, fmt.Errorf("--config %w", err)
		}
	}
	if servers, ok := given["bootstrap.servers"]; ok {
		props["bootstrap.servers"] = servers
	}
	return props, nil
}

// Client returns a new client, which the caller closes. It reads what was committed, and
// of that the markers of transactions too, which say how far a partition has been read.
func (c *Cluster) Client(more ...kgo.Opt) (*kgo.Client, error) {
	opts, err := kafka.Producer.Options(c.values, nil)
	if err != nil {
		return nil, err
	}
	cl, err := kgo.NewClient(slices.Concat(opts, []kgo.Opt{kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), kgo.RecordPartitioner(kafka.Partitioner()), kgo.RequestRetries(5)},
		c.more, more)...)
	if err != nil {
		return nil, fmt.Errorf("configure the kafka client: %w", err)
	}
	return cl, nil
}

// Transactional returns a new client whose transactions a later one with the same id
// ends. It commits offsets of groups that it is no member of, for which the client
// library has no call: it therefore speaks the protocol of transactions that
// every broker knows, in which partitions and groups are added to a transaction by
// requests of their own.
func (c *Cluster) Transactional(id string) (*kgo.Client, error) {
	const txnOffsetCommit, explicit = 28, 4
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(txnOffsetCommit, explicit)
	return c.Client(kgo.TransactionalID(id), kgo.MaxVersions(versions),
		kgo.TransactionTimeout(c.values.Millis("transaction.timeout.ms")))
}

// Topics returns the names of all topics.
func Topics(ctx context.Context, cl *kgo.Client) ([]string, error) {
	details, err := kadm.NewClient(cl).ListTopics(ctx)
	if err != nil {
		return nil, fmt.Errorf("list topics: %w", Explain(err))
	}
	return details.Names(), nil
}

// completionTimeout bounds what a person waits for after a press of the tab key.
const completionTimeout = 3 * time.Second

// Complete completes the name of one topic.
func (f *Flags) Complete(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(c.Context(), completionTimeout)
	defer cancel()
	c.SetContext(ctx)
	cluster, err := f.Open(c)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	cl, err := cluster.Client()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer cl.Close()
	names, _ := Topics(ctx, cl) // none are completed then
	return names, cobra.ShellCompDirectiveNoFileComp
}

// Explain adds what to do to errors of Kafka.
func Explain(err error) error {
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return fmt.Errorf("%w: give the user the ACLs Read and Describe on the topic of dead letters, and for a replay "+
			"Write on the topics of the records", err)
	case errors.Is(err, kerr.GroupAuthorizationFailed):
		return fmt.Errorf("%w: give the user the ACLs Read and Describe on the group of --group", err)
	case errors.Is(err, kerr.TransactionalIDAuthorizationFailed):
		return fmt.Errorf("%w: give the user the ACLs Write and Describe on the transactional id that is called like the "+
			"group of --group", err)
	}
	return err
}
