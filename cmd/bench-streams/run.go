package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/cmd/internal/bench"
)

// run is an app that a program runs, in one or more processes after each other.
type run struct {
	*compared
	program program
	app     string
	id      string // application.id, group and output topic
	group   *group
	address string // of the process's pages
	starts  int
	process *bench.Process
}

// labels are what the apps with a repartition topic group by.
var labels = map[string]string{"count": "host", "distinct": "id"}

// newRun returns a run of an app.
func (b *compared) newRun(p program, app string, round int) *run {
	r := &run{compared: b, program: p, app: app, id: fmt.Sprintf("%s-%d-%s-%s", b.id, round, app, p.name)}
	r.group = &group{client: b.client, admin: b.admin, name: r.id, inputs: b.input.of(app)}
	if label := labels[app]; label != "" {
		r.group.internal = r.id + "-by-" + label + "-repartition"
	}
	return r
}

func (r *run) logs() string  { return filepath.Join(r.folder(), r.id) }
func (r *run) state() string { return filepath.Join(r.dir, r.id+"-state") }

func (r *run) prepare(ctx context.Context) error {
	if err := os.MkdirAll(r.logs(), 0o700); err != nil {
		return err
	}
	return bench.MakeTopic(ctx, r.client, r.id, r.o.partitions)
}

// end removes what a run leaves.
func (r *run) end(ctx context.Context) {
	if r.process != nil {
		r.process.Kill()
	}
	_ = r.group.leave(ctx) // a group with members cannot be deleted
	r.delete(ctx, r.id)
	_ = r.wipe() // in a folder that is removed later
}

func (r *run) wipe() error { return os.RemoveAll(r.state()) }

// start starts a process of the app.
func (r *run) start() (err error) {
	if r.address, err = freeAddress(); err != nil {
		return err
	}
	r.starts++
	log := filepath.Join(r.logs(), strconv.Itoa(r.starts)+".log")
	r.process, err = bench.Start(log, slices.Concat(r.program.command, r.flags())...)
	return err
}

// flags are those of both programs. Those that a topology needs, Kafka Streams' program
// knows by itself.
func (r *run) flags() []string {
	commit := 1000
	if r.app == "distinct" {
		commit = 100 // the default of exactly_once_v2; a start is seen by its first commit
	}
	flags := []string{r.app, "--bootstrap-servers", strings.Join(r.o.brokers, ","), "--application-id", r.id,
		"--input-topic", r.group.inputs[0], "--output-topic", r.id, "--state-dir", r.state(), "--http-listen", r.address,
		"--processing-guarantee", r.o.guarantee, "--commit-interval-ms", strconv.Itoa(commit),
		"--num-stream-threads", strconv.Itoa(r.o.threads)}
	switch {
	case r.app == "json" && r.program.suiro:
		flags = append(flags, bench.JSONFlags()...)
	case r.app == "join":
		flags = append(flags, "--other-topic", r.group.inputs[1])
	}
	return flags
}

// freeAddress returns an address of this machine on which nobody listens now.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// patience is how long a run may stand still. A group waits 45 s for a process that was
// killed, and state may have to be restored after that.
const patience = 20 * time.Minute

// reach waits until the app has done as many records as wanted.
func (r *run) reach(ctx context.Context, want int64) (s bench.Sample, err error) {
	last, since := int64(-1), time.Now()
	err = r.process.Wait(ctx, 20*time.Millisecond, func() (bool, error) {
		done, err := r.group.done(ctx)
		if err == nil {
			s, err = r.process.Sample(done)
		}
		if done != last {
			last, since = done, time.Now()
		}
		if time.Since(since) > patience {
			err = errors.Join(err, fmt.Errorf("it has stayed at %d records for %v, want %d", done, patience, want))
		}
		return done >= want, err
	})
	return s, err
}

// complete waits until everything is done.
func (r *run) complete(ctx context.Context) error {
	if _, err := r.reach(ctx, int64(r.o.all())); err != nil {
		return err
	}
	return r.process.Wait(ctx, 20*time.Millisecond, func() (bool, error) { return r.group.idle(ctx) })
}

// health is what a process says of itself.
type health struct {
	State string `json:"state"`
	Tasks struct {
		Restoring int `json:"restoring"`
	} `json:"tasks"`
}

// until waits until the process says something of itself.
func (r *run) until(ctx context.Context, so func(health) bool) (s bench.Sample, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client := &http.Client{Timeout: 5 * time.Second}
	err = r.process.Wait(ctx, 10*time.Millisecond, func() (bool, error) {
		resp, err := client.Get("http://" + r.address + "/health")
		if err != nil {
			return false, nil // it does not listen yet
		}
		defer resp.Body.Close()
		var h health
		if err = json.NewDecoder(resp.Body).Decode(&h); err == nil {
			s, err = r.process.Sample(0)
		}
		return so(h), err
	})
	return s, err
}
