//go:build integration

// Package cluster_test runs workers as processes that share connectors, kills, freezes
// and cuts them off, and counts every record that went in and came out: ours alone, and
// together with Kafka Connect's own.
package cluster_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// stage is a group of workers and what it keeps in Kafka.
type stage struct {
	t       *testing.T
	brokers []string
	kafka   *kgo.Client
	admin   *kadm.Client
	group   string
	// topics are those of configurations, offsets and statuses.
	configs, offsets, statuses string
	addresses                  []string // of the REST APIs of its workers
}

// newStage makes a stage of its own for a test, on brokers that others may use too.
func newStage(t *testing.T, brokers []string) *stage {
	group := fmt.Sprintf("cluster-%d", time.Now().UnixNano())
	return newStageOf(t, brokers, group, group+"-configs", group+"-offsets", group+"-status")
}

// newStageOf makes the stage of a group and its topics, which are removed when the test
// ends.
func newStageOf(t *testing.T, brokers []string, group, configs, offsets, statuses string) *stage {
	cl := kafkatest.Client(t, brokers)
	s := &stage{t: t, brokers: brokers, kafka: cl, admin: kadm.NewClient(cl), group: group, configs: configs,
		offsets: offsets, statuses: statuses}
	t.Cleanup(func() {
		_, _ = s.admin.DeleteTopics(context.WithoutCancel(t.Context()), configs, offsets, statuses)
	})
	return s
}

// of returns a client of the REST API at addresses. It waits for rebalances.
func (s *stage) of(addresses ...string) *client.Client {
	s.t.Helper()
	var urls []string
	for _, a := range addresses {
		urls = append(urls, "http://"+a)
	}
	c, err := client.New(urls, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// places is where connectors and tasks are RUNNING: the worker of each, by the key of
// its status without the prefix "status-".
func places(ctx context.Context, c *client.Client) (map[string]string, error) {
	all, err := c.Expanded(ctx, "status")
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for name, of := range all {
		if of.Status == nil {
			continue
		}
		if of.Status.Connector.State == api.Running {
			out["connector-"+name] = of.Status.Connector.WorkerID
		}
		for _, task := range of.Status.Tasks {
			if task.State == api.Running {
				out[fmt.Sprintf("task-%s-%d", name, task.ID)] = task.WorkerID
			}
		}
	}
	return out, nil
}

// shared waits until n connectors and tasks are RUNNING, all of them on the workers and
// a fair share on each, and returns where.
func (s *stage) shared(c *client.Client, n int, workers ...string) map[string]string {
	s.t.Helper()
	var at map[string]string
	is := func() bool {
		var err error
		if at, err = places(s.t.Context(), c); err != nil || len(at) != n {
			return false
		}
		has := map[string]int{}
		for _, w := range at {
			has[w]++
		}
		for _, w := range workers {
			if has[w] < n/len(workers)-1 { // connectors and tasks are divided by themselves
				return false
			}
		}
		return len(has) == len(workers)
	}
	began := time.Now()
	defer func() {
		if s.t.Failed() {
			s.t.Logf("running: %v", at)
		}
	}()
	kafkatest.Eventually(s.t, fmt.Sprintf("%d connectors and tasks on %v", n, workers), is)
	s.t.Logf("%s: after %v, %d connectors and tasks run on %v", time.Now().Format(time.TimeOnly),
		time.Since(began).Round(time.Millisecond), n, workers)
	return at
}

// report is what a worker has said about a connector or task.
type report struct {
	State      api.State `json:"state"`
	Worker     string    `json:"worker_id"`
	Generation int       `json:"generation"`
}

// reports are what all workers have said about each connector and task, by the key of
// its status without the prefix "status-", as far as compaction has left it: it leaves
// the last segment of a topic alone.
func (s *stage) reports() map[string][]report {
	s.t.Helper()
	out := map[string][]report{}
	for _, r := range s.read(s.statuses) {
		var said report
		key, ok := strings.CutPrefix(string(r.Key), "status-")
		if ok && !strings.HasPrefix(key, "topic-") && json.Unmarshal(r.Value, &said) == nil {
			out[key] = append(out[key], said)
		}
	}
	return out
}

// read returns what a topic has when it is called, as a read_committed reader sees it.
func (s *stage) read(topic string) []*kgo.Record {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), kafkatest.Patience)
	defer cancel()
	listed, err := s.admin.ListCommittedOffsets(ctx, topic)
	if err := errors.Join(err, listed.Error()); err != nil {
		s.t.Fatalf("list the end of %s: %v", topic, err)
	}
	ends := map[int32]int64{}
	listed.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			ends[o.Partition] = o.Offset
		}
	})
	cl := kafkatest.Client(s.t, s.brokers, kgo.ConsumeTopics(topic), kgo.KeepControlRecords(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer cl.Close()
	var out []*kgo.Record
	for len(ends) > 0 {
		fetches := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			s.t.Fatalf("topic %s cannot be read to its end: %v are left", topic, slices.Sorted(maps.Keys(ends)))
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() {
				out = append(out, r)
			}
			if r.Offset >= ends[r.Partition]-1 {
				delete(ends, r.Partition)
			}
		})
	}
	return out
}
