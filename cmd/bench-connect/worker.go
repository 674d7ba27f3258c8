package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/suiro/suiro/cmd/internal/cputime"
)

// program is a worker to measure: a name for people, and a command line to which the
// properties file of the worker and the files of connectors are added.
type program struct {
	name    string
	command []string
}

func programs(o options) []program {
	list := []program{{"suiro", []string{o.suiro, "connect", "--config"}}}
	if o.java != "" {
		list = append(list, program{"java", strings.Fields(o.java)})
	}
	return list
}

// worker is a process that runs at most one connector.
type worker struct {
	cmd    *exec.Cmd
	url    string
	began  time.Time
	log    string
	exited chan error
}

// start starts a worker in a folder of its own. The connector may be nil.
func start(o options, p program, dir string, connector map[string]string) (*worker, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "worker.properties")
	if err := os.WriteFile(config, []byte(properties(o, dir, address)), 0o600); err != nil {
		return nil, err
	}
	args := append(p.command[1:len(p.command):len(p.command)], config)
	if connector != nil {
		body, err := json.Marshal(map[string]any{"name": connector["name"], "config": connector})
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, "connector.json")
		if err := os.WriteFile(file, body, 0o600); err != nil {
			return nil, err
		}
		args = append(args, file)
	}
	w := &worker{cmd: exec.Command(p.command[0], args...), url: "http://" + address, exited: make(chan error, 1),
		log: filepath.Join(dir, p.name+".log")}
	return w, w.run()
}

func (w *worker) run() error {
	log, err := os.Create(w.log)
	if err != nil {
		return err
	}
	defer log.Close()
	w.cmd.Stdout, w.cmd.Stderr = log, log
	w.began = time.Now()
	if err := w.cmd.Start(); err != nil {
		return err
	}
	go func() { w.exited <- w.cmd.Wait() }()
	return nil
}

// freeAddress returns an address of this machine on which nobody listens now.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// properties are those of both workers.
func properties(o options, dir, address string) string {
	return strings.Join([]string{
		"bootstrap.servers=" + strings.Join(o.brokers, ","),
		"key.converter=org.apache.kafka.connect.storage.StringConverter",
		"value.converter=org.apache.kafka.connect.storage.StringConverter",
		"offset.storage.file.filename=" + filepath.Join(dir, "offsets"),
		"listeners=http://" + address,
		"plugin.path=" + o.pluginPath,
		"plugin.discovery=service_load", // the fastest start of a Java worker
		"producer.compression.type=" + o.codec,
		"",
	}, "\n")
}

// answers waits until the REST API answers, and returns how long that took from the
// start of the process.
func (w *worker) answers(ctx context.Context) (time.Duration, error) {
	client := &http.Client{Timeout: 5 * time.Second}
	err := w.wait(ctx, time.Millisecond, func() (bool, error) {
		resp, err := client.Get(w.url + "/connectors")
		if err != nil {
			return false, nil // it does not listen yet
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK, nil
	})
	return time.Since(w.began), err
}

// sample is what a worker had done at a moment.
type sample struct {
	at   time.Time
	cpu  time.Duration
	done int64 // records
}

// reach waits until done says that there are as many records as wanted.
func (w *worker) reach(ctx context.Context, want int, done func() (int64, error)) (s sample, err error) {
	err = w.wait(ctx, 10*time.Millisecond, func() (bool, error) {
		var err error
		s.at = time.Now()
		if s.done, err = done(); err == nil {
			s.cpu, err = cputime.Of(w.cmd.Process.Pid)
		}
		return s.done >= int64(want), err
	})
	return s, err
}

// wait calls ready again and again until it says yes; a worker that ends is an error.
func (w *worker) wait(ctx context.Context, pause time.Duration, ready func() (bool, error)) error {
	for {
		if ok, err := ready(); ok || err != nil {
			return err
		}
		select {
		case err := <-w.exited:
			w.exited <- err
			return w.explain(fmt.Errorf("the worker ended: %v", err))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// explain adds the end of the log to an error.
func (w *worker) explain(err error) error {
	text, _ := os.ReadFile(w.log)
	return fmt.Errorf("%w\n%s", err, text[max(0, len(text)-4000):])
}

// stop ends the worker and returns its peak of memory in megabytes.
func (w *worker) stop() (peak float64, err error) {
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return 0, err
	}
	select {
	case <-w.exited:
	case <-time.After(time.Minute):
		err = w.explain(errors.New("the worker did not stop within a minute"))
		_ = w.cmd.Process.Kill()
		<-w.exited
	}
	return float64(w.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024, err
}
