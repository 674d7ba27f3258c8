package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/suiro/suiro/internal/confine"
)

// Process is a worker or an app that runs under a hard limit of memory. One goroutine
// starts and stops it; Alive and Peak may be called from any.
type Process struct {
	// Name is what it is called in messages.
	Name string
	// HTTP is the address of its pages, host:port.
	HTTP string
	// Log is the file with its output.
	Log string

	command []string
	dir     string // the folder it runs in
	env     []string
	limit   int64
	cmd     *exec.Cmd
	done    chan struct{} // closed when cmd has ended
	err     error         // how, after done
}

// Start starts the process.
func (p *Process) Start() error {
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	fmt.Fprintf(log, "--- %s: %s\n", time.Now().Format(time.RFC3339), strings.Join(p.command, " "))
	cmd := confine.Command(context.Background(), p.limit, p.command[0], p.command[1:]...)
	cmd.Dir, cmd.Env = p.dir, append(os.Environ(), p.env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt of the attack is not theirs
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	done := make(chan struct{})
	p.cmd, p.done, p.err = cmd, done, nil
	go func() {
		p.err = cmd.Wait()
		close(done)
	}()
	return nil
}

// Alive returns an error when the process has ended by itself, with the end of its log.
func (p *Process) Alive() error {
	if p.cmd == nil {
		return nil
	}
	select {
	case <-p.done:
		return fmt.Errorf("%s has ended by itself: %v; its log %s has\n%s", p.Name, p.err, p.Log, p.tail())
	default:
		return nil
	}
}

// Ended is closed when the process, which was started, has ended.
func (p *Process) Ended() <-chan struct{} { return p.done }

// Peak is the most bytes of memory that the process has held.
func (p *Process) Peak() (int64, error) { return confine.Peak(p.cmd.Process.Pid) }

// stopWait is how long a process may take to stop after SIGTERM.
const stopWait = 2 * time.Minute

// Stop asks the process to end, which it has to do with exit code 0.
func (p *Process) Stop() error {
	if p.cmd == nil {
		return nil
	}
	if err := p.Alive(); err != nil {
		return err
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop %s: %w", p.Name, err)
	}
	select {
	case <-p.done:
	case <-time.After(stopWait):
		err := p.cmd.Process.Signal(syscall.SIGQUIT) // its last words are where it hangs
		<-p.done
		return errors.Join(err, fmt.Errorf("stop %s: it still ran %v after SIGTERM; its log is %s", p.Name, stopWait, p.Log))
	}
	p.cmd = nil
	if p.err != nil {
		return fmt.Errorf("stop %s: %w; its log %s has\n%s", p.Name, p.err, p.Log, p.tail())
	}
	return nil
}

// Kill ends the process, if it runs, and waits until it is gone.
func (p *Process) Kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.done
	p.cmd = nil
}

// tail is what the log has of a panic, or its end.
func (p *Process) tail() string {
	text, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	for _, word := range []string{"\nfatal error:", "\npanic:", "\nruntime: out of memory"} {
		if at := bytes.LastIndex(text, []byte(word)); at >= 0 {
			return head(text[at:])
		}
	}
	return string(text[max(0, len(text)-4000):])
}

func head(text []byte) string { return string(text[:min(len(text), 6000)]) }
