package wire_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/group/internal/wire"
	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/suiro/suiro/connect/herder/api"
)

// recorded reads what a Java worker 4.3.1 sent, as the coordinator describes it.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "java", name+".hex"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func set(connector string, tasks ...int) work.Set {
	s := work.Set{}
	for _, n := range tasks {
		s[api.TaskID{Connector: connector, Task: n}] = true
	}
	return s
}

func union(sets ...work.Set) work.Set {
	u := work.Set{}
	for _, s := range sets {
		u.Add(s)
	}
	return u
}

const javaURL = "http://127.0.0.1:29713/"

func TestMetadataIsThatOfAJavaWorker(t *testing.T) {
	sessioned, compatible := "connect-127.0.0.1:29713-afb0c697-6718-4d29-86ff-dbac7c8845b1",
		"connect-127.0.0.1:29713-ccc839f3-424c-451f-bc85-08ac6d0cc521"
	sink := set("sink", -1, 0, 1, 2)
	for name, c := range map[string]struct {
		version int16
		want    wire.Metadata
		sorted  bool // the Java worker wrote its connectors in the order of their names
	}{
		"sessioned": {wire.V2, wire.Metadata{URL: javaURL, Offset: 15, Held: &wire.Assignment{Leader: sessioned,
			LeaderURL: javaURL, Offset: 11, Revoked: work.Set{},
			Assigned: union(set("sink", -1), set("src1", -1, 0), set("src2", -1, 0), set("src3", -1, 0))}}, false},
		"one-connector": {wire.V2, wire.Metadata{URL: javaURL, Offset: 21, Held: &wire.Assignment{Leader: sessioned,
			LeaderURL: javaURL, Offset: 21, Revoked: work.Set{}, Assigned: sink}}, true},
		"compatible": {wire.V1, wire.Metadata{URL: javaURL, Offset: 24, Held: &wire.Assignment{Leader: compatible,
			LeaderURL: javaURL, Offset: 22, Revoked: work.Set{}, Assigned: union(sink, set("xcompatible", -1))}}, false},
		"eager": {wire.V0, wire.Metadata{URL: javaURL, Offset: 29}, true},
	} {
		b := recorded(t, name+".metadata")
		got, err := wire.DecodeMetadata(b)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: metadata = %+v, %v, want %+v", name, got, err, c.want)
		}
		again := wire.EncodeMetadata(got, c.version)
		if c.sorted && !bytes.Equal(again, b) || len(again) != len(b) {
			t.Errorf("%s: written again as\n%x, want\n%x", name, again, b)
		}
	}
}

func TestAssignmentIsThatOfAJavaWorker(t *testing.T) {
	for name, c := range map[string]struct {
		version int16
		offset  int64
		want    work.Set
		sorted  bool
	}{
		"sessioned":     {wire.V2, 15, set("sink", 0, 1, 2), true},
		"one-connector": {wire.V2, 21, work.Set{}, true},
		"compatible":    {wire.V1, 24, set("xcompatible", 0), true},
		"eager":         {wire.V0, 29, union(set("xeager", -1, 0), set("sink", -1, 0, 1, 2)), false},
	} {
		b := recorded(t, name+".assignment")
		got, err := wire.DecodeAssignment(b)
		if err != nil || !reflect.DeepEqual(got.Assigned, c.want) || got.Offset != c.offset || got.LeaderURL != javaURL {
			t.Errorf("%s: assignment = %+v, %v, want %v at offset %d", name, got, err, c.want, c.offset)
		}
		again := wire.EncodeAssignment(got, c.version)
		if c.sorted && !bytes.Equal(again, b) || len(again) != len(b) {
			t.Errorf("%s: written again as\n%x, want\n%x", name, again, b)
		}
	}
}

func TestRevocationsDelaysAndErrorsComeBack(t *testing.T) {
	want := wire.Assignment{Failed: true, Leader: "l", LeaderURL: "u", Offset: -1, Assigned: set("a", -1, 3),
		Revoked: union(set("a", 0), set("b", -1)), Delay: 300_000}
	for _, v := range []int16{wire.V1, wire.V2} {
		got, err := wire.DecodeAssignment(wire.EncodeAssignment(want, v))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("version %d: %+v, %v, want %+v", v, got, err, want)
		}
	}
}

// loaded is what a worker says of two tasks, of which it has measured one.
var loaded = wire.Metadata{URL: "u", Offset: 4, Held: &wire.Assignment{Assigned: set("a", -1, 0, 1), Revoked: work.Set{}},
	Loads: map[api.TaskID]int64{{Connector: "a", Task: 1}: 1 << 33}}

func TestLoadsComeBackInTheirOwnVersionAlone(t *testing.T) {
	b := wire.EncodeMetadata(loaded, wire.VLoad)
	if got, err := wire.DecodeMetadata(b); err != nil || !reflect.DeepEqual(got, loaded) {
		t.Errorf("%+v, %v, want %+v", got, err, loaded)
	}
	if got, err := wire.DecodeMetadata(wire.EncodeMetadata(loaded, wire.V2)); err != nil || got.Loads != nil {
		t.Errorf("%+v, %v, want no loads in the version of a Java worker", got, err)
	}
	b = append(b[:len(b)-3*8-4], 0, 0, 0, 1)
	_, err := wire.DecodeMetadata(append(b, make([]byte, 8)...))
	if err == nil || !strings.Contains(err.Error(), "1 loads for 3 connectors and tasks") {
		t.Errorf("too few loads: %v", err)
	}
}

func TestBytesThatAreNotOfAWorkerAreErrors(t *testing.T) {
	whole := recorded(t, "sessioned.metadata")
	head := wire.EncodeAssignment(wire.Assignment{}, wire.V0)
	head = head[:len(head)-4] // without the list
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"empty":                 {nil, "too early"},
		"negative version":      {[]byte{0xff, 0xff}, "unknown version -1"},
		"cut in the allocation": {whole[:len(whole)-3], "too early"},
		"negative length":       {[]byte{0, 1, 0xff, 0xfe}, "too early"},
		"consumer's metadata":   {[]byte{0, 3, 0, 0, 0, 1, 0, 2, 't', 't', 0xff, 0xff, 0xff, 0xff}, "too early"},
	} {
		if _, err := wire.DecodeMetadata(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		tail []byte
		want string
	}{
		"two billion connectors": {[]byte{0x7f, 0xff, 0xff, 0xff}, "too early"},
		"two billion tasks":      {[]byte{0, 0, 0, 1, 0, 1, 'a', 0x7f, 0xff, 0xff, 0xff}, "too early"},
		"task -2": {[]byte{0, 0, 0, 1, 0, 1, 'a', 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe},
			"-2 is not the number of a task"},
	} {
		_, err := wire.DecodeAssignment(append(bytes.Clone(head), c.tail...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
	if _, err := wire.DecodeMetadata(make([]byte, wire.MaxBytes+1)); !errors.Is(err, wire.ErrTooLong) {
		t.Errorf("a long one: %v, want ErrTooLong", err)
	}
}

func TestFieldsThatAreMissingAtTheEndHaveTheirDefaults(t *testing.T) {
	old := wire.EncodeAssignment(wire.Assignment{Leader: "l", Assigned: set("a", 0)}, wire.V0)
	old[1] = wire.V2
	got, err := wire.DecodeAssignment(old)
	if err != nil || len(got.Assigned) != 1 || len(got.Revoked) != 0 || got.Delay != 0 {
		t.Errorf("assignment without revoked and delay = %+v, %v, want one task and nothing else", got, err)
	}
}

func FuzzDecodeMetadata(f *testing.F) {
	for _, name := range []string{"sessioned", "one-connector", "compatible", "eager"} {
		f.Add(recorded(f, name+".metadata"))
	}
	f.Add(wire.EncodeMetadata(loaded, wire.VLoad))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := wire.DecodeMetadata(b)
		if err != nil {
			return
		}
		version := int16(wire.V2)
		if m.Loads != nil {
			version = wire.VLoad
		}
		again, err := wire.DecodeMetadata(wire.EncodeMetadata(m, version))
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("%+v comes back as %+v, %v", m, again, err)
		}
	})
}

func FuzzDecodeAssignment(f *testing.F) {
	for _, name := range []string{"sessioned", "one-connector", "compatible", "eager"} {
		f.Add(recorded(f, name+".assignment"))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := wire.DecodeAssignment(b)
		if err != nil {
			return
		}
		again, err := wire.DecodeAssignment(wire.EncodeAssignment(a, wire.V2))
		if err != nil || !reflect.DeepEqual(again, a) {
			t.Errorf("%+v comes back as %+v, %v", a, again, err)
		}
	})
}
