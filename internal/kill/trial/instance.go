package trial

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Instance is one process of the app, which may or may not be running.
type Instance struct {
	// Number counts from 1.
	Number int
	// State is its folder of local state.
	State string
	// HTTP is the address that {http} stands for.
	HTTP string
	// Log is the file that has its output.
	Log string

	command []string
	cmd     *exec.Cmd
	done    chan struct{} // closed when cmd has ended
	err     error         // how, after done
}

// newInstance finds a free port and fills in the command.
func newInstance(number int, dir string, command []string, places map[string]string) (*Instance, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	i := &Instance{
		Number: number, HTTP: l.Addr().String(),
		State: filepath.Join(dir, fmt.Sprintf("state-%d", number)),
		Log:   filepath.Join(dir, fmt.Sprintf("instance-%d.log", number)),
	}
	pairs := []string{"{state}", i.State, "{http}", i.HTTP}
	for name, value := range places {
		pairs = append(pairs, "{"+name+"}", value)
	}
	replace := strings.NewReplacer(pairs...)
	for _, word := range command {
		i.command = append(i.command, replace.Replace(word))
	}
	return i, nil
}

// Start starts the process, in a group of its own so that a signal reaches all
// of a command that is a script.
func (i *Instance) Start() error {
	log, err := os.OpenFile(i.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	fmt.Fprintf(log, "--- %s: %s\n", time.Now().Format(time.RFC3339Nano), strings.Join(i.command, " "))
	cmd := exec.Command(i.command[0], i.command[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start instance %d: %w", i.Number, err)
	}
	i.cmd, i.done, i.err = cmd, make(chan struct{}), nil
	go func() {
		i.err = cmd.Wait()
		close(i.done)
	}()
	return nil
}

// Running reports whether the process was started and not stopped by the trial.
func (i *Instance) Running() bool { return i.cmd != nil }

// Signal sends a signal to the process.
func (i *Instance) Signal(s syscall.Signal) error {
	if err := syscall.Kill(-i.cmd.Process.Pid, s); err != nil {
		return fmt.Errorf("send %v to instance %d: %w", s, i.Number, err)
	}
	return nil
}

// Kill ends the process as a crash does, and waits until it is gone.
func (i *Instance) Kill() error {
	if err := i.Alive(); err != nil {
		return err
	}
	if err := i.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-i.done
	i.cmd = nil
	return nil
}

// stopWait is how long a process may take to stop.
const stopWait = 30 * time.Second

// Stop asks the process to end, which it must do with exit code 0.
func (i *Instance) Stop() error {
	if err := i.Alive(); err != nil {
		return err
	}
	if err := i.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-i.done:
	case <-time.After(stopWait):
		// A Go program then prints where it hangs.
		return errors.Join(i.Signal(syscall.SIGQUIT), fmt.Errorf("instance %d did not stop within %v of SIGTERM; its "+
			"output is in %s", i.Number, stopWait, i.Log))
	}
	i.cmd = nil
	if i.err != nil {
		return fmt.Errorf("instance %d stopped with %w; its output is in %s", i.Number, i.err, i.Log)
	}
	return nil
}

// Alive returns an error when a process that should run has ended by itself.
func (i *Instance) Alive() error {
	if i.cmd == nil {
		return nil
	}
	select {
	case <-i.done:
		return fmt.Errorf("instance %d ended by itself with %v; its output is in %s", i.Number, i.err, i.Log)
	default:
		return nil
	}
}

// abandon kills whatever still runs.
func (i *Instance) abandon() {
	if i.cmd == nil {
		return
	}
	if err := i.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return
	}
	<-i.done
	i.cmd = nil
}

// Process returns the id that the app keeps in its state folder and names its
// transactions by, "" if it keeps none.
func (i *Instance) Process(application string) string {
	data, err := os.ReadFile(filepath.Join(i.State, application, "kafka-streams-process-metadata"))
	if err != nil {
		return ""
	}
	var m struct {
		ProcessID string `json:"processId"`
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return ""
	}
	return m.ProcessID
}
