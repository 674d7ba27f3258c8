package guide

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is a command in the background.
type process struct {
	cmd  *exec.Cmd
	file *os.File
	done chan error // gets one value when the command has ended
}

// start starts a command in the background under a name.
func (r *reader) start(name, text string) error {
	if old := r.running[name]; old != nil {
		return errors.New(name + " runs already: stop or kill it first")
	}
	file, err := os.OpenFile(filepath.Join(r.t.TempDir(), name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	cmd := r.command(context.WithoutCancel(r.t.Context()), "exec "+text)
	p := &process{cmd: cmd, file: file, done: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = file, file
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() { p.done <- p.cmd.Wait() }()
	r.running[name] = p
	return nil
}

// log is what the command has printed so far.
func (p *process) log() string {
	b, err := os.ReadFile(p.file.Name())
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// end sends a signal to the command and all that it started, and waits until it has ended.
func (p *process) end(signal syscall.Signal) error {
	defer p.file.Close()
	_ = syscall.Kill(-p.cmd.Process.Pid, signal) // it may have ended on its own, which Wait tells
	select {
	case err := <-p.done:
		return err
	case <-time.After(patience):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		return errors.Join(errors.New("does not end within a minute"), <-p.done)
	}
}
