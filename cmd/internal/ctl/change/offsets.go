package change

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/manifest"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/flags"
)

func newAlter(s *session.Session) *cobra.Command {
	c := &cobra.Command{Use: "alter", Short: "Set offsets of a connector"}
	c.AddCommand(newAlterOffsets(s))
	return c
}

// alterFlags are the flags of suiro ctl alter offsets.
type alterFlags struct {
	path string
	to   []string
	stop bool
}

func newAlterOffsets(s *session.Session) *cobra.Command {
	var f alterFlags
	c := &cobra.Command{
		Use: "offsets CONNECTOR", Aliases: []string{"offset"}, Args: session.OneConnector,
		ValidArgsFunction: s.ConnectorNames,
		Short:             "Set how far a connector has read; partitions that are not named stay",
		Long: "Set how far a connector has read; partitions that are not named stay.\n\n" +
			"The file is what get offsets -o json prints, with other offsets; null removes one. The connector must be " +
			"stopped, or be given --stop.",
		Example: `
suiro ctl alter offsets orders-to-files --to orders-0=1200 --to orders-1=900 --stop
suiro ctl alter offsets lines -f offsets.json --stop`,
		RunE: func(c *cobra.Command, args []string) error {
			offsets, err := f.offsets(c)
			if err != nil {
				return cli.UsageError{Err: err}
			}
			name := session.ConnectorArgs(args)[0]
			return stopped(s, c, name, f.stop, func(cl *client.Client, ctx context.Context, name string) (string, error) {
				return cl.AlterOffsets(ctx, name, offsets)
			})
		},
	}
	c.Flags().StringVarP(&f.path, "filename", "f", "", "The JSON `file` with the offsets; - is the standard input")
	c.Flags().StringArrayVar(&f.to, "to", nil, "For a sink, the next offset to read of a partition, "+
		"`topic-partition=offset`; may be given again")
	defineStop(c, &f.stop)
	return c
}

func defineStop(c *cobra.Command, stop *bool) {
	c.Flags().BoolVar(stop, "stop", false, "Stop the connector first, and resume it afterwards if it ran")
}

// offsets are what the flags say.
func (f *alterFlags) offsets(c *cobra.Command) (api.ConnectorOffsets, error) {
	var out api.ConnectorOffsets
	if f.path != "" {
		text, err := manifest.Text(f.path, c.InOrStdin())
		if err != nil {
			return out, err
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		d.DisallowUnknownFields()
		if err := d.Decode(&out); err != nil {
			return out, fmt.Errorf("%s: is not the JSON that get offsets -o json prints: %w", f.path, err)
		}
		if _, err := d.Token(); err != io.EOF {
			return out, fmt.Errorf("%s: something follows the JSON object", f.path)
		}
	}
	for _, each := range f.to {
		o, err := sinkOffset(each)
		if err != nil {
			return out, err
		}
		out.Offsets = append(out.Offsets, o)
	}
	if len(out.Offsets) == 0 {
		return out, errors.New("no offsets: --to topic-partition=offset for a sink, or -f file")
	}
	return out, nil
}

// sinkOffset reads topic-partition=offset.
func sinkOffset(text string) (o api.ConnectorOffset, err error) {
	wrong := fmt.Errorf("--to %s: must be topic-partition=offset, such as orders-0=1200", text)
	at, offsetText, ok := strings.Cut(text, "=")
	dash := strings.LastIndexByte(at, '-')
	if !ok || dash < 1 {
		return o, wrong
	}
	partition, err := strconv.ParseInt(at[dash+1:], 10, 32)
	if err != nil || partition < 0 {
		return o, wrong
	}
	offset, err := strconv.ParseInt(offsetText, 10, 64)
	if err != nil || offset < 0 {
		return o, wrong
	}
	return api.ConnectorOffset{Partition: map[string]any{"kafka_topic": at[:dash], "kafka_partition": partition},
		Offset: map[string]any{"kafka_offset": offset}}, nil
}

func newReset(s *session.Session) *cobra.Command {
	c := &cobra.Command{Use: "reset", Short: "Forget the offsets of a connector, or the topics that it has used"}
	stop := false
	offsets := &cobra.Command{
		Use: "offsets CONNECTOR", Aliases: []string{"offset"}, Args: session.OneConnector,
		ValidArgsFunction: s.ConnectorNames,
		Short:             "Forget how far a connector has read, so that it begins again",
		Long: "Forget how far a connector has read, so that it begins again. The connector must be stopped, or be given " +
			"--stop.",
		RunE: func(c *cobra.Command, args []string) error {
			return stopped(s, c, session.ConnectorArgs(args)[0], stop, (*client.Client).ResetOffsets)
		},
	}
	defineStop(offsets, &stop)
	topics := each(s, &cobra.Command{Use: "topics CONNECTOR...", Aliases: []string{"topic"},
		Short: "Forget the topics that connectors have used; get topics lists those that they use from now on"},
		"has no topics any more", (*client.Client).ResetTopics)
	c.AddCommand(offsets, topics)
	return c
}

// stopped does something with a connector that must be stopped, and prints what the
// worker says about it. With stop the connector is stopped before, and resumed or paused
// afterwards as it was, also when it did not work.
func stopped(s *session.Session, c *cobra.Command, name string, stop bool,
	do func(*client.Client, context.Context, string) (string, error)) error {
	return s.Do(c, func(ctx context.Context, cl *client.Client) (err error) {
		if stop {
			back, err := stopFor(ctx, cl, name)
			if err != nil {
				return fmt.Errorf("stop connector %s: %w", name, err)
			}
			defer func() { err = errors.Join(err, back(context.WithoutCancel(ctx))) }()
		}
		said, err := do(cl, ctx, name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), flags.Printable(said))
		return err
	})
}

// stopFor stops a connector and waits until it is. back makes it what it was.
func stopFor(ctx context.Context, cl *client.Client, name string) (back func(context.Context) error, err error) {
	status, err := cl.Status(ctx, name)
	if err != nil {
		return nil, err
	}
	back = func(context.Context) error { return nil }
	switch status.Connector.State {
	case api.Stopped:
		return back, nil
	case api.Paused:
		back = func(ctx context.Context) error { return cl.Pause(ctx, name) }
	default:
		back = func(ctx context.Context) error { return cl.Resume(ctx, name) }
	}
	if err := cl.Stop(ctx, name); err != nil {
		return nil, err
	}
	if err := waitFor(ctx, cl, name, "stopped"); err != nil {
		return nil, errors.Join(err, back(context.WithoutCancel(ctx)))
	}
	return back, nil
}
