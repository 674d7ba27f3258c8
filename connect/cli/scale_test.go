package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/confine"
	"github.com/twmb/franz-go/pkg/kfake"
)

// manyVariable tells a test that it is the worker of many connectors. Its value is the
// worker's arguments, a line each.
const manyVariable = "SUIRO_TEST_MANY_CONNECTORS"

// TestAWorkerRunsManyConnectors gives a worker 10 connectors with 50 tasks, with
// SUIRO_LONG=1 200 with 1,000, and a gibibyte of memory. The REST API has to answer
// meanwhile, and the worker has to stop; how fast is printed.
func TestAWorkerRunsManyConnectors(t *testing.T) {
	if args := os.Getenv(manyVariable); args != "" {
		run(signalled(t), strings.Split(args, "\n"), io.Discard, os.Stderr)
		return
	}
	pairs, sinkTasks := 5, 9 // of a source with one task and a sink
	if os.Getenv("SUIRO_LONG") == "1" {
		pairs = 100
	}
	args := append([]string{"connect", "--config", workerFile(t, startKafka(t, kfake.SeedTopics(1, "lines")), anyPort,
		"offset.flush.interval.ms=10000")}, many(t, pairs, sinkTasks)...)
	most := int64(1 << 30)
	if confine.Raced() {
		most = 1 << 40
	}
	cmd := confine.Command(t.Context(), most, os.Args[0], "-test.run=^"+t.Name()+"$")
	log := &output{}
	cmd.Env = append(os.Environ(), manyVariable+"="+strings.Join(args, "\n"))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill() // unless it has ended
	waitFor(t, "the address of the REST API", log, func() bool {
		return strings.Contains(log.String(), "rest api listens")
	})
	c := &asker{t: t, url: "http://" + restAddress(t, log)}
	began := time.Now()
	waitFor(t, "all tasks to run", log, func() bool { return c.running(2*pairs, pairs*(1+sinkTasks)) })
	t.Logf("%d tasks ran after %v", pairs*(1+sinkTasks), time.Since(began).Round(time.Millisecond))
	c.print("while they started")
	for range 20 {
		c.running(2*pairs, pairs*(1+sinkTasks))
	}
	c.print("while they ran")
	peak, err := confine.Peak(cmd.Process.Pid)
	if err != nil || peak > most {
		t.Errorf("the worker held %d MiB (%v), want at most %d MiB", peak>>20, err, most>>20)
	}
	asked := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the worker ended with %v:\n%s", err, log)
	}
	t.Logf("held %d MiB, stopped in %v", peak>>20, time.Since(asked).Round(time.Millisecond))
}

// signalled is done when the process is told to stop.
func signalled(t *testing.T) context.Context {
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM)
	t.Cleanup(stop)
	return ctx
}

// many makes files of pairs of connectors: a source with one task, and a sink with more.
func many(t *testing.T, pairs, sinkTasks int) (files []string) {
	t.Helper()
	folder := t.TempDir()
	for i := range pairs {
		in := filepath.Join(folder, fmt.Sprintf("in-%d.txt", i))
		write(t, in, "a line\n")
		files = append(files, writeFile(t, fmt.Sprintf("source-%d.json", i), fmt.Sprintf(
			`{"name":"source-%d","config":{"connector.class":"FileStreamSource","file":%q,"topic":"lines"}}`, i, in)),
			writeFile(t, fmt.Sprintf("sink-%d.json", i), fmt.Sprintf(
				`{"name":"sink-%d","config":{"connector.class":"FileStreamSink","tasks.max":"%d","file":%q,"topics":"lines"}}`,
				i, sinkTasks, filepath.Join(folder, fmt.Sprintf("out-%d.txt", i)))))
	}
	return files
}

// asker asks a worker and keeps how long its answers took.
type asker struct {
	t    *testing.T
	url  string
	took []time.Duration
}

// running asks for every connector, at once and one by one, and reports whether there are
// so many, and so many tasks that run.
func (a *asker) running(connectors, tasks int) bool {
	var all map[string]struct {
		Status struct {
			Tasks []struct {
				State string `json:"state"`
			} `json:"tasks"`
		} `json:"status"`
	}
	a.get("/connectors?expand=status&expand=info", &all)
	run := 0
	for name, one := range all {
		a.get("/connectors/"+name+"/status", nil)
		for _, task := range one.Status.Tasks {
			if task.State == "RUNNING" {
				run++
			}
		}
	}
	return len(all) == connectors && run == tasks
}

func (a *asker) get(path string, into any) {
	a.t.Helper()
	began := time.Now()
	resp, err := http.Get(a.url + path)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	a.took = append(a.took, time.Since(began))
	if err != nil || resp.StatusCode != http.StatusOK {
		a.t.Fatalf("GET %s: %s: %v: %.300s", path, resp.Status, err, body)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(body, into); err != nil {
		a.t.Fatalf("GET %s: %v: %.300s", path, err, body)
	}
}

// print prints how long answers took since the last time.
func (a *asker) print(when string) {
	slices.Sort(a.took)
	n := len(a.took)
	at := func(i int) time.Duration { return a.took[i].Round(time.Microsecond) }
	a.t.Logf("%s: %d answers, half within %v, 99 %% within %v, all within %v", when, n, at(n/2), at(n*99/100), at(n-1))
	a.took = nil
}
