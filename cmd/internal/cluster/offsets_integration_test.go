//go:build integration

package cluster_test

import (
	"os"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// Offsets of a source and a sink are shown by every worker, refused while they run, and
// altered and reset once they are stopped, whichever worker is asked. A connector may
// begin with some.
func TestOffsetsAreChangedOverEveryWorker(t *testing.T) {
	s := newStage(t, kafkatest.Real(t))
	a, b := s.worker("a", nil), s.worker("b", nil)
	a.start()
	b.start()
	l := newLoad(s, 1, 1)
	l.create(s.of(a.address), nil)
	s.shared(s.of(b.address), l.units(), a.address, b.address)
	l.feed()
	kafkatest.Eventually(t, "lines at the sink", func() bool { return len(lines(t, l.out())) > 0 })
	l.arrived()
	n := l.written[0]

	source := api.ConnectorOffset{Partition: api.Position{"filename": l.inputs()[0]}, Offset: api.Position{"position": 0}}
	for i, w := range []*worker{a, b} { // one of the two leads
		c := s.of(w.address)
		s.restart(c, l.source(0), func() (string, error) {
			return c.AlterOffsets(t.Context(), l.source(0), api.ConnectorOffsets{Offsets: []api.ConnectorOffset{source}})
		})
		kafkatest.Eventually(t, "the source to write all lines again", func() bool {
			return len(s.read(l.topic(0))) == n*(i+2)
		})
		before := len(lines(t, l.out()))
		s.restart(c, l.sink(), func() (string, error) { return c.ResetOffsets(t.Context(), l.sink()) })
		kafkatest.Eventually(t, "the sink to read all lines again", func() bool {
			return len(lines(t, l.out())) >= before+n*(i+2)
		})
	}

	all := lines(t, l.inputs()[0])
	info, err := os.Stat(l.inputs()[0])
	if err != nil {
		t.Fatal(err)
	}
	source.Offset = api.Position{"position": info.Size() - int64(len(all[n-1])) - 1}
	made, err := s.of(b.address).Create(t.Context(), api.CreateConnectorRequest{Name: "late", Config: map[string]string{
		"connector.class": "FileStreamSource", "file": l.inputs()[0], "topic": l.topic(0)},
		InitialOffsets: []api.ConnectorOffset{source}})
	if err != nil || made.OffsetsStatus == "" {
		t.Fatalf("Create with initial offsets = %+v, %v", made, err)
	}
	kafkatest.Eventually(t, "the last line alone", func() bool { return len(s.read(l.topic(0))) == n*3+1 })
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
