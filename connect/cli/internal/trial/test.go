package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/cases"
	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/internal/flags"
)

// testEnding is that of the files with cases.
const testEnding = ".test.yaml"

// connectorEndings are those of the files of connectors.
var connectorEndings = []string{".json", ".properties", ".yaml", ".yml"}

// testFlags are the flags of suiro connect test.
type testFlags struct {
	check.Flags
	update bool
}

// NewTest returns the command that tests connectors with the cases beside them.
func NewTest(plugins connect.Plugins) *cobra.Command {
	var f testFlags
	c := &cobra.Command{
		Use:        "test [--config worker.properties] FOLDER|FILE...",
		Short:      "Test connectors with the records in the files beside them, without Kafka",
		SuggestFor: []string{"verify", "tests"},
		Long: `Test connectors with records, without Kafka and without their outside systems, as suiro connect dry-run runs ` +
			`them.

The cases of orders.json are in orders.test.yaml beside it, a list: each has a name, an input, which is a record as ` +
			`dry-run takes it, and what is expected of it. That is either expect with topic, partition, timestamp, key, value or ` +
			`headers, of which only those that are there are compared, or a list of such records where a transform makes several of ` +
			`one, or dropped: true, or rejected with the stage, the class ` +
			`and a part of the reason. Values are those that a sink's task is put, and of a source those that its converters ` +
			`read back from what they have written. An input without a timestamp has none.

A folder stands for all files *.test.yaml in it and below. --update writes what has come out where it is not what was ` +
			`expected, or where nothing was. The exit code is 1 when a case fails.`,
		Example: `
suiro connect test connectors/
suiro connect test --config worker.properties orders.json payments.test.yaml
suiro connect test connectors/ --update`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("%s needs a folder or a file: a connector's or one with cases", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.execute(c, plugins, args) },
	}
	f.Define(c, "a line for each case")
	c.Flags().BoolVar(&f.update, "update", false, "Write what has come out into the files")
	return c
}

func (f *testFlags) execute(c *cobra.Command, plugins connect.Plugins, args []string) error {
	if err := f.Check(); err != nil {
		return err
	}
	files, err := testFiles(args)
	if err != nil {
		return command.Usage(err)
	}
	p := &testPrinter{out: c.OutOrStdout(), json: f.Output.JSON()}
	for _, file := range files {
		if err := f.test(c.Context(), plugins, file, p); err != nil {
			return err
		}
	}
	return p.end()
}

// testFiles finds the files with cases.
func testFiles(args []string) (files []string, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		switch {
		case err != nil:
			return nil, err
		case info.IsDir():
			found, err := testsBelow(arg)
			if err != nil {
				return nil, err
			}
			files = append(files, found...)
		case strings.HasSuffix(arg, testEnding):
			files = append(files, arg)
		default:
			test := strings.TrimSuffix(arg, filepath.Ext(arg)) + testEnding
			if _, err := os.Stat(test); err != nil {
				return nil, fmt.Errorf("%s has no cases: write some into %s", arg, test)
			}
			files = append(files, test)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

func testsBelow(folder string) (files []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, testEnding) {
			files = append(files, path)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		return nil, fmt.Errorf("%s has no cases: write some into NAME%s beside NAME.json", folder, testEnding)
	}
	return files, err
}

// connectorOf finds the connector that the cases of a file are about.
func connectorOf(test string) (string, error) {
	base := strings.TrimSuffix(test, testEnding)
	for _, ending := range connectorEndings {
		if _, err := os.Stat(base + ending); err == nil {
			return base + ending, nil
		}
	}
	return "", fmt.Errorf("%s has no connector: its configuration belongs into %s.json beside it", test, base)
}

// test tries the cases of a file.
func (f *testFlags) test(ctx context.Context, plugins connect.Plugins, path string, p *testPrinter) (err error) {
	connector, err := connectorOf(path)
	if err != nil {
		return command.Usage(err)
	}
	text, err := flags.ReadFile(path)
	if err != nil {
		return command.Usage(err)
	}
	file, err := cases.Read(text)
	if err != nil {
		return command.Usage(fmt.Errorf("%s: %w", path, err))
	}
	t, err := openTrial(plugins, f.Path(), connector)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	t.defaults.Time = connect.Record{}.Timestamp // what comes out is always the same
	p.begin(path)
	changed := false
	for _, each := range file.Cases {
		got, err := t.outcome(ctx, each.Input)
		if err != nil {
			return command.Usage(fmt.Errorf("%s: line %d: %w", path, each.Line, err))
		}
		r := testResult{File: path, Line: each.Line, Name: each.Name, Result: "pass", Diff: each.Want.Diff(got)}
		if len(r.Diff) > 0 {
			r.Result = "fail"
		}
		if f.update && len(r.Diff) > 0 {
			changed, r.Result = true, "updated"
			if err := each.Update(got); err != nil {
				return fmt.Errorf("%s: line %d: %w", path, each.Line, err)
			}
		}
		if err := p.print(r); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return rewrite(path, file)
}

// rewrite writes the file as it is now.
func rewrite(path string, file *cases.File) error {
	text, err := file.Text()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, text, 0o644) // which keeps the mode of a file that is there
}

// testResult is what a case has shown, as programs read it.
type testResult struct {
	File   string   `json:"file"`
	Line   int      `json:"line"`
	Name   string   `json:"name"`
	Result string   `json:"result"`
	Diff   []string `json:"diff,omitempty"`
}

// testPrinter prints results and counts them.
type testPrinter struct {
	out                     io.Writer
	json                    bool
	passed, failed, updated int
}

func (p *testPrinter) begin(path string) {
	if !p.json {
		fmt.Fprintln(p.out, path)
	}
}

func (p *testPrinter) print(r testResult) error {
	switch r.Result {
	case "pass":
		p.passed++
	case "fail":
		p.failed++
	default:
		p.updated++
	}
	if p.json {
		e := json.NewEncoder(p.out)
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	var b strings.Builder
	name := r.Name
	if name == "" || r.Result != "pass" {
		name = strings.TrimSpace(fmt.Sprintf("%s (line %d)", name, r.Line))
	}
	fmt.Fprintf(&b, "  %-4s  %s\n", strings.ToUpper(r.Result), name)
	for _, line := range r.Diff {
		b.WriteString("          " + line + "\n")
	}
	_, err := io.WriteString(p.out, flags.Printable(b.String()))
	return err
}

// end sums up. The error says that cases have failed.
func (p *testPrinter) end() error {
	sum := fmt.Sprintf("%s: %d passed, %d failed", command.Amount(p.passed+p.failed+p.updated, "case"), p.passed, p.failed)
	if p.updated > 0 {
		sum += fmt.Sprintf(", %d updated", p.updated)
	}
	if !p.json {
		if _, err := fmt.Fprintln(p.out, sum); err != nil {
			return err
		}
	}
	if p.failed > 0 {
		return fmt.Errorf("%s failed", command.Amount(p.failed, "case"))
	}
	return nil
}
