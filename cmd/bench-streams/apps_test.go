package main

import (
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/bench"
	"github.com/suiro/suiro/streams/streamstest"
)

// The apps count every request once, under its host or its id.
func TestAppsCountEveryRequest(t *testing.T) {
	for name, written := range map[string]func(*streamstest.Driver) map[string]int64{
		"count": func(d *streamstest.Driver) map[string]int64 { return latest(d.Read("out"), parseText) },
		"distinct": func(d *streamstest.Driver) map[string]int64 {
			all := map[string]int64{}
			for p := range int32(partitions) {
				maps.Copy(all, latest(d.Changelog(store, p), parseLong))
			}
			return all
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, want := drive(t, name), map[string]int64{}
			for i := range 2000 {
				at := d.Now().Add(time.Duration(i) * time.Second)
				line := bench.Line(i, i/2, at)
				if err := d.Send("in", streamstest.Record{Value: line, Timestamp: at}); err != nil {
					t.Fatal(err)
				}
				if name == "distinct" {
					want[field(line, []byte("id:"))]++
				} else {
					minute := strconv.FormatInt(at.Truncate(time.Minute).UnixMilli(), 10)
					want[field(line, []byte("host:"))+"@"+minute]++
				}
			}
			if err := d.Commit(); err != nil {
				t.Fatal(err)
			}
			if got := written(d); !maps.Equal(got, want) {
				t.Errorf("%d counts, want %d: %v", len(got), len(want), got)
			}
		})
	}
}

const partitions = 3

func drive(t *testing.T, name string) *streamstest.Driver {
	t.Helper()
	p := apps()[name]
	values, err := p.Def().Parse(map[string]string{"input.topic": "in", "other.topic": "other", "output.topic": "out"})
	if err != nil {
		t.Fatal(err)
	}
	topology, err := p.Build(values)
	if err != nil {
		t.Fatal(err)
	}
	d, err := streamstest.New(topology, &streamstest.Options{Partitions: partitions})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func latest(records []streamstest.Record, parse func([]byte) int64) map[string]int64 {
	out := map[string]int64{}
	for _, r := range records {
		out[string(r.Key)] = parse(r.Value)
	}
	return out
}

// Each impression meets its click, and no other.
func TestImpressionsMeetTheirClicks(t *testing.T) {
	d, want := drive(t, "join"), map[string]string{}
	in := newInput(options{records: 1000, warmup: 1}, "bench", d.Now())
	for i := range 500 {
		impression, err := in.impression(i)
		if err != nil {
			t.Fatal(err)
		}
		click, err := in.click(i)
		if err != nil {
			t.Fatal(err)
		}
		for topic, r := range map[string]*kgo.Record{"in": impression, "other": click} {
			if err := d.Send(topic, streamstest.Record{Key: r.Key, Value: r.Value, Timestamp: r.Timestamp}); err != nil {
				t.Fatal(err)
			}
		}
		want[string(impression.Key)] = string(impression.Value) + "\t" + string(click.Value)
	}
	if err := d.Commit(); err != nil {
		t.Fatal(err)
	}
	pairs := d.Read("out")
	got := map[string]string{}
	for _, r := range pairs {
		got[string(r.Key)] = string(r.Value)
	}
	if len(pairs) != len(want) || !maps.Equal(got, want) {
		t.Errorf("%d pairs, want %d: %v", len(pairs), len(want), got)
	}
}

// What one program loses or counts twice is said, and that two programs differ.
func TestOutputsThatDifferAreNamed(t *testing.T) {
	o := options{records: 1_000_000, warmup: 1000, guarantee: "exactly_once_v2"}
	all := int64(o.all())
	for name, tt := range map[string]struct {
		app         string
		first, next output
		wrong       int
	}{
		"the same":       {"count", output{10, all, 7}, output{10, all, 7}, 0},
		"a count lost":   {"count", output{10, all, 7}, output{10, all - 1, 8}, 2},
		"another key":    {"distinct", output{10, all, 7}, output{10, all, 8}, 1},
		"a record lost":  {"json", output{int(all) - 1, 0, 7}, output{int(all) - 1, 0, 7}, 2},
		"a pair lost":    {"join", output{int(all)/2 - 1, 0, 7}, output{int(all) / 2, 0, 8}, 2},
		"another record": {"json", output{int(all), 0, 7}, output{int(all), 0, 8}, 1},
	} {
		c := outputs{o: o, first: map[string]output{}}
		for _, got := range []output{tt.first, tt.next} {
			c.compare("suiro", tt.app, got)
		}
		if len(c.wrong) != tt.wrong {
			t.Errorf("%s: complaints %v, want %d", name, c.wrong, tt.wrong)
		}
	}
}
