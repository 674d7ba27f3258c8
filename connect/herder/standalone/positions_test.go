package standalone_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

const (
	altered = "The offsets for this connector have been altered successfully"
	reset   = "The offsets for this connector have been reset successfully"
)

// one is a change of one offset.
func one(partition, offset api.Position) api.ConnectorOffsets {
	return api.ConnectorOffsets{Offsets: []api.ConnectorOffset{{Partition: partition, Offset: offset}}}
}

func sinkPartition(topic string, number any) api.Position {
	return api.Position{"kafka_topic": topic, "kafka_partition": number}
}

// offsets are those of a connector, as text.
func offsets(t *testing.T, h *standalone.Herder, name string) string {
	t.Helper()
	o, err := h.Offsets(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(o.Offsets)
}

// finished waits until a connector has read n records and stops it.
func finished(t *testing.T, h *standalone.Herder, name string, n int64) {
	t.Helper()
	kafkatest.Eventually(t, fmt.Sprint(n, " records of ", name), func() bool {
		c, err := h.Counts(name)
		return err == nil && c.Written == n && c.Uncommitted == 0 && c.Lag == 0
	})
	if err := h.StopConnector(t.Context(), name); err != nil {
		t.Fatal(err)
	}
}

func TestOffsetsOfASourceAreShownAlteredAndReset(t *testing.T) {
	h := start(t)
	props := lines(t, 10) // of two bytes each
	file := api.Position{"filename": props["file"]}
	if _, _, err := h.Put(t.Context(), "src", props, ""); err != nil {
		t.Fatal(err)
	}
	finished(t, h, "src", 10)
	o, err := h.Offsets(t.Context(), "src")
	if err != nil || len(o.Offsets) != 1 || o.Offsets[0].Offset["position"] != int64(20) {
		t.Fatalf("Offsets = %+v, %v, want the end of the file", o, err)
	}
	m, err := h.AlterOffsets(t.Context(), "src", one(file, api.Position{"position": 4.0}))
	if err != nil || m.Message != altered {
		t.Fatalf("AlterOffsets = %+v, %v, want %q", m, err, altered)
	}
	if err := h.Resume(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	finished(t, h, "src", 8)
	m, err = h.ResetOffsets(t.Context(), "src")
	if err != nil || m.Message != reset {
		t.Fatalf("ResetOffsets = %+v, %v, want %q", m, err, reset)
	}
	if got := offsets(t, h, "src"); got != "[]" {
		t.Errorf("offsets after the reset = %s, want none", got)
	}
	if m, err = h.ResetOffsets(t.Context(), "src"); err != nil || m.Message != reset {
		t.Errorf("the second ResetOffsets = %+v, %v, want %q", m, err, reset)
	}
}

func TestOffsetsOfASinkAreShownAlteredAndReset(t *testing.T) {
	moveSink(t, start(t), "lines", "")
}

// moveSink changes the offsets of a sink that reads a topic, with names that end so.
func moveSink(t *testing.T, h *standalone.Herder, topic, suffix string) {
	src, snk := "src"+suffix, "snk"+suffix
	out := filepath.Join(t.TempDir(), "out")
	source := lines(t, 10)
	source["topic"] = topic
	if _, _, err := h.Put(t.Context(), src, source, ""); err != nil {
		t.Fatal(err)
	}
	sink := map[string]string{"connector.class": "FileStreamSink", "file": out, "topics": topic}
	if _, _, err := h.Put(t.Context(), snk, sink, ""); err != nil {
		t.Fatal(err)
	}
	finished(t, h, snk, 10)
	if got, want := offsets(t, h, snk), "[{map[kafka_partition:0 kafka_topic:"+topic+"] map[kafka_offset:10]}]"; got != want {
		t.Fatalf("offsets = %s, want %s", got, want)
	}
	m, err := h.AlterOffsets(t.Context(), snk, one(sinkPartition(topic, "0"), api.Position{"kafka_offset": "7"}))
	if err != nil || m.Message != altered {
		t.Fatalf("AlterOffsets = %+v, %v, want %q", m, err, altered)
	}
	if err := h.Resume(t.Context(), snk); err != nil {
		t.Fatal(err)
	}
	finished(t, h, snk, 3)
	if m, err = h.ResetOffsets(t.Context(), snk); err != nil || m.Message != reset {
		t.Fatalf("ResetOffsets = %+v, %v, want %q", m, err, reset)
	}
	if got := offsets(t, h, snk); got != "[]" {
		t.Errorf("offsets after the reset = %s, want none", got)
	}
	if err := h.Resume(t.Context(), snk); err != nil {
		t.Fatal(err)
	}
	finished(t, h, snk, 10)
	if text, err := os.ReadFile(out); err != nil || strings.Count(string(text), "\n") != 23 {
		t.Errorf("the file holds %q, %v, want 23 lines", text, err)
	}
	// Forgetting one partition begins it again too.
	if _, err := h.AlterOffsets(t.Context(), snk, one(sinkPartition(topic, int64(0)), nil)); err != nil {
		t.Fatal(err)
	}
	if got := offsets(t, h, snk); got != "[]" {
		t.Errorf("offsets after one was forgotten = %s, want none", got)
	}
}

func TestOffsetsThatCannotBeTakenChangeNothing(t *testing.T) {
	h := start(t)
	props := lines(t, 10)
	file := api.Position{"filename": props["file"]}
	sink := map[string]string{"connector.class": "FileStreamSink", "file": filepath.Join(t.TempDir(), "out"),
		"topics": "lines"}
	for name, config := range map[string]map[string]string{"src": props, "snk": sink} {
		if _, _, err := h.Put(t.Context(), name, config, ""); err != nil {
			t.Fatal(err)
		}
	}
	running := "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the " +
		"specified connector by issuing a 'PUT' request to the '/connectors/src/stop' endpoint"
	for what, err := range map[string]error{
		"alter": second(h.AlterOffsets(t.Context(), "src", one(file, api.Position{"position": int64(4)}))),
		"reset": second(h.ResetOffsets(t.Context(), "src")),
	} {
		if !errors.Is(err, herder.ErrInvalid) || err.Error() != running {
			t.Errorf("%s of a running connector = %v, want %q", what, err, running)
		}
	}
	finished(t, h, "src", 10)
	finished(t, h, "snk", 10)
	before := offsets(t, h, "src") + offsets(t, h, "snk")
	for _, c := range []struct {
		connector         string
		partition, offset api.Position
		want              string
	}{
		{"src", file, api.Position{"pos": int64(1)}, "Offset objects should either be null or contain the key 'position'"},
		{"src", file, api.Position{"position": "1"}, "The value for the 'position' key in the offset is expected to be a Long value"},
		{"src", file, api.Position{"position": int64(-1)}, "The value for the 'position' key in the offset should be a non-negative value"},
		{"src", api.Position{"file": "x"}, api.Position{"position": int64(1)}, "Partition objects should contain the key 'filename'"},
		{"src", nil, api.Position{"position": int64(1)}, "The partition for a source connector offset cannot be null or missing"},
		{"src", api.Position{"filename": strings.Repeat("x", 300_000)}, nil, "must make smaller ones"},
		{"snk", nil, nil, "The partition for a sink connector offset cannot be null or missing"},
		{"snk", file, nil, "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'"},
		{"snk", sinkPartition("lines", "one"), nil, "Failed to parse the following Kafka partition value in the provided offsets: 'one'. " +
			"Partition values for sink connectors need to be integers."},
		{"snk", sinkPartition("lines", int64(-1)), nil, "Failed to parse the following Kafka partition value"},
		{"snk", sinkPartition("lines", 0.5), nil, "Failed to parse the following Kafka partition value"},
		{"snk", sinkPartition("lines", int64(0)), api.Position{"offset": int64(1)},
			"The offset for a sink connector should either be null or contain the key 'kafka_offset'"},
		{"snk", sinkPartition("lines", int64(0)), api.Position{"kafka_offset": nil}, "Failed to parse the following Kafka offset value"},
		{"snk", sinkPartition("lines", int64(0)), api.Position{"kafka_offset": int64(-5)}, "negative"},
	} {
		_, err := h.AlterOffsets(t.Context(), c.connector, one(c.partition, c.offset))
		if !errors.Is(err, herder.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("AlterOffsets(%v, %v) = %v, want an invalid request with %q", c.partition, c.offset, err, c.want)
		}
	}
	if _, err := h.AlterOffsets(t.Context(), "src", api.ConnectorOffsets{}); !errors.Is(err, herder.ErrInvalid) {
		t.Errorf("AlterOffsets without offsets = %v, want an invalid request", err)
	}
	for _, err := range []error{second(h.Offsets(t.Context(), "no")), second(h.ResetOffsets(t.Context(), "no")),
		second(h.AlterOffsets(t.Context(), "no", one(file, nil)))} {
		if !errors.Is(err, herder.ErrNotFound) || err.Error() != "Connector no not found" {
			t.Errorf("error = %v, want not found", err)
		}
	}
	if got := offsets(t, h, "src") + offsets(t, h, "snk"); got != before {
		t.Errorf("offsets = %s, want them as they were: %s", got, before)
	}
}

// Of a sink's offsets Kafka takes those that it can, one by one.
func TestOneOffsetOfASinkThatCannotBeTakenKeepsTheOthers(t *testing.T) {
	h := start(t)
	source := lines(t, 10)
	sink := map[string]string{"connector.class": "FileStreamSink", "file": filepath.Join(t.TempDir(), "out"),
		"topics": "lines"}
	for name, config := range map[string]map[string]string{"src": source, "snk": sink} {
		if _, _, err := h.Put(t.Context(), name, config, ""); err != nil {
			t.Fatal(err)
		}
	}
	finished(t, h, "snk", 10)
	before := offsets(t, h, "snk")
	first := api.ConnectorOffset{Partition: sinkPartition("lines", int64(0)), Offset: api.Position{"kafka_offset": int64(3)}}
	forgotten := api.ConnectorOffset{Partition: sinkPartition("lines", int64(0))}
	wrong := api.ConnectorOffset{Partition: sinkPartition("lines", int64(7)), Offset: api.Position{"kafka_offset": int64(3)}}
	for _, changes := range [][]api.ConnectorOffset{{first, wrong}, {forgotten, wrong}} {
		_, err := h.AlterOffsets(t.Context(), "snk", api.ConnectorOffsets{Offsets: changes})
		if !errors.Is(err, herder.ErrInvalid) || !strings.Contains(err.Error(), "There is no partition lines-7 in Kafka") {
			t.Errorf("AlterOffsets(%v) = %v, want that there is no such partition", changes, err)
		}
		if got := offsets(t, h, "snk"); got != before {
			t.Errorf("offsets = %s, want them as they were: %s", got, before)
		}
	}
	if err := h.Delete(t.Context(), "snk"); err != nil {
		t.Fatal(err)
	}
	// What the group of the name has is forgotten with the offsets that the connector begins with, and not before.
	create := api.CreateConnectorRequest{Name: "snk", Config: sink, InitialState: api.InitialStopped,
		InitialOffsets: []api.ConnectorOffset{wrong}}
	if _, err := h.Create(t.Context(), create); !errors.Is(err, herder.ErrInvalid) {
		t.Errorf("Create = %v, want that there is no such partition", err)
	}
	create.InitialOffsets = []api.ConnectorOffset{first}
	if info, err := h.Create(t.Context(), create); err != nil || info.OffsetsStatus != altered {
		t.Fatalf("Create = %+v, %v, want %q", info, err, altered)
	}
	if got, want := offsets(t, h, "snk"), "[{map[kafka_partition:0 kafka_topic:lines] map[kafka_offset:3]}]"; got != want {
		t.Errorf("offsets = %s, want %s", got, want)
	}
	if err := h.Resume(t.Context(), "snk"); err != nil {
		t.Fatal(err)
	}
	finished(t, h, "snk", 7)
}

func second[T any](_ T, err error) error { return err }

func TestAConnectorThatDoesNotCheckOffsetsIsPointedOut(t *testing.T) {
	h := start(t, (&stage{}).plugin())
	create := api.CreateConnectorRequest{Name: "src", Config: api.Config{"connector.class": "Stage"},
		InitialState: api.InitialStopped}
	if _, err := h.Create(t.Context(), create); err != nil {
		t.Fatal(err)
	}
	m, err := h.AlterOffsets(t.Context(), "src", one(api.Position{"a": "b"}, api.Position{"c": int64(1) << 60}))
	want := "The Connect framework-managed offsets for this connector have been altered successfully. However, if this " +
		"connector manages offsets externally, they will need to be manually altered in the system that the connector uses."
	if err != nil || m.Message != want {
		t.Errorf("AlterOffsets = %+v, %v, want %q", m, err, want)
	}
	if got, want := offsets(t, h, "src"), fmt.Sprint("[{map[a:b] map[c:", int64(1)<<60, "]}]"); got != want {
		t.Errorf("offsets = %s, want %s", got, want)
	}
}

// picky is a stage whose outside system cannot be asked.
type picky struct{ *stagedConnector }

func (picky) AlterOffsets(_ context.Context, _ config.Values, offsets []connect.SourceOffset) error {
	return connect.Retriable(errors.New("the database is down"))
}

func TestAnOutsideSystemThatCannotBeAskedIsNotTheClientsMistake(t *testing.T) {
	h := start(t, connect.SourcePlugin{Info: connect.Info{Class: "Picky"},
		New: func() connect.SourceConnector { return picky{&stagedConnector{stage: &stage{}}} }})
	_, _, err := h.Put(t.Context(), "src", map[string]string{"connector.class": "Picky"}, api.InitialStopped)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.AlterOffsets(t.Context(), "src", one(api.Position{"a": "b"}, api.Position{"c": int64(1)}))
	if err == nil || errors.Is(err, herder.ErrInvalid) || !strings.Contains(err.Error(), "the database is down") {
		t.Errorf("AlterOffsets = %v, want an error that is not the client's", err)
	}
	if got := offsets(t, h, "src"); got != "[]" {
		t.Errorf("offsets = %s, want none", got)
	}
}

func TestInitialOffsetsTakeThePlaceOfThoseOfTheName(t *testing.T) {
	h := start(t)
	props := lines(t, 10)
	file := api.Position{"filename": props["file"]}
	if _, _, err := h.Put(t.Context(), "src", props, ""); err != nil {
		t.Fatal(err)
	}
	finished(t, h, "src", 10)
	if _, err := h.AlterOffsets(t.Context(), "src",
		one(api.Position{"filename": "other"}, api.Position{"position": int64(1)})); err != nil {
		t.Fatal(err)
	}
	if err := h.Delete(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	create := api.CreateConnectorRequest{Name: "src", Config: props, InitialState: api.InitialStopped,
		InitialOffsets: one(file, api.Position{"place": int64(4)}).Offsets}
	if _, err := h.Create(t.Context(), create); !errors.Is(err, herder.ErrInvalid) {
		t.Fatalf("Create = %v, want an error about the offset", err)
	}
	if names, err := h.Connectors(t.Context()); err != nil || len(names) != 0 {
		t.Fatalf("Connectors = %v, %v, want none", names, err)
	}
	create.InitialOffsets = one(file, api.Position{"position": int64(4)}).Offsets
	info, err := h.Create(t.Context(), create)
	if err != nil || info.OffsetsStatus != altered {
		t.Fatalf("Create = %+v, %v, want %q", info, err, altered)
	}
	if got, want := offsets(t, h, "src"), fmt.Sprintf("[{%v map[position:4]}]", map[string]any(file)); got != want {
		t.Errorf("offsets = %s, want %s", got, want)
	}
	if _, err := h.Prepare(create); !errors.Is(err, herder.ErrInvalid) {
		t.Errorf("Prepare = %v, want that initial offsets are refused", err)
	}
}
