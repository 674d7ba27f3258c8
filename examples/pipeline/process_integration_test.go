//go:build integration

package pipeline_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// programs are the binaries of the pipeline, built when the first test asks.
var programs = struct {
	sync.Mutex
	dir string
}{}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "pipeline-programs-")
	if err != nil {
		panic(err)
	}
	programs.dir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// program builds a command of this module and returns its path.
func program(t *testing.T, folder string) string {
	t.Helper()
	programs.Lock()
	defer programs.Unlock()
	path := filepath.Join(programs.dir, filepath.Base(folder))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	out, err := exec.Command("go", "build", "-o", path, "github.com/suiro/suiro/"+folder).CombinedOutput()
	if err != nil {
		t.Fatalf("build %s: %v\n%s", folder, err, out)
	}
	return path
}

// process is a part of the pipeline that can be killed and started again.
type process struct {
	name    string
	log     string // file with its output
	command []string
	cmd     *exec.Cmd
	done    chan struct{} // closed when cmd has ended
	err     error         // how cmd ended, once done is closed
}

// newProcess prepares a process in dir. If it still runs at the end of the test it
// is killed, and if the test failed the end of its output is shown.
func newProcess(t *testing.T, dir, name string, command ...string) *process {
	p := &process{name: name, log: filepath.Join(dir, name+".log"), command: command}
	t.Cleanup(func() {
		if err := p.kill(); err != nil {
			t.Log(err)
		}
		if t.Failed() {
			t.Logf("%s ends with\n%s", p.log, p.tail(60))
		}
	})
	return p
}

func (p *process) start() error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	fmt.Fprintf(log, "--- %s: %s\n", time.Now().Format(time.RFC3339Nano), strings.Join(p.command, " "))
	cmd := exec.Command(p.command[0], p.command[1:]...)
	cmd.Dir = "../.." // where a user's commands run
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	done := make(chan struct{})
	p.cmd, p.done, p.err = cmd, done, nil
	go func() {
		p.err = cmd.Wait()
		close(done)
	}()
	return nil
}

// ended returns an error when a process that should run has ended.
func (p *process) ended() error {
	if p.cmd == nil {
		return nil
	}
	select {
	case <-p.done:
		return fmt.Errorf("%s ended by itself: %v", p.name, p.err)
	default:
		return nil
	}
}

func (p *process) signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("send %v to %s: %w", s, p.name, err)
	}
	return nil
}

// kill ends the process as a crash does, and waits until it is gone.
func (p *process) kill() error {
	if p.cmd == nil {
		return nil
	}
	if err := p.ended(); err != nil {
		return err
	}
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.done
	p.cmd = nil
	return nil
}

// stopWait is how long a process may take to stop in good order.
const stopWait = 30 * time.Second

// stop asks the process to end, which it has to do with exit code 0.
func (p *process) stop() error {
	if p.cmd == nil {
		return nil
	}
	if err := p.ended(); err != nil {
		return err
	}
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-time.After(stopWait):
		// Its last words are where it hangs.
		err := p.signal(syscall.SIGQUIT)
		<-p.done
		return errors.Join(err, fmt.Errorf("%s did not stop within %v of SIGTERM", p.name, stopWait))
	}
	p.cmd = nil
	if p.err != nil {
		return fmt.Errorf("%s stopped with %w", p.name, p.err)
	}
	return nil
}

// exit waits until the process has ended by itself and returns its exit code.
func (p *process) exit(t *testing.T) int {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(stopWait):
		t.Fatalf("%s still runs after %v", p.name, stopWait)
	}
	code := p.cmd.ProcessState.ExitCode()
	p.cmd = nil
	return code
}

// says fails the test unless the process ends with an error that holds all of
// the words.
func (p *process) says(t *testing.T, words ...string) {
	t.Helper()
	if code := p.exit(t); code == 0 {
		t.Errorf("%s ended with 0, want an error", p.name)
	}
	said := string(p.tail(10))
	for _, word := range words {
		if !strings.Contains(said, word) {
			t.Errorf("%s says\n%s\nwant %q in it", p.name, said, word)
		}
	}
}

func (p *process) tail(lines int) []byte {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return []byte(err.Error())
	}
	all := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return bytes.Join(all[max(0, len(all)-lines):], []byte("\n"))
}
