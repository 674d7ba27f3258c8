package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/examples/word-count/app"
	"github.com/suiro/suiro/streams/streamstest"
)

// drive runs the program's topology with its defaults.
func drive(t *testing.T, o *streamstest.Options) *streamstest.Driver {
	t.Helper()
	p := app.Program()
	values, err := p.Def().Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	topo, err := p.Build(values)
	if err != nil {
		t.Fatal(err)
	}
	d, err := streamstest.New(topo, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// send writes lines in one epoch and returns the counts that it makes known, sorted.
func send(t *testing.T, d *streamstest.Driver, lines ...string) []string {
	t.Helper()
	for _, line := range lines {
		if err := d.Send("lines", streamstest.Record{Value: []byte(line)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Commit(); err != nil {
		t.Fatal(err)
	}
	return counts(d)
}

func counts(d *streamstest.Driver) (out []string) {
	for _, r := range d.Read("word-counts") {
		out = append(out, fmt.Sprintf("%s %s", r.Key, r.Value))
	}
	slices.Sort(out)
	return out
}

func same(t *testing.T, got []string, want string) {
	t.Helper()
	if got := strings.Join(got, ", "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWordsAreCounted(t *testing.T) {
	for _, partitions := range []int{1, 4} {
		d := drive(t, &streamstest.Options{Partitions: partitions})
		same(t, send(t, d, "all streams lead to Kafka", "hello kafka streams"),
			"all 1, hello 1, kafka 2, lead 1, streams 2, to 1")
		same(t, send(t, d, "join kafka summit"), "join 1, kafka 3, summit 1")
	}
}

func TestWhatIsAWord(t *testing.T) {
	for line, want := range map[string]string{
		"":                        "",
		" .,;'' - ":               "",
		"«Don't stop!» he 'said'": "don't 1, he 1, said 1, stop 1",
		"Straße STRASSE x86_64":   "64 1, strasse 1, straße 1, x86 1",
		"水路 流れ":                   "水路 1, 流れ 1",
		"हिन्दी":                  "हिन्दी 1",
	} {
		same(t, send(t, drive(t, nil), line), want)
	}
}

// Without a cache each word makes a count known, as in Kafka Streams' demo of this name.
func TestWithoutACacheEachUpdateIsWritten(t *testing.T) {
	d := drive(t, &streamstest.Options{Properties: map[string]string{"statestore.cache.max.bytes": "0"}})
	same(t, send(t, d, "go go Go"), "go 1, go 2, go 3")
}

// Aborts, a restart and a lost disk change no count.
func TestCountsSurvive(t *testing.T) {
	d := drive(t, &streamstest.Options{Partitions: 3})
	send(t, d, "to be or not to be")
	if err := d.Send("lines", streamstest.Record{Value: []byte("to be")}); err != nil {
		t.Fatal(err)
	}
	d.Abort()
	if err := d.Restart(true); err != nil {
		t.Fatal(err)
	}
	same(t, send(t, d, "be"), "be 4, to 3")
}
