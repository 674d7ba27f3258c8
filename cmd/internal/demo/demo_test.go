package demo

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/elasticsearch"
	"github.com/suiro/suiro/connectors/file"
	"github.com/suiro/suiro/connectors/hdfs"
	"github.com/suiro/suiro/internal/accesslog"
	"github.com/suiro/suiro/transforms/converters"
)

func plugins() connect.Plugins {
	return connect.Plugins{
		Sources: []connect.SourcePlugin{file.SourcePlugin()},
		Sinks:   []connect.SinkPlugin{elasticsearch.Plugin(), hdfs.Plugin()},
		Converters: []connect.ConverterPlugin{
			converters.AvroPlugin(), converters.JSONPlugin(), converters.BytesPlugin(), converters.StringPlugin(),
		},
	}
}

// logOf makes a log in memory.
func logOf(t *testing.T, o accesslog.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := accesslog.Write(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func compressed(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// output is what a demo prints, while it prints.
type output struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// try runs a demo in a folder of its own.
func try(t *testing.T, o Options, spoil func(dir string)) (string, error) {
	t.Helper()
	out := &output{}
	o.Plugins, o.Out = plugins(), out
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "demo")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	err := run(ctx, o, func() {
		if spoil != nil {
			spoil(o.Dir)
		}
	})
	return out.String(), err
}

// numbers of a row of the table: in, out, rejected.
type numbers [3]int64

var rowForm = regexp.MustCompile(`(?m)^  ([a-z-]+) +([0-9,]+) +([0-9,]+) +([0-9,]+)   `)

// table reads the table that a demo printed.
func table(t *testing.T, out string) map[string]numbers {
	t.Helper()
	rows := map[string]numbers{}
	for _, m := range rowForm.FindAllStringSubmatch(out, -1) {
		var n numbers
		for i := range n {
			v, err := strconv.ParseInt(strings.ReplaceAll(m[i+2], ",", ""), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			n[i] = v
		}
		rows[m[1]] = n
	}
	return rows
}

func wantTable(t *testing.T, out string, want map[string]numbers) {
	t.Helper()
	if got := table(t, out); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("table = %v, want %v:\n%s", got, want, out)
	}
}

// brokenLog is what becomes of a log of n lines with the broken ones. One of these is
// a broken cookie, which its request does not suffer for.
func brokenLog(n int64) map[string]numbers {
	return map[string]numbers{
		stageFile:  {n, n, 0},
		stageLTSV:  {n, n - 6, 6},
		stageAvro:  {n - 6, n - 7, 1},
		stageStats: {n - 6, n - 8, 2},
		stageHDFS:  {n - 7, n - 8, 1},
	}
}

// whole is what becomes of a log of n lines that are all fine.
func whole(n int64) map[string]numbers {
	rows := map[string]numbers{}
	for _, stage := range []string{stageFile, stageLTSV, stageAvro, stageStats, stageHDFS} {
		rows[stage] = numbers{n, n, 0}
	}
	return rows
}

func TestDemoAddsUpAndShowsWhatItRejected(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	for range 2 { // a second run empties the folder of the first
		out, err := try(t, Options{Dir: dir}, nil)
		if err != nil {
			t.Fatalf("demo: %v\n%s", err, out)
		}
		wantTable(t, out, brokenLog(2000))
		for _, want := range []string{
			"It adds up.", "ltsv-json-dlq (6)", "hdfs-dlq (1)", "the time is null",
			"Elasticsearch  left out; 'make demo-full'", "Busiest minutes",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("output lacks %q:\n%s", want, out)
			}
		}
	}
	letters, err := os.ReadFile(filepath.Join(dir, "dead-letters.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := bytes.Count(letters, []byte("\n")), 10; got != want {
		t.Errorf("dead-letters.jsonl has %d lines, want %d", got, want)
	}
	if !bytes.Contains(letters, []byte("field has no colon")) {
		t.Errorf("dead-letters.jsonl lacks a reason:\n%s", letters)
	}
}

func TestDemoReadsPlainAndCompressedFiles(t *testing.T) {
	t.Parallel()
	text := logOf(t, accesslog.Options{Lines: 300, Seed: 3})
	text = text[:len(text)-1] // a last line without end is a line
	long := append([]byte("long:"+strings.Repeat("x", 2<<20)+"\n"), text...)
	for name, c := range map[string]struct {
		content []byte
		want    map[string]numbers
	}{
		"access.log":    {text, whole(300)},
		"access.log.gz": {compressed(t, text), whole(300)},
		"empty.log":     {nil, whole(0)},
		"long.log": {long, map[string]numbers{
			stageFile: {301, 300, 1}, stageLTSV: {300, 300, 0}, stageAvro: {300, 300, 0},
			stageStats: {300, 300, 0}, stageHDFS: {300, 300, 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := try(t, Options{File: writeFile(t, name, c.content)}, nil)
			if err != nil {
				t.Fatalf("demo: %v\n%s", err, out)
			}
			wantTable(t, out, c.want)
		})
	}
}

// TestDemoReadsStandardInput is not parallel: it changes os.Stdin, as the demo
// does.
func TestDemoSaysWhenItsFileHasNotAllDeadLetters(t *testing.T) {
	t.Parallel()
	log := writeFile(t, "access.log", bytes.Repeat([]byte("no LTSV\n"), keptDeadLetters+1))
	out, err := try(t, Options{File: log}, nil)
	if err != nil {
		t.Fatalf("demo = %v\n%s", err, out)
	}
	if want := "The first 1,000 of each: "; !strings.Contains(out, want) {
		t.Errorf("output does not say %q:\n%s", want, out)
	}
}

func TestDemoReadsStandardInput(t *testing.T) {
	stdin := os.Stdin
	defer func() { os.Stdin = stdin }()
	text := logOf(t, accesslog.Options{Lines: 400, Seed: 4, Broken: true})
	for name, content := range map[string][]byte{"plain": text, "gz": compressed(t, text)} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(writeFile(t, "in", content))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			os.Stdin = f
			out, err := try(t, Options{File: "-"}, nil)
			if err != nil {
				t.Fatalf("demo: %v\n%s", err, out)
			}
			wantTable(t, out, brokenLog(400))
		})
	}
}

func TestDemoOfALogThatGrowsAddsUp(t *testing.T) {
	t.Parallel()
	log := writeFile(t, "access.log", logOf(t, accesslog.Options{Lines: 200, Seed: 11}))
	out, err := try(t, Options{File: log}, func(string) {
		f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			err = errors.Join(accesslog.Write(f, accesslog.Options{Lines: 3, Seed: 12}), f.Close())
		}
		if err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatalf("demo: %v\n%s", err, out)
	}
	wantTable(t, out, whole(200))
}

// avroFiles finds what the HDFS sink wrote.
func avroFiles(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".avro" {
			list = append(list, path)
		}
		return err
	})
	if err != nil || len(list) == 0 {
		t.Fatalf("Avro files in %s: %v, %v", dir, list, err)
	}
	return list
}

func TestDemoNamesTheStageThatDoesNotAddUp(t *testing.T) {
	t.Parallel()
	log := writeFile(t, "access.log", logOf(t, accesslog.Options{Lines: 200, Seed: 5}))
	for name, c := range map[string]struct {
		spoil func(t *testing.T, path string)
		want  string
	}{
		"lost": {func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Error(err)
			}
		}, `it does not add up: hdfs: [0-9]+ records? (is|are) missing$`},
		"twice": {func(t *testing.T, path string) {
			content, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(strings.TrimSuffix(path, ".avro")+"0.avro", content, 0o644)
			}
			if err != nil {
				t.Error(err)
			}
		}, `it does not add up: hdfs: there (is|are) [0-9]+ records? too many$`},
		"damaged": {func(t *testing.T, path string) {
			if err := os.Truncate(path, 100); err != nil {
				t.Error(err)
			}
		}, `it does not add up: hdfs: read .*\.avro: .*$`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := try(t, Options{File: log}, func(dir string) { c.spoil(t, avroFiles(t, dir)[0]) })
			if err == nil || !regexp.MustCompile(c.want).MatchString(err.Error()) {
				t.Errorf("demo = %v, want %s\n%s", err, c.want, out)
			}
			if strings.Contains(out, "It adds up") || !strings.Contains(out, "✗") {
				t.Errorf("output does not mark what is wrong:\n%s", out)
			}
		})
	}
}

func TestDemoServesUntilTold(t *testing.T) {
	t.Parallel()
	out := &output{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, Options{Plugins: plugins(), Out: out, Dir: t.TempDir(), Serve: true,
			HTTPListen: "127.0.0.1:0", RESTListen: "127.0.0.1:0"})
	}()
	until(t, out, done, "Everything is up")
	for form, want := range map[string]string{
		`curl '(\S+/stats)`:      `"requests":`,
		`curl (\S+/metrics)`:     "kafka_streams_task_process_total",
		`curl '(\S+/connectors)`: `["file","hdfs"]`,
	} {
		m := regexp.MustCompile(form).FindStringSubmatch(out.String())
		if m == nil {
			t.Fatalf("output has no %s:\n%s", form, out)
		}
		resp, err := http.Get(m[1])
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("GET %s = %.300s, %v, want %s in it", m[1], body, err, want)
		}
	}
	before := len(out.String()) // with warnings about the log's bad records
	cancel()
	if err := <-done; err != nil {
		t.Errorf("after Ctrl-C under --serve: %v, want nil", err)
	}
	if strings.Contains(out.String()[before:], "warning") {
		t.Errorf("stopping is shown as trouble:\n%s", out)
	}
}

// until waits for the demo to print text.
func until(t *testing.T, out *output, done <-chan error, text string) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(out.String(), text) {
		select {
		case err := <-done:
			t.Fatalf("demo ended with %v before it printed %q:\n%s", err, text, out)
		case <-deadline:
			t.Fatalf("demo did not print %q within a minute:\n%s", text, out)
		case <-tick.C:
		}
	}
}

func TestInterruptedDemoAddsUpAsFarAsItWent(t *testing.T) {
	t.Parallel()
	log := writeFile(t, "access.log", logOf(t, accesslog.Options{Lines: 150_000, Seed: 6}))
	out := &output{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- Run(ctx, Options{Plugins: plugins(), Out: out, Dir: t.TempDir(), File: log}) }()
	until(t, out, done, "rejected") // the first lines of progress
	cancel()
	err := <-done
	if err == nil || err.Error() != errInterrupted.Error() {
		t.Errorf("demo = %v, want %v\n%s", err, errInterrupted, out)
	}
	if !strings.Contains(out.String(), "It adds up as far as it went.") {
		t.Errorf("the table does not add up:\n%s", out)
	}
}
