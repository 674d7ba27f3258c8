package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/suiro/suiro/cmd/internal/demo/command"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli"
)

// run executes a command line of suiro.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := cli.Command(builtin.Plugins())
	root.AddCommand(command.New())
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return cli.Execute(ctx, root)
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDemoSaysWhatIsWrong(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, name := range []string{"SUIRO_KAFKA", "SUIRO_ES", "SUIRO_HDFS", "SUIRO_HMS", "SUIRO_HS2"} {
		t.Setenv(name, "")
	}
	t.Setenv("SUIRO_KAFKA", "127.0.0.1:1")
	full := t.TempDir()
	inside := filepath.Join(full, "demo")
	if err := os.MkdirAll(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	log := writeFile(t, "access.log", "a:b\n")
	for name, c := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"unknown flag":     {[]string{"--flie", "x"}, cli.ExitUsage, []string{"unknown flag --flie: did you mean --file?"}},
		"argument":         {[]string{"access.log"}, cli.ExitUsage, []string{"access.log", "--file"}},
		"listen, no serve": {[]string{"--http-listen", "127.0.0.1:0"}, cli.ExitUsage, []string{"no effect without --serve"}},
		"missing file":     {[]string{"--file", "/no/such.log"}, cli.ExitFailure, []string{"read the log", "/no/such.log", "no such file"}},
		"a folder":         {[]string{"--file", full}, cli.ExitFailure, []string{"is a folder: name a file in it"}},
		"somebody's files": {[]string{"--dir", full}, cli.ExitFailure, []string{full, "not empty and not a demo's", "--dir"}},
		"no folder there":  {[]string{"--dir", filepath.Join(log, "demo")}, cli.ExitFailure, []string{filepath.Join(log, "demo"), "not a directory"}},
		"log in the folder": {[]string{"--file", filepath.Join(inside, "access.log"), "--dir", inside}, cli.ExitFailure,
			[]string{"in the demo's folder, which is emptied first"}},
		"port taken":        {[]string{"--serve", "--http-listen", taken.Addr().String()}, cli.ExitFailure, []string{"--http-listen", taken.Addr().String(), "in use", "choose another address"}},
		"no elasticsearch":  {[]string{"--elasticsearch-url", "http://127.0.0.1:1"}, cli.ExitFailure, []string{"reach Elasticsearch", "127.0.0.1:1", "up elasticsearch"}},
		"no kafka":          {[]string{"--bootstrap-servers", "127.0.0.1:1"}, cli.ExitFailure, []string{"connect to Kafka", "127.0.0.1:1", "nothing listens there"}},
		"no services":       {[]string{"--full"}, cli.ExitUsage, []string{"SUIRO_ES, SUIRO_HDFS, SUIRO_HMS, SUIRO_HS2 not set", "scripts/services/services env"}},
		"wrong name":        {[]string{"--name", "My Demo"}, cli.ExitUsage, []string{"--name"}},
		"no such config":    {[]string{"--config", "/no/such.properties"}, cli.ExitUsage, []string{"read --config", "/no/such.properties"}},
		"hive without hdfs": {[]string{"--hive-metastore-uris", "thrift://127.0.0.1:1"}, cli.ExitUsage, []string{"Hive could not read the files"}},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			args := append([]string{"demo"}, c.args...)
			if !strings.Contains(strings.Join(args, " "), "--dir") {
				args = append(args, "--dir", filepath.Join(t.TempDir(), "demo"))
			}
			if got := run(t.Context(), args, &stdout, &stderr); got != c.code {
				t.Errorf("exit code = %d, want %d", got, c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("stderr = %s\nwant it to hold %q", &stderr, want)
				}
			}
		})
	}
}

func TestDemoExitsWith0WhenItAddsUp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	args := []string{"demo", "--dir", filepath.Join(t.TempDir(), "demo")}
	if got := run(t.Context(), args, &stdout, &stderr); got != cli.ExitOK {
		t.Errorf("exit code = %d, want %d:\n%s%s", got, cli.ExitOK, &stdout, &stderr)
	}
	if !strings.Contains(stdout.String(), "It adds up.") || stderr.String() != "" {
		t.Errorf("stdout = %s\nstderr = %s", &stdout, &stderr)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "```text\n")
	table, _, found := strings.Cut(table, "```\n")
	files := regexp.MustCompile(`\d+ Avro files?`) // depends on how busy the machine is
	same := func(text string) string { return files.ReplaceAllString(text, "Avro files") }
	if !found || !strings.Contains(same(stdout.String()), same(table)) {
		t.Errorf("README.md shows\n%s\nthe demo prints\n%s", table, &stdout)
	}
}
