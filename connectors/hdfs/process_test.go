package hdfs

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
)

var p0 = connect.TopicPartition{Topic: "access", Partition: 0}

func testProps(more ...string) map[string]string {
	props := map[string]string{"store.url": "hdfs://none:8020", "topics.dir": "root", "flush.size": "10",
		"retry.backoff.ms": "1", "partitioner.class": "TimeBasedPartitioner",
		"path.format": "'dt='YYYY-MM-dd/'hour='HH", "timestamp.extractor": "RecordField", "timestamp.field": "time"}
	for i := 0; i < len(more); i += 2 {
		props[more[i]] = more[i+1]
	}
	return props
}

// The environment of a writer in a process of its own.
const (
	envProps = "SUIRO_TEST_WRITER_PROPS" // JSON
	envOwner = "SUIRO_TEST_WRITER_OWNER" // a file with the owner's name
	envName  = "SUIRO_TEST_WRITER_NAME"
	envTotal = "SUIRO_TEST_WRITER_TOTAL"
)

// processContext asks a file who owns the partition.
type processContext struct {
	*connecttest.SinkContext
	name, file string
}

func (c processContext) Owned(context.Context, connect.TopicPartition) (bool, error) {
	if c.file == "" {
		return true, nil
	}
	b, err := os.ReadFile(c.file)
	return string(b) == c.name, err
}

func (c processContext) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, nil)).With("writer", c.name)
}

// TestWriterProcess is not a test: it is the writer that the fencing tests start,
// stop, continue and kill. It feeds records to a task as a worker does and
// prints what is committed.
func TestWriterProcess(t *testing.T) {
	if os.Getenv(envProps) == "" {
		return
	}
	var props map[string]string
	var total int64
	if err := json.Unmarshal([]byte(os.Getenv(envProps)), &props); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(os.Getenv(envTotal), &total); err != nil {
		t.Fatal(err)
	}
	tc := processContext{connecttest.NewSinkContext(), os.Getenv(envName), os.Getenv(envOwner)}
	if err := feedAll(t.Context(), tc, props, total, func(at int64) {
		fmt.Printf("committed %d\n", at)
	}); err != nil {
		t.Fatal(err)
	}
}

// feedContext is a context that tells what the task asked for.
type feedContext interface {
	connect.SinkContext
	Sought() connect.Offsets
	Paused(connect.TopicPartition) bool
}

// feedAll puts the records up to total as a worker does, until all are
// committed.
func feedAll(ctx context.Context, tc feedContext, props map[string]string, total int64, told func(int64)) error {
	task := &SinkTask{}
	v, err := connecttest.TryParse(Plugin().Info, props)
	if err != nil {
		return err
	}
	if err := task.Start(ctx, tc, v); err != nil {
		return err
	}
	if err := task.Open(ctx, []connect.TopicPartition{p0}); err != nil {
		return errors.Join(err, task.Stop())
	}
	at, said := connect.Offsets{}, int64(-1)
	for {
		if err := ctx.Err(); err != nil {
			return errors.Join(fmt.Errorf("committed %d of %d: %w", said, total, err), task.Stop())
		}
		maps.Copy(at, tc.Sought())
		var batch []*connect.SinkRecord
		if o := at[p0]; o < total && !tc.Paused(p0) {
			at[p0] = min(total, o+50)
			batch = filesetstest.Records(p0, o, at[p0])
		}
		if err := task.Put(ctx, batch); err != nil {
			return errors.Join(err, task.Stop())
		}
		safe, err := task.PreCommit(ctx, at)
		if err != nil {
			return errors.Join(err, task.Stop())
		}
		if s := safe[p0]; s != said {
			said = s
			told(s)
		}
		if said >= total {
			return task.Stop()
		}
		if len(batch) == 0 {
			<-time.After(time.Millisecond) // the worker's poll
		}
	}
}

// process is a writer process and what it says.
type process struct {
	cmd  *exec.Cmd
	said chan int64 // closed when it ends
}

// fight is a partition that several processes write.
type fight struct {
	t     *testing.T
	props map[string]string
	owner string // the file
	total int64
	rng   *rand.Rand
}

func newFight(t *testing.T, props map[string]string, total int64) *fight {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	return &fight{t: t, props: props, owner: filepath.Join(t.TempDir(), "owner"), total: total,
		rng: rand.New(rand.NewSource(seed))}
}

// begin starts a writer process as the owner.
func (f *fight) begin(name string) *process {
	f.t.Helper()
	f.own(name)
	props, err := json.Marshal(f.props)
	if err != nil {
		f.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestWriterProcess$", "-test.v=false")
	cmd.Env = append(os.Environ(), envProps+"="+string(props), envOwner+"="+f.owner, envName+"="+name,
		envTotal+"="+fmt.Sprint(f.total))
	cmd.Stderr = testLog{f.t}
	out, err := cmd.StdoutPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	p := &process{cmd: cmd, said: make(chan int64, 100000)}
	go func() {
		defer close(p.said)
		for s := bufio.NewScanner(out); s.Scan(); {
			var at int64
			if _, err := fmt.Sscanf(s.Text(), "committed %d", &at); err == nil {
				p.said <- at
			}
		}
	}()
	return p
}

func (f *fight) own(name string) {
	f.t.Helper()
	temp := f.owner + ".new"
	if err := errors.Join(os.WriteFile(temp, []byte(name), 0o600), os.Rename(temp, f.owner)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fight) signal(p *process, s syscall.Signal) {
	f.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		f.t.Fatal(err)
	}
}

func (f *fight) kill(p *process) {
	f.signal(p, syscall.SIGKILL)
	_ = p.cmd.Wait()
	for range p.said {
	}
}

// progress waits until p has committed n sets more, then a random moment. It
// is false when p has ended, which it does when all is committed.
func (f *fight) progress(p *process, n int) bool {
	f.t.Helper()
	limit := time.After(2 * time.Minute)
	for range n {
		select {
		case _, ok := <-p.said:
			if !ok {
				return false
			}
		case <-limit:
			f.t.Fatal("timed out waiting for a writer's progress")
		}
	}
	select {
	case _, ok := <-p.said:
		return ok
	case <-time.After(time.Duration(f.rng.Intn(10_000)) * time.Microsecond):
		return true
	}
}

// run lets writers take over from each other while the former sleeps, wakes
// up, or dies, until everything is committed.
func (f *fight) run() (stops, kills int) {
	a := f.begin("w0")
	for i := 1; ; i++ {
		if !f.progress(a, 1) {
			_ = a.cmd.Wait()
			return stops, kills
		}
		f.signal(a, syscall.SIGSTOP)
		stops++
		b := f.begin(fmt.Sprintf("w%d", i))
		alive := f.progress(b, 2)
		f.signal(a, syscall.SIGCONT) // a wakes up, not knowing
		if alive {
			alive = f.progress(b, 3)
		}
		switch {
		case !alive:
			f.kill(a)
			_ = b.cmd.Wait()
			return stops, kills
		case f.rng.Intn(2) == 0:
			f.kill(a)
			a = b
		default: // b dies, and a, which is fenced, gets the partition back
			f.own(fmt.Sprintf("w%d", i-1))
			f.kill(b)
			kills++
			f.kill(a)
			a = f.begin(fmt.Sprintf("w%d-again", i))
		}
	}
}

// testLog sends lines to the test's log.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		l.t.Log(strings.TrimSpace(line))
	}
	return len(b), nil
}

// filesBelow reads a folder.
func filesBelow(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out[filepath.ToSlash(p)], err = os.ReadFile(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestProcessesThatSleepAndDieOnALocalFolder(t *testing.T) {
	dir := t.TempDir()
	f := newFight(t, testProps("store.url", "file://"+dir, "topics.dir", "topics", "flush.size", "100"), 20000)
	stops, kills := f.run()
	t.Logf("%d writers stopped and continued, %d killed", stops, kills)
	filesetstest.WantOnce(t, filesBelow(t, dir), f.total)
	if stops < 3 {
		t.Errorf("only %d writers were stopped: make total larger", stops)
	}
}
