//go:build integration

package cluster_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
)

// Offsets of sources and a sink are shown by every worker, refused while they run, and
// altered and reset once they are stopped, whichever worker is asked; those of a source
// with an offset topic of its own, too. Connectors may begin with some.
func TestOffsetsAreChangedOverEveryWorker(t *testing.T) {
	s := newStage(t, kafkatest.Real(t))
	a, b := s.worker("a", nil), s.worker("b", nil)
	a.start()
	b.start()
	l := newLoad(s, 2, 1)
	l.create(s.of(a.address), nil)
	own := map[string]*string{"offsets.storage.topic": new(s.group + "-own")}
	if _, err := s.of(a.address).Patch(t.Context(), l.source(1), own); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = s.admin.DeleteTopics(context.WithoutCancel(t.Context()), *own["offsets.storage.topic"]) })
	s.shared(s.of(b.address), l.units(), a.address, b.address)
	l.feed()
	kafkatest.Eventually(t, "lines at the sink", func() bool { return len(lines(t, l.out())) > 0 })
	l.arrived()
	for i, w := range []*worker{a, b} { // one of the two leads
		s.again(l, s.of(w.address), i+2)
	}
	s.last(l, s.of(b.address))
}

// again makes all connectors begin again, and waits until each line has come so often.
func (s *stage) again(l *load, c *client.Client, times int) {
	s.t.Helper()
	alter := func(i int) func() (string, error) {
		begin := api.ConnectorOffset{Partition: api.Position{"filename": l.inputs()[i]}, Offset: api.Position{"position": 0}}
		return func() (string, error) {
			return c.AlterOffsets(s.t.Context(), l.source(i), api.ConnectorOffsets{Offsets: []api.ConnectorOffset{begin}})
		}
	}
	reset := func(name string) func() (string, error) {
		return func() (string, error) { return c.ResetOffsets(s.t.Context(), name) }
	}
	changes := []func() (string, error){alter(0), reset(l.source(1))}
	if times%2 == 1 {
		changes = []func() (string, error){reset(l.source(0)), alter(1)}
	}
	sum := 0
	for i, change := range changes {
		s.restart(c, l.source(i), change)
		kafkatest.Eventually(s.t, l.source(i)+" to write all lines again", func() bool {
			return len(s.read(l.topic(i))) == l.written[i]*times
		})
		sum += l.written[i] * times
	}
	before := len(lines(s.t, l.out()))
	s.restart(c, l.sink(), reset(l.sink()))
	kafkatest.Eventually(s.t, "the sink to read all lines again", func() bool {
		return len(lines(s.t, l.out())) >= before+sum
	})
}

// last makes a source and a sink that begin with the last line.
func (s *stage) last(l *load, c *client.Client) {
	s.t.Helper()
	before := len(s.read(l.topic(0)))
	all := lines(s.t, l.inputs()[0])
	info, err := os.Stat(l.inputs()[0])
	if err != nil {
		s.t.Fatal(err)
	}
	create := func(name string, config map[string]string, offsets ...api.ConnectorOffset) {
		s.t.Helper()
		made, err := c.Create(s.t.Context(), api.CreateConnectorRequest{Name: name, Config: config, InitialOffsets: offsets})
		if err != nil || made.OffsetsStatus == "" {
			s.t.Fatalf("Create %s with initial offsets = %+v, %v", name, made, err)
		}
	}
	create("late", map[string]string{"connector.class": "FileStreamSource", "file": l.inputs()[0], "topic": l.topic(0)},
		api.ConnectorOffset{Partition: api.Position{"filename": l.inputs()[0]},
			Offset: api.Position{"position": info.Size() - int64(len(all[len(all)-1])) - 1}})
	kafkatest.Eventually(s.t, "the last line alone", func() bool { return len(s.read(l.topic(0))) == before+1 })

	ends, err := s.admin.ListEndOffsets(s.t.Context(), l.topic(0))
	if err != nil {
		s.t.Fatal(err)
	}
	var offsets []api.ConnectorOffset
	ends.Each(func(end kadm.ListedOffset) {
		offsets = append(offsets, api.ConnectorOffset{
			Partition: api.Position{"kafka_topic": end.Topic, "kafka_partition": end.Partition},
			Offset:    api.Position{"kafka_offset": max(end.Offset-1, 0)}})
	})
	out := filepath.Join(l.dir, "late")
	create(s.group+"-late", map[string]string{"connector.class": "FileStreamSink", "file": out, "topics": l.topic(0)},
		offsets...)
	s.t.Cleanup(func() { _, _ = s.admin.DeleteGroups(context.WithoutCancel(s.t.Context()), "connect-"+s.group+"-late") })
	has := func() bool { _, err := os.Stat(out); return err == nil && len(lines(s.t, out)) > 0 }
	kafkatest.Eventually(s.t, "the late sink to have a line", has)
	if got := len(lines(s.t, out)); got > len(offsets) {
		s.t.Errorf("the late sink has %d lines, want those that it begins with, at most %d", got, len(offsets))
	}
}

// restart changes the offsets of a connector that runs, which is refused, and again once
// it is stopped, and lets it run again.
func (s *stage) restart(c *client.Client, name string, change func() (string, error)) {
	s.t.Helper()
	if _, err := change(); err == nil || !strings.Contains(err.Error(), "STOPPED state") {
		s.t.Errorf("change of offsets of %s while it runs = %v, want that it must be stopped", name, err)
	}
	if err := c.Stop(s.t.Context(), name); err != nil {
		s.t.Fatal(err)
	}
	kafkatest.Eventually(s.t, name+" to be stopped", func() bool {
		status, err := c.Status(s.t.Context(), name)
		return err == nil && status.Connector.State == api.Stopped && len(status.Tasks) == 0
	})
	if got, err := c.Offsets(s.t.Context(), name); err != nil || len(got.Offsets) == 0 {
		s.t.Errorf("offsets of %s = %v, %v, want some", name, got, err)
	}
	kafkatest.Eventually(s.t, "the offsets to be changed", func() bool { // the sink's consumer may still be leaving
		said, err := change()
		if err != nil {
			s.t.Logf("change of offsets of %s: %v", name, err)
		}
		return err == nil && strings.Contains(said, "successfully")
	})
	if err := c.Resume(s.t.Context(), name); err != nil {
		s.t.Fatal(err)
	}
}
