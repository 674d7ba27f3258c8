package cli

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

// setup is what the files of a worker and its connectors say.
type setup struct {
	plugins    connect.Plugins
	alone      bool         // there are connector files, so that the worker is standalone
	worker     *plan.Worker // nil when its file is wrong
	connectors []configfiles.Connector
	reports    []*report // of each file, the worker's first
}

// readSetup reads and checks all files, so that one answer has everything that is
// wrong. It connects to nothing.
func readSetup(plugins connect.Plugins, workerFile string, connectorFiles []string) *setup {
	s := &setup{plugins: plugins, alone: len(connectorFiles) > 0}
	against := s.readWorker(workerFile)
	seen := map[string]string{}
	for _, path := range connectorFiles {
		r := &report{path: path}
		s.reports = append(s.reports, r)
		c, err := configfiles.ReadConnector(path)
		if err != nil {
			r.refuse(unplaced(path, err))
			continue
		}
		r.title = "connector " + c.Name
		if seen[c.Name] != "" {
			r.refuse(fmt.Sprintf("connector %s is also in %s: give one of them another name", c.Name, seen[c.Name]))
		}
		seen[c.Name] = path
		s.connectors = append(s.connectors, c)
		if against == nil {
			r.notes = append(r.notes, "not checked further, as the worker's file is wrong")
			continue
		}
		s.compile(r, against, c)
	}
	return s
}

// readWorker reads the worker's file, and returns a worker that connectors can be
// checked against, also when its own file is wrong.
func (s *setup) readWorker(path string) *plan.Worker {
	r := &report{path: path, title: "worker"}
	s.reports = append(s.reports, r)
	props, err := configfiles.ReadWorker(path)
	if err != nil {
		r.refuse(unplaced(path, err))
		return nil
	}
	distributed := !s.alone && plan.NamesGroup(props)
	w, errs := parseWorker(props, distributed)
	against := w
	if w == nil {
		against, _ = parseWorker(without(props, errs, s.plugins), false)
	}
	if against != nil {
		warnings, wrong := plan.CheckConverters(against, s.plugins)
		errs = append(errs, wrong...)
		r.warnings = append(against.Warnings, warnings...)
	}
	if s.alone && plan.NamesGroup(props) {
		r.warnings = append(r.warnings, "the worker is standalone and in no group, because connector files are given: "+
			"leave them out for a worker of group "+props["group.id"])
	}
	r.refuseKeys(errs, plan.WorkerDef().Keys(), s.plugins)
	if len(errs) > 0 {
		against, _ = parseWorker(without(props, errs, s.plugins), false)
		return against
	}
	r.keys, r.props = plan.WorkerDef().Validate(props), props
	r.facts = workerFacts(props, w)
	s.worker = w
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
func (s *setup) compile(r *report, w *plan.Worker, c configfiles.Connector) {
	compiled, errs, err := plan.Compile(w, s.plugins, c.Config)
	if err != nil {
		r.refuse(err.Error())
		return
	}
	if compiled == nil {
		_, keys, _ := plan.FindPlugin(s.plugins, c.Config[configfiles.ClassKey])
		r.refuseKeys(errs, keys, s.plugins)
		return
	}
	r.warnings = compiled.Warnings
	if s.worker != nil { // else it would not run as it was compiled
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

// count returns how many errors and warnings there are in all files.
func (s *setup) count() (errs, warnings int) {
	for _, r := range s.reports {
		errs, warnings = errs+len(r.errs), warnings+len(r.warnings)
	}
	return errs, warnings
}

// err is everything that is wrong, or nil.
func (s *setup) err() error {
	var lines []string
	for _, r := range s.reports {
		for _, e := range r.errs {
			lines = append(lines, r.path+": "+e)
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

// print prints the reports of all files. The error sums up what is wrong.
func (s *setup) print(w io.Writer, verbose bool) error {
	for i, r := range s.reports {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if err := r.write(w, verbose); err != nil {
			return err
		}
	}
	errs, warnings := s.count()
	sum := fmt.Sprintf("%s and %s in %s", command.Amount(errs, "error"), command.Amount(warnings, "warning"),
		command.Amount(len(s.reports), "file"))
	if errs > 0 {
		return command.Usage(errors.New(sum))
	}
	_, err := fmt.Fprintf(w, "\n%s\n", sum)
	return err
}
