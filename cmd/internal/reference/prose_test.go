package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/suiro/suiro/cmd/internal/ctl"
	"github.com/suiro/suiro/cmd/internal/demo/command"
	"github.com/suiro/suiro/cmd/internal/deploy"
	"github.com/suiro/suiro/cmd/internal/dlq"
	"github.com/suiro/suiro/cmd/internal/scaffold"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/internal/flags"
	"github.com/suiro/suiro/streams/app"
)

const top = "../../.."

// prose maps the Markdown pages that people write to their text.
func prose(t *testing.T) map[string]string {
	t.Helper()
	list := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md")
	list.Dir = top
	out, err := list.Output()
	if err != nil {
		t.Fatalf("list the pages: %v", err)
	}
	pages := map[string]string{}
	for _, name := range strings.Fields(string(out)) {
		if strings.HasPrefix(name, "docs/reference/") || strings.Contains(name, "testdata/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(top, name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = string(text)
	}
	return pages
}

var (
	span = regexp.MustCompile("`([^`\n]+)`")
	// dotted is a key as an operator writes it, perhaps with a value.
	dotted = regexp.MustCompile(`^([a-z][a-z0-9]*(?:\.[a-z0-9]+)+)(?:=.*)?$`)
	// listed is a key on a page of the reference.
	listed = regexp.MustCompile("(?m)^#+ `([^` ]+)`$")
)

// foreign are keys of brokers, topics and other programs that pages speak of, and what only looks like a key.
var foreign = []string{
	"advertised.listeners", "min.insync.replicas", "message.timestamp.type", "retention.ms", "cleanup.policy",
	"delete.retention.ms", "auto.create.topics.enable", "topology.optimization", "transaction.max.timeout.ms",
	"isolation.level", "transactional.id", "offsets.retention.minutes", "config.action.reload", "config.providers.file.param.allowed.paths",
	"config.providers.env.param.allowlist.pattern", "file.line.begin", "file.line.end", "app.log.1", "a.b",
	"go.mod", "go.sum",
}

// knownKeys are the keys of the reference, without the parts in front that depend on where a key is written.
func knownKeys() []string {
	keys := slices.Clone(foreign)
	for _, k := range app.KafkaStreamsKeys() {
		keys = append(keys, k.Name)
	}
	for _, p := range pages() {
		for _, m := range listed.FindAllStringSubmatch(p.text(), -1) {
			keys = append(keys, m[1], m[1][strings.LastIndexByte(m[1], '>')+1:])
			for _, prefix := range []string{"value.converter.", "header.converter."} {
				if rest, ok := strings.CutPrefix(m[1], prefix); ok {
					keys = append(keys, rest, "key.converter."+rest)
				}
			}
		}
	}
	return keys
}

func TestKeysInProseExist(t *testing.T) {
	keys := knownKeys()
	exists := func(key string) bool {
		for _, prefix := range []string{"producer.override.", "consumer.override.", "admin.override.", "producer.", "consumer.",
			"admin.", "source.cluster.", "target.cluster.", "source.consumer."} {
			if rest, ok := strings.CutPrefix(key, prefix); ok && slices.Contains(keys, rest) {
				return true
			}
		}
		return slices.Contains(keys, key) || slices.ContainsFunc(keys, func(k string) bool {
			return strings.HasPrefix(k, key+".") || strings.HasSuffix(k, "."+key) || withAlias(k, key)
		})
	}
	for name, text := range prose(t) {
		for _, m := range span.FindAllStringSubmatch(text, -1) {
			key := dotted.FindStringSubmatch(m[1])
			if key == nil || exists(key[1]) || isFile(name, key[1]) {
				continue
			}
			t.Errorf("%s: no page of docs/reference has the key %s", name, key[1])
		}
	}
}

// withAlias reports whether key is listed with another alias.
func withAlias(listed, key string) bool {
	before, after, found := strings.Cut(listed, "<alias>")
	return found && strings.HasPrefix(key, before) && strings.HasSuffix(key, after)
}

// endings are those of files that pages speak of and that need not exist here.
var endings = regexp.MustCompile(`\.(txtar|json|jsonl|properties|txt|go|md|log|old|gz|service|avsc|avro|jar|ltsv|pem|tsv|sh|yaml|yml)$`)

func isFile(page, name string) bool {
	if endings.MatchString(name) {
		return true
	}
	_, err := os.Stat(filepath.Join(top, filepath.Dir(page), name))
	return err == nil
}

// flagsOf are the flags of every command.
func flagsOf() map[string]bool {
	known := map[string]bool{"--help": true, "--version": true}
	var add func(c *cobra.Command)
	add = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) { known["--"+f.Name] = true })
		c.PersistentFlags().VisitAll(func(f *pflag.Flag) { known["--"+f.Name] = true })
		for _, sub := range c.Commands() {
			add(sub)
		}
	}
	root := cli.Command(builtin.Plugins())
	cli.Add(root, command.New(), ctl.New(), deploy.New(), dlq.New(), scaffold.New())
	flags.Install(root)
	add(root)
	for _, p := range programs() {
		add(p.Command())
	}
	return known
}

var (
	runsUs  = regexp.MustCompile(`^(?:\$ )?(?:go run )?(?:bin/|\./|words/|\./(?:cmd|examples)/)?(suiro|words|ltsv-json|json-avro|[a-z]+-(?:stats|count|score|views|sessions|impressions))\b`)
	oneFlag = regexp.MustCompile(`(?:^|\s)(--[a-z][a-z-]*)`)
)

// A flag in backticks is one of ours, unless the page names the command of another that has it; a command line in a
// block is ours when it begins with one of our programs.
func TestFlagsInProseExist(t *testing.T) {
	known, lines := flagsOf(), 0
	for name, text := range prose(t) {
		ours := false
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			ours = runsUs.MatchString(line) || ours && !strings.HasPrefix(line, "$")
			if ours {
				lines++
				for _, m := range oneFlag.FindAllStringSubmatch(line, -1) {
					if !known[m[1]] {
						t.Errorf("%s: no command has the flag %s: %s", name, m[1], line)
					}
				}
			}
			ours = ours && strings.HasSuffix(line, `\`)
			for _, m := range span.FindAllStringSubmatch(line, -1) {
				if f := oneFlag.FindStringSubmatch(m[1]); f != nil && strings.HasPrefix(m[1], "--") && !known[f[1]] {
					t.Errorf("%s: no command has the flag %s", name, f[1])
				}
			}
		}
	}
	if lines == 0 {
		t.Error("no page shows a command")
	}
}

// ourMetric is the name of a metric of ours.
var ourMetric = regexp.MustCompile(`^(?:kafka_connect|kafka_streams|elasticsearch_sink|hdfs_sink|file_source|file_sink)_[a-z_]+$`)

func TestMetricsInProseExist(t *testing.T) {
	known := map[string]bool{}
	for _, p := range pages() {
		for _, m := range listed.FindAllStringSubmatch(p.text(), -1) {
			known[m[1]] = true
		}
	}
	shown := 0
	for name, text := range prose(t) {
		for _, m := range span.FindAllStringSubmatch(text, -1) {
			if !ourMetric.MatchString(m[1]) {
				continue
			}
			shown++
			if !known[m[1]] {
				t.Errorf("%s: no page of docs/reference has the metric %s", name, m[1])
			}
		}
	}
	if shown == 0 {
		t.Error("no page names a metric")
	}
}
