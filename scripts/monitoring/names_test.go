package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/promql/parser"
)

// exported are the metrics of running processes: label names and values by
// the names that expressions use.
type exported map[string]map[string]map[string]bool

// added are the labels that Prometheus adds to everything it scrapes.
var added = map[string]map[string]bool{"job": nil, "instance": nil}

// add notes the metrics of a process.
func (e exported) add(families map[string]*dto.MetricFamily) {
	for name, f := range families {
		names := []string{name}
		switch f.GetType() {
		case dto.MetricType_HISTOGRAM:
			names = []string{name + "_bucket", name + "_sum", name + "_count"}
		case dto.MetricType_SUMMARY:
			names = []string{name, name + "_sum", name + "_count"}
		}
		for _, n := range names {
			if e[n] == nil {
				e[n] = maps.Clone(added)
			}
			if strings.HasSuffix(n, "_bucket") {
				e[n]["le"] = nil
			}
			for _, m := range f.GetMetric() {
				e.labels(n, m)
			}
		}
	}
}

func (e exported) labels(name string, m *dto.Metric) {
	for _, l := range m.GetLabel() {
		if e[name][l.GetName()] == nil {
			e[name][l.GetName()] = map[string]bool{}
		}
		e[name][l.GetName()][l.GetValue()] = true
	}
}

// names is a set of labels.
type names map[string]bool

// check complains about every name that an expression uses and nothing exports,
// and returns the labels that its result has.
func (e exported) check(expr string) (names, error) {
	parsed, err := promql().ParseExpr(expr)
	if err != nil {
		return nil, err
	}
	return e.labelsOf(parsed)
}

func (e exported) labelsOf(expr parser.Expr) (names, error) {
	switch n := expr.(type) {
	case *parser.VectorSelector:
		return e.selector(n)
	case *parser.MatrixSelector:
		return e.labelsOf(n.VectorSelector)
	case *parser.SubqueryExpr:
		return e.labelsOf(n.Expr)
	case *parser.ParenExpr:
		return e.labelsOf(n.Expr)
	case *parser.Call:
		return e.call(n)
	case *parser.AggregateExpr:
		inner, err := e.labelsOf(n.Expr)
		if n.Op == parser.TOPK {
			return inner, err
		}
		return set(n.Grouping), errors.Join(err, inner.have(n.Grouping, n.Expr))
	case *parser.BinaryExpr:
		return e.binary(n)
	}
	return nil, nil // a number
}

// call is a function: its result has the labels of its only series.
func (e exported) call(n *parser.Call) (out names, err error) {
	for _, arg := range n.Args {
		labels, problem := e.labelsOf(arg)
		err = errors.Join(err, problem)
		if labels != nil {
			out = labels
		}
	}
	return out, err
}

// binary is an operator: its result has the labels of the left side, or of the
// one that is not a number.
func (e exported) binary(n *parser.BinaryExpr) (names, error) {
	left, err1 := e.labelsOf(n.LHS)
	right, err2 := e.labelsOf(n.RHS)
	err := errors.Join(err1, err2)
	if n.VectorMatching != nil {
		by := n.VectorMatching.MatchingLabels
		err = errors.Join(err, left.have(by, n.LHS), right.have(by, n.RHS))
	}
	if left == nil {
		left = right
	}
	if n.Op == parser.LOR {
		maps.DeleteFunc(left, func(name string, _ bool) bool { return !right[name] })
	}
	return left, err
}

// have complains about labels that are missing.
func (n names) have(labels []string, of fmt.Stringer) error {
	var errs []error
	for _, l := range labels {
		if !n[l] {
			errs = append(errs, fmt.Errorf("%s has no label %s", of, l))
		}
	}
	return errors.Join(errs...)
}

func set(labels []string) names {
	out := names{}
	for _, l := range labels {
		out[l] = true
	}
	return out
}

// stateSets are labels whose values are known in advance.
var stateSets = []string{"status", "state"}

func (e exported) selector(s *parser.VectorSelector) (names, error) {
	labels, found := e[s.Name]
	if !found {
		return nil, fmt.Errorf("nothing exports %s", s.Name)
	}
	out := names{}
	for l := range labels {
		out[l] = true
	}
	for _, m := range s.LabelMatchers {
		values, found := labels[m.Name]
		if m.Name != "__name__" && !found {
			return out, fmt.Errorf("%s has no label %s", s.Name, m.Name)
		}
		if slices.Contains(stateSets, m.Name) && !values[m.Value] {
			return out, fmt.Errorf("%s never has %s=%q, only %q", s.Name, m.Name, m.Value, slices.Sorted(maps.Keys(values)))
		}
	}
	return out, nil
}

// use is an expression of a rule or a panel, and the text that names labels of its
// result.
type use struct {
	expr, text string
}

// uses are all expressions of rules and dashboards, by where they stand.
func uses(t *testing.T) map[string]use {
	t.Helper()
	out := map[string]use{}
	for _, r := range rules(t) {
		out["alert "+r.Alert] = use{r.Expr, r.Annotations["summary"]}
	}
	for _, b := range boards(t) {
		for _, v := range b.Variables {
			out[b.Title+" $"+v.Name] = use{expr: filled(labelValues.ReplaceAllString(v.Query, "sum by ($2) ($1)"))}
		}
		for _, r := range b.Rows {
			for _, p := range r.Panels {
				for i, q := range p.Queries {
					out[fmt.Sprintf("%s / %s / %c", b.Title, p.Title, 'A'+i)] = use{filled(q.Expr), q.Legend}
				}
			}
		}
	}
	return out
}

// named are the labels that a legend or a summary names.
func named(text string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`\{\{ *(?:\$labels\.)?(\w+) *\}\}`).FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// labelValues is Grafana's query of a variable.
var labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)

// filled is an expression with all of Grafana's variables filled in: everything
// is chosen.
func filled(expr string) string {
	expr = strings.ReplaceAll(expr, "$__rate_interval", "1m")
	return regexp.MustCompile(`\$\w+`).ReplaceAllString(expr, ".*")
}

func TestWhatRunningProcessesExport(t *testing.T) {
	w := startWorld(t)
	w.working(t)
	t.Run("every name that is used", w.exportsEveryName)
	t.Run("names as Prometheus wants them", w.exportsGoodNames)
}

// exportsEveryName checks that every metric and label that a rule, a panel or the
// page uses is exported before anything went wrong.
func (w *world) exportsEveryName(t *testing.T) {
	known := exported{"up": maps.Clone(added)}
	for _, p := range []*process{w.worker, w.app} {
		families, err := p.metrics()
		if err != nil {
			t.Fatal(err)
		}
		known.add(families)
	}
	all := uses(t)
	for _, where := range slices.Sorted(maps.Keys(all)) {
		labels, err := known.check(all[where].expr)
		if err == nil {
			err = labels.have(named(all[where].text), quoted(all[where].text))
		}
		if err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
	for _, name := range pageNames(t) {
		if known[name] == nil && known[name+"_count"] == nil {
			t.Errorf("README.md names %s, which nothing exports", name)
		}
	}
}

// quoted is a text that can be named.
type quoted string

// String implements fmt.Stringer.
func (q quoted) String() string { return strconv.Quote(string(q)) }

// exportsGoodNames asks Prometheus' linter.
func (w *world) exportsGoodNames(t *testing.T) {
	for name, p := range map[string]*process{"worker": w.worker, "app": w.app} {
		text, err := p.get("/metrics")
		if err != nil {
			t.Fatal(err)
		}
		problems, err := promlint.New(bytes.NewReader(text)).Lint()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, problem := range problems {
			t.Errorf("%s: %s: %s", name, problem.Metric, problem.Text)
		}
	}
}

// keys finds what looks like a key of a configuration.
var keys = regexp.MustCompile("(?:^|[ (`])([a-z]+(?:\\.[a-z]+)+)(?:[ =,;:.)`]|$)")

// ofKafka are keys of topics, and so Kafka's.
var ofKafka = []string{"retention.ms", "retention.bytes"}

// Every key that an alert, a panel or the page speaks of is in the reference.
func TestKeysAreInTheReference(t *testing.T) {
	texts := map[string]string{}
	for _, r := range rules(t) {
		texts["alert "+r.Alert] = r.Annotations["description"]
	}
	for _, b := range boards(t) {
		for _, r := range b.Rows {
			for _, p := range r.Panels {
				texts[b.Title+" / "+p.Title] = p.About
			}
		}
	}
	reference := pages(t, "../../docs/reference")
	found := 0
	for _, where := range slices.Sorted(maps.Keys(texts)) {
		for _, m := range keys.FindAllStringSubmatch(texts[where], -1) {
			if found++; !slices.Contains(ofKafka, m[1]) && !strings.Contains(reference, "`"+m[1]+"`") {
				t.Errorf("%s speaks of %s, which no page of the reference has", where, m[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("found %d keys, want those that descriptions speak of", found)
	}
}

// pages is the text of all pages below a folder.
func pages(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// pageNames are the metrics that the page of the folder names.
func pageNames(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile("`((?:kafka|suiro|elasticsearch|hdfs|file|process|go)_[a-z_]+)`").
		FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	return names
}

// A check that cannot fail holds nothing.
func TestWrongNamesAreFound(t *testing.T) {
	known := exported{}
	known.labels0("lag", "connector", "a")
	known.labels0("status", "status", "failed")
	for expr, want := range map[string]string{
		`lagg`:                                     "nothing exports lagg",
		`lag{task="0"}`:                            "lag has no label task",
		`sum by (task) (rate(lag[5m]))`:            "has no label task",
		`lag and on (task) status`:                 "has no label task",
		`status{status="lost"}`:                    "never has",
		`sum by (connector) (rate(lag)))`:          "parse error",
		`sum by (task) (sum by (connector) (lag))`: "has no label task",
	} {
		if _, err := known.check(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("check(%s) = %v, want an error with %q", expr, err, want)
		}
	}
	if _, err := known.check(`sum by (connector, job) (rate(lag{connector=~".*"}[5m])) > 0`); err != nil {
		t.Errorf("check = %v, want no complaint", err)
	}
}

// labels0 notes a metric with one label.
func (e exported) labels0(name, label, value string) {
	e[name] = maps.Clone(added)
	e[name][label] = map[string]bool{value: true}
}
