package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/suiro/suiro/cmd/internal/bench"
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
	*bench.Process
	url string
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
	args := append(p.command[:len(p.command):len(p.command)], config)
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
	process, err := bench.Start(filepath.Join(dir, p.name+".log"), args...)
	return &worker{process, "http://" + address}, err
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
	err := w.Wait(ctx, time.Millisecond, func() (bool, error) {
		resp, err := client.Get(w.url + "/connectors")
		if err != nil {
			return false, nil // it does not listen yet
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK, nil
	})
	return time.Since(w.Began), err
}

// reach waits until done says that there are as many records as wanted.
func (w *worker) reach(ctx context.Context, want int, done func() (int64, error)) (s bench.Sample, err error) {
	err = w.Wait(ctx, 10*time.Millisecond, func() (bool, error) {
		n, err := done()
		if err == nil {
			s, err = w.Sample(n)
		}
		return s.Done >= int64(want), err
	})
	return s, err
}
