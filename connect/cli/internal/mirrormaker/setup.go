package mirrormaker

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/flags"
	"github.com/suiro/suiro/internal/memory"
)

// The connectors of a flow, by the names that MirrorMaker 2 gives them, and the package of their
// classes.
const (
	javaPackage = "org.apache.kafka.connect.mirror."
	// Checkpoints is the connector that a flow without checkpoints does not have.
	Checkpoints = "MirrorCheckpointConnector"
)

// names are the connectors of a flow.
func names() []string {
	return []string{"MirrorSourceConnector", "MirrorHeartbeatConnector", Checkpoints}
}

// Runs reports whether a program has the plugins that a file needs.
func Runs(plugins connect.Plugins) bool {
	return !slices.ContainsFunc(names(), func(name string) bool {
		_, _, ok := plan.FindPlugin(plugins, javaPackage+name)
		return !ok
	})
}

// InternalREST is the key that lets processes ask each other.
const InternalREST = "dedicated.mode.enable.internal.rest"

// Setup is what a file asks for.
type Setup struct {
	// Path is the file.
	Path string
	// Flows are those that run, sorted by their names.
	Flows []*Flow
	// InternalREST says that the processes of the file ask each other over HTTP, so that they
	// share the work.
	InternalREST bool
	// Memory is the budget of the process.
	Memory *memory.Budget
	// Problems are what is wrong with the file, and Warnings what has no effect.
	Problems, Warnings []string
}

// Flow is what is mirrored from one cluster to another.
type Flow struct {
	// Source and Target are the clusters.
	Source, Target string
	// Mirrors says that topics are mirrored, and not heartbeats written alone.
	Mirrors bool
	// Worker is the worker of the target cluster.
	Worker *plan.Worker
	// Connectors are what it runs.
	Connectors []Connector
}

// String is source->target.
func (f *Flow) String() string { return f.Source + "->" + f.Target }

// Connector is one of the connectors of a flow.
type Connector struct {
	// Name is its name.
	Name string
	// Config is its configuration.
	Config map[string]string
	// Shown is Config without secrets.
	Shown map[string]string
}

// Read reads and checks a file, and connects to nothing. targets are the clusters whose flows run in
// this process; none are all.
func Read(plugins connect.Plugins, path string, targets []string) *Setup {
	s := &Setup{Path: path}
	props, err := flags.ReadProperties(path)
	switch {
	case err != nil:
		s.Problems = []string{strings.TrimPrefix(err.Error(), path+": ")}
		return s
	case props["clusters"] == "" && (props["group.id"] != "" || props["connector.class"] != ""):
		s.Problems = []string{"is the file of a worker or of a connector: a file of MirrorMaker 2 has clusters"}
		return s
	}
	own, err := ownDef().Parse(props)
	r := &reading{file: &file{props: props, clusters: own.List("clusters"), shared: sharedKeys(plugins)},
		found: newFindings(), plugins: plugins, setup: s}
	var errs config.Errors
	errors.As(err, &errs)
	r.found.errs = append(errs, r.file.checkFlows()...)
	s.InternalREST = own.Bool(InternalREST)
	s.Memory = memory.Limit(own.Long(memory.MaxBytes))
	r.file.share = strconv.FormatInt(s.Memory.Bytes()/int64(max(r.file.count(targets), 1)), 10)
	if r.flows(targets) {
		r.elsewhere()
	}
	wrong, warnings := r.found.result()
	for _, e := range wrong {
		s.Problems = append(s.Problems, strings.TrimSuffix(e.Error(), "."))
	}
	s.Warnings = warnings
	return s
}

// ownDef declares the keys of the file that no part has.
func ownDef() *config.Def {
	return config.New(
		config.Key{Name: "clusters", Type: config.List, Required: true, Valid: config.NonEmpty(),
			Doc: "The aliases of the clusters, with commas between."},
		config.Key{Name: InternalREST, Type: config.Boolean, Default: false,
			Doc: "Whether processes with this file ask each other over HTTP, at listeners, so that they share the work."},
		memory.Key())
}

// sharedKeys are the keys of connectors that may stand alone in the file. Those of clients may not: a
// cluster comes before them.
func sharedKeys(plugins connect.Plugins) map[string]bool {
	out := map[string]bool{}
	for _, name := range names() {
		_, keys, _ := plan.FindPlugin(plugins, javaPackage+name)
		for _, k := range keys {
			out[k.Name] = true
		}
	}
	maps.DeleteFunc(out, func(key string, _ bool) bool {
		return isOfClients(key) && key != "admin.timeout.ms" || strings.HasPrefix(key, "source.") ||
			strings.HasPrefix(key, "target.") || key == "name" || key == "connector.class"
	})
	return out
}

// reading is a file that is being read.
type reading struct {
	file    *file
	found   *findings
	plugins connect.Plugins
	setup   *Setup
}

// flows makes the flows of all pairs of clusters, and reports whether there are any.
func (r *reading) flows(targets []string) (any bool) {
	clusters := slices.Compact(slices.Sorted(slices.Values(r.file.clusters)))
	for _, alias := range targets {
		if !slices.Contains(clusters, alias) {
			r.found.refuse(config.Errorf("clusters", strings.Join(clusters, ","),
				"has no cluster %s, which --clusters names", alias))
		}
	}
	for _, source := range clusters {
		for _, target := range clusters {
			mirrors, beats := r.file.enabled(source, target)
			if source == target || !mirrors && !beats {
				continue
			}
			f := r.flow(source, target)
			f.Mirrors = mirrors
			if any = true; len(targets) == 0 || slices.Contains(targets, target) {
				r.setup.Flows = append(r.setup.Flows, f)
			}
		}
	}
	if !any && len(clusters) > 0 {
		r.found.refuse(config.Errorf("clusters", strings.Join(clusters, ","), "no flow is enabled: set, for example, "+
			"%s->%s.enabled=true, between two clusters", clusters[0], clusters[len(clusters)-1]))
	}
	return any
}

// flow makes and checks a flow.
func (r *reading) flow(source, target string) *Flow {
	f := &Flow{Source: source, Target: target}
	for _, alias := range []string{source, target} {
		if _, ok := r.file.cluster(alias)["bootstrap.servers"]; !ok {
			r.found.refuse(config.MissingKey(alias + ".bootstrap.servers"))
		}
	}
	w := r.worker(f)
	if w == nil { // connectors are checked all the same
		w, _ = plan.ParseDistributed(map[string]string{"bootstrap.servers": "localhost:9092", "group.id": "?",
			"config.storage.topic": "?c", "offset.storage.topic": "?o", "status.storage.topic": "?s",
			"key.converter": bytesConverter, "value.converter": bytesConverter})
	} else {
		f.Worker = w
	}
	for _, name := range names() {
		if c := r.connector(w, f, name); c != nil {
			f.Connectors = append(f.Connectors, *c)
		}
	}
	return f
}

// worker makes the worker of a flow, and notes what is wrong with it.
func (r *reading) worker(f *Flow) *plan.Worker {
	l := r.file.worker(f.Source, f.Target)
	named := func(key string) string { return f.Target + "." + key }
	_, errs := check.Distributed(l.props())
	r.found.add(l, errs, nil, named)
	rest := l.without(unknown(errs))
	w, _ := check.Distributed(rest.props())
	if w != nil {
		r.found.add(rest, nil, w.Warnings, named)
	}
	return w
}

// unknown are the keys that are not known.
func unknown(errs config.Errors) map[string]bool {
	out := map[string]bool{}
	for _, e := range errs {
		if e.Fault == config.Unknown {
			out[e.Key] = true
		}
	}
	return out
}

// connector makes a connector of a flow, nil when something is wrong with it or nothing is to be done.
func (r *reading) connector(w *plan.Worker, f *Flow, name string) *Connector {
	l := r.file.connector(f.Source, f.Target, name)
	named := func(key string) string {
		if rest, ok := strings.CutPrefix(key, "source.cluster."); ok {
			return f.Source + "." + rest
		}
		if rest, ok := strings.CutPrefix(key, "target.cluster."); ok {
			return f.Target + "." + rest
		}
		return f.String() + "." + key
	}
	_, errs, err := plan.Compile(w, r.plugins, l.props())
	if err != nil {
		r.found.refuse(config.KeyError{Fault: config.Unknown, Key: name, Message: err.Error()})
		return nil
	}
	idle := name == Checkpoints && (isFalse(l, "emit.checkpoints.enabled") || isFalse(l, "emit.offset-syncs.enabled"))
	if idle {
		errs = slices.DeleteFunc(errs, func(e config.KeyError) bool {
			return e.Key == "emit.checkpoints.enabled" || e.Key == "emit.offset-syncs.enabled"
		})
	}
	r.found.add(l, errs, nil, named)
	rest := l.without(unknown(errs))
	p, _, _ := plan.Compile(w, r.plugins, rest.props())
	if p == nil {
		return nil
	}
	r.found.add(rest, nil, p.Warnings, named)
	_ = p.Close() // it was made to find errors
	return &Connector{Name: name, Config: rest.props(), Shown: p.Shown()}
}

func isFalse(l layer, key string) bool {
	return strings.EqualFold(strings.TrimSpace(l[key].text), "false")
}

// elsewhere notes keys that are in no part of a flow.
func (r *reading) elsewhere() {
	f := r.file
	tops := slices.Concat(slices.Collect(maps.Keys(f.shared)), []string{"clusters", InternalREST, "listeners",
		"security.protocol", "offset.storage.replication.factor", "config.storage.replication.factor",
		"status.storage.replication.factor"})
	for key := range f.props {
		switch {
		case r.found.used[key], r.found.warnings[key] != "", key == "clusters", key == InternalREST,
			key == memory.MaxBytes, strings.Contains(key, "->"):
			continue
		case f.ofCluster(key) != "":
			if _, ok := r.found.unknown[key]; !ok {
				r.found.warnings[key] = key + " has no effect: no flow has this cluster"
			}
			continue
		}
		if _, ok := r.found.unknown[key]; ok {
			continue
		}
		if alone := r.alone(key); alone != "" {
			r.found.warnings[key] = key + " has no effect: " + alone
			continue
		}
		e := config.UnknownKey(key, tops)
		if !strings.HasSuffix(e.Message, "?") {
			e.Message = "Unknown configuration " + strconv.Quote(key) +
				": nothing here reads it; correct its name or leave it out"
		}
		r.found.unknown[key] = e
	}
}

// ofCluster is the cluster whose alias a key begins with, or "".
func (f *file) ofCluster(key string) string { return f.targetOf(key) }

// alone says why a key of clients and workers has no effect when it stands alone, or "".
func (r *reading) alone(key string) string {
	known := slices.Contains(plan.WorkerDef().Names(), key)
	if !known && !isOfClients(key) && key != "name" && key != "connector.class" {
		return ""
	}
	if key == "name" || key == "connector.class" {
		return "connectors have the names and classes that MirrorMaker 2 gives them"
	}
	alias := "CLUSTER"
	if len(r.file.clusters) > 0 {
		alias = r.file.clusters[0]
	}
	return fmt.Sprintf("as in MirrorMaker 2, a cluster comes before it: %s.%s", alias, key)
}

// Err is everything that is wrong, a [command.UsageError], or nil.
func (s *Setup) Err() error {
	switch len(s.Problems) {
	case 0:
		return nil
	case 1:
		return command.Usage(fmt.Errorf("%s: %s", s.Path, s.Problems[0]))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, nothing was started:", command.Amount(len(s.Problems), "error"))
	for _, p := range s.Problems {
		fmt.Fprintf(&b, "\n%s: %s", s.Path, p)
	}
	return command.Usage(errors.New(b.String()))
}
