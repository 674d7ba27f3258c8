package app_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/examples/ltsv-json/app"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

var update = flag.Bool("update", false, "rewrite the want files of testdata")

// drive runs the program's topology with properties over its defaults.
func drive(t *testing.T, props map[string]string, o *streamstest.Options) *streamstest.Driver {
	t.Helper()
	topo, err := build(props)
	if err != nil {
		t.Fatal(err)
	}
	all := streamstest.Options{}
	if o != nil {
		all = *o
	}
	all.Properties = maps.Clone(all.Properties)
	if all.Properties == nil {
		all.Properties = map[string]string{}
	}
	all.Properties["errors.dead.letter.queue.topic.name"] = "dlq"
	d, err := streamstest.New(topo, &all)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func build(props map[string]string) (*topology.Topology, error) {
	p := app.Program()
	values, err := p.Def().Parse(props)
	if err != nil {
		return nil, err
	}
	return p.Build(values)
}

// TestCases runs testdata/*.txtar: config.properties configures the program, each
// file in.N is a message, without its last line end, and want is the result: the
// objects, or why a message was rejected.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := runCase(t, a)
			want := &a.Files[len(a.Files)-1]
			if *update {
				want.Data = got
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, want.Data) {
				t.Errorf("got\n%s\nwant\n%s", got, want.Data)
			}
		})
	}
}

func runCase(t *testing.T, a *txtar.Archive) []byte {
	t.Helper()
	props, err := config.ReadProperties(bytes.NewReader(a.Files[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	d := drive(t, props, nil)
	var got bytes.Buffer
	for _, f := range a.Files[1 : len(a.Files)-1] {
		message := bytes.TrimSuffix(f.Data, []byte("\n"))
		if err := d.Send("access-ltsv", streamstest.Record{Key: []byte("k"), Value: message}); err != nil {
			t.Fatal(err)
		}
		if err := d.Commit(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s:\n", f.Name)
		for _, r := range d.Read("access-json") {
			fmt.Fprintf(&got, "%s\n", r.Value)
		}
		for _, r := range d.Rejected() {
			fmt.Fprintf(&got, "rejected in %s: %s\n", r.Stage, r.Reason)
		}
	}
	return got.Bytes()
}

// A value of 1 MiB is rejected when its JSON is over max.request.size, and
// passes when it may be larger.
func TestLongLines(t *testing.T) {
	line := append([]byte("host:a\tua:"), bytes.Repeat([]byte("x"), 1<<20)...)
	for _, tt := range []struct {
		max      string
		rejected bool
	}{{"1000000", true}, {"1100000", false}} {
		d := drive(t, nil, &streamstest.Options{Properties: map[string]string{"max.request.size": tt.max}})
		if err := d.Send("access-ltsv", streamstest.Record{Value: line}); err != nil {
			t.Fatal(err)
		}
		if err := d.Commit(); err != nil {
			t.Fatal(err)
		}
		out, rejected := d.Read("access-json"), d.Rejected()
		if len(out)+len(rejected) != 1 || (len(rejected) == 1) != tt.rejected {
			t.Fatalf("max.request.size %s: %d records and %d rejected", tt.max, len(out), len(rejected))
		}
		if tt.rejected {
			want := "over max.request.size"
			if rejected[0].Stage != topology.Production || !strings.Contains(rejected[0].Reason, want) {
				t.Errorf("rejected in %s: %s, want production and %q", rejected[0].Stage, rejected[0].Reason, want)
			}
		} else if want := len(line); len(out[0].Value) < want {
			t.Errorf("%d bytes of JSON, want at least %d", len(out[0].Value), want)
		}
	}
}

// Every object of a message has the key, timestamp and headers of the message.
func TestObjectsKeepWhatTheMessageHas(t *testing.T) {
	d := drive(t, nil, &streamstest.Options{Partitions: 3})
	message := streamstest.Record{
		Key: []byte("web1"), Value: []byte("host:a\nhost:b\n"),
		Headers: []streams.Header{{Key: "file", Value: []byte("access.log")}},
	}
	if err := d.Send("access-ltsv", message); err != nil {
		t.Fatal(err)
	}
	if err := d.Commit(); err != nil {
		t.Fatal(err)
	}
	out := d.Read("access-json")
	if len(out) != 2 {
		t.Fatalf("%d objects, want 2", len(out))
	}
	for i, want := range []string{`{"host":"a"}`, `{"host":"b"}`} {
		r := out[i]
		if string(r.Value) != want || string(r.Key) != "web1" || len(r.Headers) != 1 || !r.Timestamp.Equal(d.Now()) {
			t.Errorf("object %d is %s=%s %v at %v, want %s with key, headers and timestamp of the message",
				i, r.Key, r.Value, r.Headers, r.Timestamp, want)
		}
	}
}

// The key and headers of a message are copied to each of its objects. A message of 384
// bytes, compressed, must not become a gigabyte.
func TestCopiesOfKeysAndHeadersAreBounded(t *testing.T) {
	lines := bytes.Repeat([]byte("a:1\n"), 10_000)
	for name, tt := range map[string]struct {
		message  streamstest.Record
		props    map[string]string
		rejected bool
	}{
		"headers":                 {streamstest.Record{Headers: []streams.Header{{Key: "h", Value: make([]byte, 10_000)}}}, nil, true},
		"a key":                   {streamstest.Record{Key: make([]byte, 1000)}, nil, true},
		"many headers":            {streamstest.Record{Headers: make([]streams.Header, 10_000)}, nil, true},
		"short headers":           {streamstest.Record{Headers: []streams.Header{{Key: "trace", Value: make([]byte, 64)}}}, nil, false},
		"what the operator wants": {streamstest.Record{Key: make([]byte, 1000)}, map[string]string{"message.copies.max.bytes": "20000000"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := drive(t, tt.props, nil)
			tt.message.Value = lines
			if err := d.Send("access-ltsv", tt.message); err != nil {
				t.Fatal(err)
			}
			if err := d.Commit(); err != nil {
				t.Fatal(err)
			}
			out, rejected := d.Read("access-json"), d.Rejected()
			if tt.rejected {
				if len(out) != 0 || len(rejected) != 1 || !strings.Contains(rejected[0].Reason, "message.copies.max.bytes is 1048576") {
					t.Errorf("%d objects and rejections %.300v, want one rejection that names the key", len(out), rejected)
				}
				return
			}
			if len(out) != 10_000 || len(rejected) != 0 {
				t.Errorf("%d objects and %d rejected, want 10000 and none", len(out), len(rejected))
			}
		})
	}
}

// A visitor cannot hide a request with a cookie: it stays, with what the visitor sent.
func TestABadCookieStaysInItsRequest(t *testing.T) {
	for header, want := range map[string]string{
		"a=1; b":            `{"host":"h","cookie":{"a":"1","_raw":"a=1; b"}}`,
		"a=%zz":             `{"host":"h","cookie":{"_raw":"a=%zz"}}`,
		"_raw=1; b":         `{"host":"h","cookie":{"_raw":"_raw=1; b"}}`,
		"a=1; _raw=%2; c=3": `{"host":"h","cookie":{"a":"1","c":"3","_raw":"a=1; _raw=%2; c=3"}}`,
	} {
		d := drive(t, nil, nil)
		if err := d.Send("access-ltsv", streamstest.Record{Value: []byte("host:h\tcookie:" + header)}); err != nil {
			t.Fatal(err)
		}
		if err := d.Commit(); err != nil {
			t.Fatal(err)
		}
		out := d.Read("access-json")
		if len(out) != 1 || string(out[0].Value) != want {
			t.Errorf("cookie %q: %v, rejected %v, want %s", header, out, d.Rejected(), want)
		}
	}
}

func TestBadPropertiesAreNamed(t *testing.T) {
	for key, value := range map[string]string{
		"ltsv.types": "status", "ltsv.lenient": "perhaps", "input.topic": "",
	} {
		if _, err := build(map[string]string{key: value}); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s=%s: error %v, want one that names the key", key, value, err)
		}
	}
}
