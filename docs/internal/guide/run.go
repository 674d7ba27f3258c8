package guide

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a step may take.
const patience = time.Minute

// Setup is what the pages of one test share.
type Setup struct {
	// Root is the folder of this module.
	Root string
	// Broker is the address that stands for localhost:9092.
	Broker string
	// Elasticsearch is the address that stands for localhost:9200; empty for none.
	Elasticsearch string
	// Bin is the folder with the commands that [Build] made.
	Bin string
}

// Build makes the commands that pages use, in a folder that goes away with the test: suiro, the apps in examples, and
// small stand-ins for Kafka's console producer and consumer.
func Build(t *testing.T, root string) (bin string) {
	t.Helper()
	bin = t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin+"/", "./cmd/suiro", "./examples/...",
		"./docs/internal/console")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	tool(t, bin, "kafka-console-producer.sh", bin+"/console producer")
	tool(t, bin, "kafka-console-consumer.sh", bin+"/console consumer")
	return bin
}

// UseKafka puts Kafka's own tools into the folder that [Build] made. They need Java and a Kafka that
// scripts/services has fetched.
func UseKafka(t *testing.T, root, bin string) {
	t.Helper()
	for name, class := range map[string]string{
		"kafka-console-producer.sh":          "ConsoleProducer",
		"kafka-console-consumer.sh":          "consumer.ConsoleConsumer",
		"kafka-consumer-groups.sh":           "consumer.group.ConsumerGroupCommand",
		"kafka-streams-application-reset.sh": "StreamsResetter",
	} {
		tool(t, bin, name, root+"/scripts/services/kafka.sh run org.apache.kafka.tools."+class)
	}
	// Java ends with 130 when it was interrupted, as it should.
	write(t, bin, "connect-distributed.sh", "trap : INT\n"+root+
		"/scripts/services/kafka.sh run org.apache.kafka.connect.cli.ConnectDistributed \"$@\"\n"+
		"code=$?\n[ $code -eq 130 ] || exit $code\n")
}

func tool(t *testing.T, bin, name, command string) {
	t.Helper()
	write(t, bin, name, "exec "+command+" \"$@\"\n")
}

func write(t *testing.T, bin, name, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
}

// Run does what the page at path says, and reports the first step that does not go as it shows.
func Run(t *testing.T, path string, s Setup) {
	t.Helper()
	markdown, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	Follow(t, path, string(markdown), s)
}

// Follow does what a page says; path is its name in errors.
func Follow(t *testing.T, path, markdown string, s Setup) {
	t.Helper()
	steps, err := Parse(markdown)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	r := &reader{Setup: s, t: t, dir: t.TempDir(), running: map[string]*process{},
		ports: map[string]string{"9092": s.Broker}}
	if s.Elasticsearch != "" {
		r.ports["9200"] = s.Elasticsearch
	}
	defer r.leave()
	for _, step := range steps {
		if err := r.do(step); err != nil {
			for name, p := range r.running {
				t.Logf("log of %s:\n%s", name, p.log())
			}
			t.Fatalf("%s:%d: %v", path, step.Line, err)
		}
	}
}

// reader follows one page.
type reader struct {
	Setup
	t       *testing.T
	dir     string
	running map[string]*process
	ports   map[string]string // of localhost on the page -> address
}

func (r *reader) do(s Step) error {
	text, err := r.localize(s.Text)
	if err != nil {
		return err
	}
	switch s.Do {
	case "file":
		file := filepath.Join(r.dir, s.Name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		return os.WriteFile(file, []byte(text), 0o644)
	case "from":
		return r.partOf(s)
	case "sh":
		if s.Name != "" {
			return r.start(s.Name, text)
		}
		_, err := r.sh(text)
		return err
	case "console":
		for _, c := range commands(text) {
			if err := r.compare(c, s.Eventually); err != nil {
				return err
			}
		}
	case "log", "stop", "kill":
		return r.about(s, text)
	}
	return nil
}

// partOf reports a block that is not part of a file of this module.
func (r *reader) partOf(s Step) error {
	text, err := os.ReadFile(filepath.Join(r.Root, s.Name))
	if err == nil && !strings.Contains("\n"+string(text), "\n"+s.Text) {
		err = fmt.Errorf("the block is not part of %s, word for word", s.Name)
	}
	return err
}

// about does a step about a command in the background.
func (r *reader) about(s Step, text string) error {
	p := r.running[s.Name]
	if p == nil {
		return fmt.Errorf("%s: nothing of this name runs in the background", s.Name)
	}
	if s.Do == "log" {
		want := "...\n" + strings.ReplaceAll(strings.TrimRight(text, "\n")+"\n", "\n", "\n...\n")
		return r.until(func() error {
			if !matches(want, p.log()) {
				return fmt.Errorf("%s does not log\n%s", s.Name, text)
			}
			return nil
		})
	}
	delete(r.running, s.Name)
	if s.Do == "kill" {
		p.end(syscall.SIGKILL)
		return nil
	}
	if err := p.end(syscall.SIGINT); err != nil {
		return fmt.Errorf("%s: %w\n%s", s.Name, err, p.log())
	}
	return nil
}

var (
	local = regexp.MustCompile(`(?:localhost|127\.0\.0\.1):(\d+)`)
	get   = "go get github.com/suiro/suiro@latest"
	// install is not needed: the command is in the PATH.
	install = "go install github.com/suiro/suiro/cmd/suiro@latest"
	clone   = "git clone --depth 1 https://github.com/suiro/suiro"
)

// localize puts the addresses of this test into a text, and takes this module from the working tree.
func (r *reader) localize(text string) (out string, err error) {
	out = local.ReplaceAllStringFunc(text, func(at string) string {
		port := local.FindStringSubmatch(at)[1]
		if r.ports[port] == "" {
			var free string
			if free, err = freeAddress(); err != nil {
				return at
			}
			r.ports[port] = free
		}
		return r.ports[port]
	})
	here := fmt.Sprintf("go mod edit -require=github.com/suiro/suiro@v0.0.0 -replace=github.com/suiro/suiro=%s\n"+
		"cp %s/go.sum go.sum", r.Root, r.Root)
	link := "ln -s " + r.Root + " suiro"
	return strings.NewReplacer(get, here, install, "true", clone, link, "/tmp/", r.dir+"/").Replace(out), err
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (r *reader) command(ctx context.Context, text string) *exec.Cmd {
	c := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", text)
	c.Dir = r.dir
	c.Env = append(os.Environ(), "PATH="+r.Bin+":"+os.Getenv("PATH"), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off",
		"XDG_CONFIG_HOME="+filepath.Join(r.dir, ".config"))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	return c
}

// sh runs commands and returns what they print. What goes to their standard error is in the error.
func (r *reader) sh(text string) (string, error) {
	ctx, cancel := context.WithTimeout(r.t.Context(), 3*patience)
	defer cancel()
	var out, errs bytes.Buffer
	c := r.command(ctx, text)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return out.String(), fmt.Errorf("%s%w\n%s%s", text, err, &out, &errs)
	}
	return out.String(), nil
}

// compare runs a command and compares what it prints. A command of a console block may fail: what it prints then is
// on the page.
func (r *reader) compare(c command, eventually bool) error {
	once := func() error {
		got, err := r.sh(c.line)
		if !matches(c.want, got) {
			return fmt.Errorf("%s prints\n%s\nwant\n%s\nerror: %v", strings.TrimSpace(c.line), got, c.want, err)
		}
		return nil
	}
	if !eventually {
		return once()
	}
	return r.until(once)
}

// until waits until ok returns nil, for as long as a step may take.
func (r *reader) until(ok func() error) (err error) {
	for deadline := time.Now().Add(patience); ; <-time.After(100 * time.Millisecond) {
		if err = ok(); err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// leave ends what still runs.
func (r *reader) leave() {
	for p := range maps.Values(r.running) {
		_ = p.end(syscall.SIGKILL) // that it was killed is no news
	}
}
