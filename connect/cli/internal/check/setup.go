package check

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/configfiles"
)

// Setup is what the files of a worker and its connectors say.
type Setup struct {
	// Worker is the worker, nil when its file is wrong.
	Worker *plan.Worker
	// Connectors are those whose files could be read.
	Connectors []configfiles.Connector
	// Reports are those of each file, the worker's first.
	Reports []*Report

	plugins connect.Plugins
	alone   bool // there are connector files, so that the worker is standalone
	unknown bool // the worker's file is not known
}

// Read reads and checks all files, so that one answer has everything that is wrong. It
// connects to nothing.
func Read(plugins connect.Plugins, workerFile string, connectorFiles []string) *Setup {
	s := &Setup{plugins: plugins, alone: len(connectorFiles) > 0}
	s.readConnectors(s.readWorker(workerFile), connectorFiles)
	return s
}

// ReadFor is Read for connectors that the worker is not started with: it may be one of a
// group.
func ReadFor(plugins connect.Plugins, workerFile string, connectorFiles []string) *Setup {
	s := &Setup{plugins: plugins}
	s.readConnectors(s.readWorker(workerFile), connectorFiles)
	return s
}

func (s *Setup) readConnectors(against *plan.Worker, files []string) {
	seen := map[string]string{}
	for _, path := range files {
		r := &Report{Path: path}
		s.Reports = append(s.Reports, r)
		c, err := configfiles.ReadConnector(path)
		if err != nil {
			r.refuse(unplaced(path, err))
			continue
		}
		r.Connector, r.Config, r.title = c.Name, c.Config, "connector "+c.Name
		if seen[c.Name] != "" {
			r.refuse(fmt.Sprintf("connector %s is also in %s: give one of them another name", c.Name, seen[c.Name]))
		}
		seen[c.Name] = path
		s.Connectors = append(s.Connectors, c)
		switch {
		case against == nil:
			r.Notes = append(r.Notes, "not checked further, as the worker's file is wrong")
		case s.unknown:
			s.compileAlone(r, against, c)
		default:
			s.compile(r, against, c)
		}
	}
}

// readWorker reads the worker's file, and returns a worker that connectors can be
// checked against, also when its own file is wrong.
func (s *Setup) readWorker(path string) *plan.Worker {
	r := &Report{Path: path, title: "worker"}
	s.Reports = append(s.Reports, r)
	props, err := configfiles.ReadWorker(path)
	if err != nil {
		r.refuse(unplaced(path, err))
		return nil
	}
	distributed := !s.alone && plan.NamesGroup(props)
	w, errs := parseWorker(props, distributed)
	against := w
	if w == nil {
		against = s.corrected(props, errs, distributed)
	}
	if against != nil {
		warnings, wrong := plan.CheckConverters(against, s.plugins)
		errs = append(errs, wrong...)
		r.Warnings = append(against.Warnings, warnings...)
	}
	if s.alone && plan.NamesGroup(props) {
		r.Warnings = append(r.Warnings, "the worker is standalone and in no group, because connector files are given: "+
			"leave them out for a worker of group "+props["group.id"])
	}
	r.refuseKeys(errs, plan.WorkerDef().Keys(), s.plugins)
	if len(errs) > 0 {
		return s.corrected(props, errs, distributed)
	}
	r.keys, r.props = plan.WorkerDef().Validate(props), props
	r.facts = workerFacts(props, w)
	s.Worker = w
	return w
}

// Distributed parses the properties of a distributed worker, and checks what this command
// alone reads. There is a worker only without errors.
func Distributed(props map[string]string) (*plan.Worker, config.Errors) {
	return parseWorker(props, true)
}

// corrected returns a worker of the properties that are not wrong, nil when there is none. It is only
// for checks of what else there is.
func (s *Setup) corrected(props map[string]string, errs config.Errors, distributed bool) *plan.Worker {
	right := without(props, errs, s.plugins)
	if w, _ := parseWorker(right, distributed); w != nil || !distributed {
		return w
	}
	w, _ := parseWorker(right, false)
	if w != nil {
		w.Warnings = nil // those of a standalone worker
	}
	return w
}

// parseWorker parses a worker's properties, and checks what this command alone
// reads. There is a worker only without errors.
func parseWorker(props map[string]string, distributed bool) (*plan.Worker, config.Errors) {
	parse := plan.ParseConfig
	if distributed {
		parse = plan.ParseDistributed
	}
	w, err := parse(props)
	var errs config.Errors
	if err != nil && !errors.As(err, &errs) {
		errs = config.Errors{{Message: err.Error()}}
	}
	values, _ := plan.WorkerDef().Parse(props) // ParseConfig has the errors
	errs = append(errs, checkHTTP(values, w)...)
	if len(errs) > 0 {
		return nil, errs
	}
	return w, nil
}

// without is a worker's properties with others in place of those that are wrong, so
// that connectors can be checked all the same.
func without(props map[string]string, errs config.Errors, plugins connect.Plugins) map[string]string {
	out := maps.Clone(props)
	for _, e := range errs {
		delete(out, e.Key)
		if e.Key == "group.id" {
			out[e.Key] = "unset"
		}
	}
	for _, key := range []string{"key.converter", "value.converter"} {
		if strings.TrimSpace(out[key]) != "" || len(plugins.Converters) == 0 {
			continue
		}
		maps.DeleteFunc(out, func(name, _ string) bool { return strings.HasPrefix(name, key+".") })
		out[key] = plugins.Converters[0].Class
	}
	if out["offset.storage.file.filename"]+out["offset.storage.topic"] == "" {
		out["offset.storage.file.filename"] = "unset"
	}
	return out
}

// compile checks one connector.
func (s *Setup) compile(r *Report, w *plan.Worker, c configfiles.Connector) {
	r.checked = true
	compiled, errs, err := plan.Compile(w, s.plugins, c.Config)
	if err != nil {
		r.refuseClass(err, s.plugins)
		return
	}
	if compiled == nil {
		_, keys, _ := plan.FindPlugin(s.plugins, c.Config[configfiles.ClassKey])
		r.refuseKeys(errs, keys, s.plugins)
		return
	}
	r.Plan, r.Warnings = compiled, compiled.Warnings
	if s.Worker != nil { // else it would not run as it was compiled
		r.facts = connectorFacts(compiled, string(c.InitialState))
		r.keys, _ = plan.Validate(w, s.plugins, c.Config) // it has just been compiled
		r.props = c.Config
	}
	if err := compiled.Close(); err != nil {
		r.refuse(err.Error())
	}
}

// unplaced is an error without the path that it begins with.
func unplaced(path string, err error) string { return strings.TrimPrefix(err.Error(), path+": ") }

// Count returns how many errors and warnings there are in all files.
func (s *Setup) Count() (errs, warnings int) {
	for _, r := range s.Reports {
		errs, warnings = errs+len(r.Problems), warnings+len(r.Warnings)
	}
	return errs, warnings
}

// Err is everything that is wrong, a [command.UsageError], or nil.
func (s *Setup) Err() error {
	var lines []string
	for _, r := range s.Reports {
		for _, p := range r.Problems {
			lines = append(lines, r.Path+": "+p.Text())
		}
	}
	switch len(lines) {
	case 0:
		return nil
	case 1:
		return command.Usage(errors.New(lines[0]))
	}
	return command.Usage(fmt.Errorf("%s, nothing was started:\n%s", command.Amount(len(lines), "error"),
		strings.Join(lines, "\n")))
}

// Print prints the reports of all files with what would run. The error sums up what is
// wrong.
func (s *Setup) Print(w io.Writer, verbose bool) error {
	for i, r := range s.Reports {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if err := r.write(w, verbose); err != nil {
			return err
		}
	}
	errs, warnings := s.Count()
	sum := fmt.Sprintf("%s and %s in %s", command.Amount(errs, "error"), command.Amount(warnings, "warning"),
		command.Amount(len(s.Reports), "file"))
	if errs > 0 {
		return command.Usage(errors.New(sum))
	}
	_, err := fmt.Fprintf(w, "\n%s\n", sum)
	return err
}
