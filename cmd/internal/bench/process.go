// Package bench starts programs and measures them from outside: the processor time and
// memory that the kernel counts, and how far they have come. On a machine that others use
// too, the time that passes says little; processor time and ratios of one run say more. It
// needs Linux.
package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Process is a program that runs and is measured. It is used by one goroutine.
type Process struct {
	// Began is when the program was started.
	Began time.Time

	cmd    *exec.Cmd
	log    string
	exited chan struct{} // closed when it has ended
	err    error         // how it ended
}

// Start starts a command, which writes its output and errors to a file.
func Start(logFile string, command ...string) (*Process, error) {
	log, err := os.Create(logFile)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p := &Process{cmd: exec.Command(command[0], command[1:]...), log: logFile, exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.Began = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// Sample is what a program had done at a moment.
type Sample struct {
	// At is the moment.
	At time.Time
	// CPU is the user and system time that the program had used, in steps of 10 ms.
	CPU time.Duration
	// Done is how many records it had processed.
	Done int64
}

// Sample returns what the program has used until now. Done comes from the caller.
func (p *Process) Sample(done int64) (Sample, error) {
	s := Sample{At: time.Now(), Done: done}
	var err error
	s.CPU, err = cpuOf(p.cmd.Process.Pid)
	return s, err
}

// Peak returns the most memory that the program has had resident, in megabytes. It must
// still run.
func (p *Process) Peak() (float64, error) { return peakOf(p.cmd.Process.Pid) }

// Wait calls ready again and again, with pauses, until it says yes. A program that ends
// before is an error, with the end of its log.
func (p *Process) Wait(ctx context.Context, pause time.Duration, ready func() (bool, error)) error {
	for {
		select {
		case <-p.exited:
			return p.explain(fmt.Errorf("the program ended: %v", p.err))
		default:
		}
		if ok, err := ready(); err != nil {
			return p.explain(err)
		} else if ok {
			return nil
		}
		select {
		case <-p.exited:
		case <-ctx.Done():
			return p.explain(ctx.Err())
		case <-time.After(pause):
		}
	}
}

// explain adds the end of the log to an error.
func (p *Process) explain(err error) error {
	text, _ := os.ReadFile(p.log)
	return fmt.Errorf("%w\n%s", err, text[max(0, len(text)-4000):])
}

// Stop tells the program to end, and waits for it. One that takes more than a minute is
// killed, which is an error. To stop what has ended does nothing.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(time.Minute):
		p.Kill()
		return p.explain(errors.New("the program did not stop within a minute"))
	}
}

// Kill ends the program as kill -9 does.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // an error means that it has ended
	<-p.exited
}
