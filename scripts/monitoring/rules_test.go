package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"
)

// program finds a program of Prometheus. Where there is none the test is left
// out, or fails when SUIRO_REQUIRE_SERVICES is 1.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
		t.Fatalf("%v: install Debian's package prometheus", err)
	}
	t.Skipf("%v: install Debian's package prometheus", err)
	return ""
}

// rules are the alert rules, in one list.
func rules(t *testing.T) []rulefmt.Rule {
	t.Helper()
	groups, err := readRules(filepath.Join(folder, rulesFile))
	if err != nil {
		t.Fatal(err)
	}
	var out []rulefmt.Rule
	for _, g := range groups.Groups {
		out = append(out, g.Rules...)
	}
	return out
}

func TestPrometheusTakesTheRules(t *testing.T) {
	out, err := exec.Command(program(t, "promtool"), "check", "rules", filepath.Join(folder, rulesFile)).CombinedOutput()
	if err != nil {
		t.Errorf("promtool check rules: %v\n%s", err, out)
	}
}

func TestEveryAlertSaysWhatToDo(t *testing.T) {
	const page = "https://github.com/suiro/suiro/blob/main/docs/monitoring/alerts.md#"
	for _, r := range rules(t) {
		if s := r.Labels["severity"]; s != "critical" && s != "warning" {
			t.Errorf("%s: severity %q is neither critical nor warning", r.Alert, s)
		}
		if r.Annotations["summary"] == "" || len(r.Annotations["description"]) < 100 {
			t.Errorf("%s: no summary, or a description that cannot say what to do", r.Alert)
		}
		if got, want := r.Annotations["runbook_url"], page+strings.ToLower(r.Alert); got != want {
			t.Errorf("%s: runbook_url = %s, want %s", r.Alert, got, want)
		}
		if !strings.HasPrefix(r.Alert, "Suiro") {
			t.Errorf("%s: the name does not begin with Suiro", r.Alert)
		}
	}
}

// testdata/alerts_test.yml has, for every alert, series that make it fire and
// series that do not.
func TestAlertsFireOnSeries(t *testing.T) {
	cases, err := os.ReadFile("testdata/alerts_test.yml")
	if err != nil {
		t.Fatal(err)
	}
	groups, err := readRules(filepath.Join(folder, rulesFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules(t) {
		if !strings.Contains(string(cases), "alertname: "+r.Alert+"\n        exp_alerts:") {
			t.Errorf("testdata/alerts_test.yml never makes %s fire", r.Alert)
		}
	}
	dir := t.TempDir()
	writeRules(t, filepath.Join(dir, "rules.yml"), groups, func(r *rulefmt.Rule) { r.Annotations = nil })
	write(t, filepath.Join(dir, "alerts_test.yml"), string(cases))
	test := exec.Command(program(t, "promtool"), "test", "rules", "alerts_test.yml")
	test.Dir = dir
	if out, err := test.CombinedOutput(); err != nil {
		t.Errorf("promtool test rules: %v\n%s", err, out)
	}
}

// writeRules writes changed rules.
func writeRules(t *testing.T, path string, groups *rulefmt.RuleGroups, change func(*rulefmt.Rule)) {
	t.Helper()
	for _, g := range groups.Groups {
		for i := range g.Rules {
			change(&g.Rules[i])
		}
	}
	text, err := yaml.Marshal(groups)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(text))
}

func TestGeneratedFilesAreFresh(t *testing.T) {
	files, err := generate(folder)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is stale: run make generate (%v)", name, err)
		}
	}
}

// scaled is a rule in a world where an hour is a minute, so that a test sees
// alerts fire and resolve.
func scaled(t *testing.T, r *rulefmt.Rule) {
	t.Helper()
	expr, err := scaledExpr(r.Expr)
	if err != nil {
		t.Fatalf("%s: %v", r.Alert, err)
	}
	r.Expr, r.For = expr, r.For/scale
}

// scale is by what durations are divided.
const scale = 60

func TestScalingReachesEveryDuration(t *testing.T) {
	for expr, want := range map[string]string{
		`increase(a[10m]) > 3`:                     `increase(a[10s]) > 3`,
		`min_over_time((sum(a))[1h:1m] offset 1h)`: `min_over_time((sum(a))[1m:1s] offset 1m)`,
	} {
		if got, err := scaledExpr(expr); err != nil || got != want {
			t.Errorf("scaledExpr(%s) = %s, %v, want %s", expr, got, err, want)
		}
	}
	r := rulefmt.Rule{Expr: "up", For: model.Duration(120e9)}
	if scaled(t, &r); r.For != model.Duration(2e9) {
		t.Errorf("for = %v, want 2s", r.For)
	}
	if _, err := scaledExpr("a["); err == nil {
		t.Error(fmt.Errorf("scaledExpr took half an expression"))
	}
}
