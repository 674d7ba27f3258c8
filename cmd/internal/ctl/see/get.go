package see

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/flags"
)

// unknown is shown where a worker does not say something.
const unknown = "-"

func newGet(s *session.Session) *cobra.Command {
	c := &cobra.Command{
		Use: "get", Short: "List connectors, tasks, offsets, topics, plugins or loggers, or show a configuration",
		SuggestFor: []string{"list", "ls", "show"},
		Example: `
suiro ctl get connectors
suiro ctl get connectors --watch
suiro ctl get connectors --state failed -o name
suiro ctl get config orders -o json
suiro ctl get offsets orders`,
	}
	c.AddCommand(newGetConnectors(s), newGetTasks(s), newGetConfig(s), newGetOffsets(s), newGetTopics(s),
		newGetPlugins(s), newGetLoggers(s))
	return c
}

func newGetConnectors(s *session.Session) *cobra.Command {
	state := ""
	c := &cobra.Command{
		Use: "connectors [NAME...]", Aliases: []string{"connector", "c"},
		Short:             "List connectors with their states and those of their tasks",
		ValidArgsFunction: s.ConnectorNames,
	}
	c.Flags().StringVar(&state, "state", "",
		"List those alone that are in a `state`, such as failed, or a task of which is")
	return session.List(s, c, func(ctx context.Context, cl *client.Client, names []string) (
		map[string]api.ExpandedConnector, error) {
		all, err := expanded(ctx, cl, names)
		maps.DeleteFunc(all, func(_ string, e api.ExpandedConnector) bool { return state != "" && !isIn(e, state) })
		return all, err
	}, connectorsTable)
}

// expanded returns connectors by name, all when no names are given, with what is asked
// for of each.
func expanded(ctx context.Context, cl *client.Client, names []string, what ...string) (
	map[string]api.ExpandedConnector, error) {
	all, err := cl.Expanded(ctx, what...)
	if err != nil || len(names) == 0 {
		return all, err
	}
	out := map[string]api.ExpandedConnector{}
	var errs []error
	for _, name := range names {
		each, ok := all[name]
		if !ok {
			errs = append(errs, noConnector(name, slices.Collect(maps.Keys(all))))
		}
		out[name] = each
	}
	return out, errors.Join(errs...)
}

// noConnector says that there is none of a name, and which may be meant.
func noConnector(name string, known []string) error {
	if near := config.Nearest(name, known); near != "" {
		return fmt.Errorf("there is no connector %s, did you mean %s?", name, near)
	}
	return fmt.Errorf("there is no connector %s", name)
}

// isIn reports whether a connector or one of its tasks is in a state.
func isIn(e api.ExpandedConnector, state string) bool {
	if e.Status == nil {
		return false
	}
	in := func(s api.State) bool { return strings.EqualFold(string(s), state) }
	return in(e.Status.Connector.State) ||
		slices.ContainsFunc(e.Status.Tasks, func(t api.TaskState) bool { return in(t.State) })
}

func connectorsTable(all map[string]api.ExpandedConnector) output.Table {
	t := output.Table{Header: []string{"NAME", "TYPE", "STATE", "TASKS", "WORKER"}, Empty: "There are no connectors."}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		kind, state, worker, tasks := unknown, unknown, unknown, unknown
		if status := all[name].Status; status != nil {
			kind, state, worker = string(status.Type), string(status.Connector.State), status.Connector.WorkerID
			tasks = output.Tally(status.Tasks)
		}
		t.Rows = append(t.Rows, []string{name, kind, state, tasks, worker})
	}
	return t
}

// taskOf is a task's state with the name of its connector.
type taskOf struct {
	Connector string `json:"connector"`
	api.TaskState
}

func newGetTasks(s *session.Session) *cobra.Command {
	c := &cobra.Command{
		Use: "tasks [CONNECTOR...]", Aliases: []string{"task", "t"},
		Short:             "List tasks with their states and why one has failed",
		ValidArgsFunction: s.ConnectorNames,
	}
	return session.List(s, c, func(ctx context.Context, cl *client.Client, names []string) ([]taskOf, error) {
		all, err := expanded(ctx, cl, names, "status")
		out := []taskOf{}
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if status := all[name].Status; status != nil {
				for _, t := range status.Tasks {
					out = append(out, taskOf{name, t})
				}
			}
		}
		return out, err
	}, tasksTable)
}

func tasksTable(tasks []taskOf) output.Table {
	t := output.Table{Header: []string{"CONNECTOR", "TASK", "STATE", "WORKER", "ERROR"}, Empty: "There are no tasks."}
	for _, each := range tasks {
		t.Rows = append(t.Rows, []string{each.Connector, strconv.Itoa(each.ID), string(each.State), each.WorkerID,
			output.Cause(each.Trace, 70)})
	}
	return t
}

func newGetConfig(s *session.Session) *cobra.Command {
	var f session.Format
	c := &cobra.Command{
		Use: "config CONNECTOR", Short: "Show a connector's configuration, as apply reads it again",
		Args:              session.OneConnector,
		ValidArgsFunction: s.ConnectorNames,
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.Check(); err != nil {
				return err
			}
			return s.Do(c, func(ctx context.Context, cl *client.Client) error {
				values, err := cl.Config(ctx, session.ConnectorArgs(args)[0])
				if err != nil {
					return err
				}
				if f.Name == "properties" {
					_, err := c.OutOrStdout().Write(properties(values))
					return err
				}
				t := output.Table{Header: []string{"KEY", "VALUE"}}
				for _, key := range slices.Sorted(maps.Keys(values)) {
					t.Rows = append(t.Rows, []string{key, values[key]})
				}
				return output.Write(c.OutOrStdout(), f.Name, values, t)
			})
		},
	}
	f.Define(c, "properties")
	return c
}

// properties writes a configuration as a properties file.
func properties(values map[string]string) []byte {
	var b strings.Builder
	inKeys := strings.NewReplacer(`\`, `\\`, "=", `\=`, ":", `\:`, " ", `\ `, "#", `\#`, "!", `\!`, "\n", `\n`, "\t", `\t`)
	inValues := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\f", `\f`)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value := inValues.Replace(values[key])
		if strings.HasPrefix(value, " ") {
			value = `\` + value
		}
		b.WriteString(inKeys.Replace(key) + "=" + value + "\n")
	}
	return []byte(b.String())
}

func newGetOffsets(s *session.Session) *cobra.Command {
	c := &cobra.Command{
		Use: "offsets CONNECTOR", Aliases: []string{"offset"},
		Short: "Show how far a connector has read, as alter offsets reads it again",
		Args:  session.OneConnector, ValidArgsFunction: s.ConnectorNames,
	}
	return session.List(s, c, func(ctx context.Context, cl *client.Client, args []string) (api.ConnectorOffsets, error) {
		return cl.Offsets(ctx, session.ConnectorArgs(args)[0])
	}, offsetsTable)
}

func offsetsTable(offsets api.ConnectorOffsets) output.Table {
	t := output.Table{Header: []string{"PARTITION", "OFFSET"}, Empty: "There are no offsets."}
	for _, o := range offsets.Offsets {
		t.Rows = append(t.Rows, []string{compact(o.Partition), compact(o.Offset)})
	}
	slices.SortFunc(t.Rows, slices.Compare)
	return t
}

// compact writes the fields of a partition or an offset in one line.
func compact(fields map[string]any) string {
	if topic, ok := fields["kafka_topic"]; ok && len(fields) == 2 {
		return fmt.Sprintf("%v-%v", topic, fields["kafka_partition"])
	}
	if offset, ok := fields["kafka_offset"]; ok && len(fields) == 1 {
		return fmt.Sprint(offset)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return unknown
	}
	return string(text)
}

func newGetTopics(s *session.Session) *cobra.Command {
	c := &cobra.Command{
		Use: "topics CONNECTOR", Aliases: []string{"topic"}, Short: "List the topics that a connector has used",
		Args:              session.OneConnector,
		ValidArgsFunction: s.ConnectorNames,
	}
	return session.List(s, c, func(ctx context.Context, cl *client.Client, args []string) ([]string, error) {
		topics, err := cl.Topics(ctx, session.ConnectorArgs(args)[0])
		slices.Sort(topics)
		return topics, err
	}, func(topics []string) output.Table {
		t := output.Table{Header: []string{"TOPIC"}, Empty: "The connector has used no topics."}
		for _, each := range topics {
			t.Rows = append(t.Rows, []string{each})
		}
		return t
	})
}

func newGetPlugins(s *session.Session) *cobra.Command {
	all := false
	c := &cobra.Command{Use: "plugins", Aliases: []string{"plugin", "connector-plugins"},
		Short: "List the connectors that the workers can run", Args: flags.NoArgs}
	c.Flags().BoolVar(&all, "all", false, "List also converters, transforms and predicates")
	return session.List(s, c, func(ctx context.Context, cl *client.Client, _ []string) ([]api.PluginInfo, error) {
		return cl.Plugins(ctx, !all)
	}, func(plugins []api.PluginInfo) output.Table {
		t := output.Table{Header: []string{"CLASS", "TYPE", "VERSION"}, Empty: "There are no plugins."}
		for _, p := range plugins {
			t.Rows = append(t.Rows, []string{p.Class, p.Type, p.Version})
		}
		return t
	})
}

func newGetLoggers(s *session.Session) *cobra.Command {
	c := &cobra.Command{Use: "loggers [NAME]", Aliases: []string{"logger"},
		Short: "List the loggers of the worker that answers, with their levels", Args: cobra.MaximumNArgs(1)}
	return session.List(s, c, func(ctx context.Context, cl *client.Client, args []string) (
		map[string]api.LoggerLevel, error) {
		if len(args) == 0 {
			return cl.Loggers(ctx)
		}
		level, err := cl.Logger(ctx, args[0])
		return map[string]api.LoggerLevel{args[0]: level}, err
	}, func(levels map[string]api.LoggerLevel) output.Table {
		t := output.Table{Header: []string{"LOGGER", "LEVEL", "LAST SET"}, Empty: "There are no loggers."}
		for _, name := range slices.Sorted(maps.Keys(levels)) {
			set := unknown
			if at := levels[name].LastModified; at != nil {
				set = time.UnixMilli(*at).UTC().Format(time.RFC3339)
			}
			t.Rows = append(t.Rows, []string{name, levels[name].Level, set})
		}
		return t
	})
}
