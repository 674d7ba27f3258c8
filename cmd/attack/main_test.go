package main

import (
	"strings"
	"testing"
)

func TestListNamesEveryKindOnce(t *testing.T) {
	c := command()
	var out strings.Builder
	c.SetOut(&out)
	c.SetArgs([]string{"--list"})
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(out.String()) {
		name, does, _ := strings.Cut(strings.TrimSpace(line), " ")
		if does = strings.TrimSpace(does); seen[name] || does == "" {
			t.Errorf("line %q names a kind twice, or does not say what it does", line)
		}
		seen[name] = true
	}
	for _, name := range []string{"bomb-zstd", "visitors", "slow-headers", "manifests"} {
		if !seen[name] {
			t.Errorf("no line about %s", name)
		}
	}
}

func TestAttackNeedsServicesAndKnownKinds(t *testing.T) {
	for _, c := range []struct {
		kafka, want string
		args        []string
	}{
		{"", "set SUIRO_KAFKA", nil},
		{"127.0.0.1:1", "run attack in the folder of go.mod", nil},
	} {
		t.Setenv("SUIRO_KAFKA", c.kafka)
		t.Setenv("SUIRO_ES", "http://127.0.0.1:1")
		t.Setenv("SUIRO_HDFS", "127.0.0.1:1")
		cmd := command()
		var out strings.Builder
		cmd.SetOut(&out)
		cmd.SetArgs(append([]string{"--dir", t.TempDir()}, c.args...))
		if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("attack with kafka %q = %v, want %q", c.kafka, err, c.want)
		}
	}
}
