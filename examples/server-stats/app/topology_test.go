package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

func built(t testing.TB, props map[string]string) *topology.Topology {
	t.Helper()
	p := Program()
	values, err := p.Def().Parse(props)
	if err != nil {
		t.Fatal(err)
	}
	topo, err := p.Build(values)
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

func drive(t testing.TB, props map[string]string, partitions int) *streamstest.Driver {
	t.Helper()
	d, err := streamstest.New(built(t, props), &streamstest.Options{
		Partitions: partitions, Properties: map[string]string{"errors.dead.letter.queue.topic.name": "dlq"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sent is the time of all records.
var sent = time.Date(2026, 11, 1, 12, 0, 30, 0, time.UTC)

func send(t testing.TB, d *streamstest.Driver, messages ...string) {
	t.Helper()
	for _, m := range messages {
		if err := d.Send("access-json", streamstest.Record{Value: []byte(m), Timestamp: sent}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Commit(); err != nil {
		t.Fatal(err)
	}
}

// counted returns the counts of all partitions, one line each.
func counted(t testing.TB, d *streamstest.Driver) []string {
	t.Helper()
	parts, err := d.Store(StoreName)
	if err != nil {
		t.Fatal(err)
	}
	all, _, err := page(t.Context(), parts, All())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range all {
		var statuses []string
		for _, k := range slices.Sorted(maps.Keys(s.Statuses)) {
			statuses = append(statuses, fmt.Sprintf("%s:%d", k, s.Statuses[k]))
		}
		line := fmt.Sprintf("%s %s %d %s", s.Minute, s.Server, s.Requests, strings.Join(statuses, ","))
		if s.Mean != nil {
			line += fmt.Sprintf(" mean %.3f", *s.Mean)
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

func same(t testing.TB, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCountsPerServerAndMinute(t *testing.T) {
	for _, partitions := range []int{1, 4} {
		d := drive(t, nil, partitions)
		send(t, d,
			`{"time":"2026-11-01T08:30:00+09:00","vhost":"a","status":200,"reqtime":0.1}`,
			`{"time":"2026-10-31T23:30:59.999Z","vhost":"a","status":404,"reqtime":0.3}`,
			`{"time":"2026-10-31T23:31:00Z","vhost":"a","status":200}`,
			`{"time":"2026-10-31T23:30:30Z","vhost":"b","status":null,"reqtime":null}`,
			`{"time":"2026-10-31T23:30:30Z","status":200,"reqtime":2}`,
		)
		same(t, counted(t, d), []string{
			"2026-10-31T23:30:00Z - 1 200:1 mean 2.000",
			"2026-10-31T23:30:00Z a 2 200:1,404:1 mean 0.200",
			"2026-10-31T23:30:00Z b 1 ",
			"2026-10-31T23:31:00Z a 1 200:1",
		})
	}
}

// A request without a time counts at its record's.
func TestTimeOfTheRecordCountsWithoutOneOfTheRequest(t *testing.T) {
	d := drive(t, nil, 1)
	send(t, d, `{"vhost":"a"}`)
	same(t, counted(t, d), []string{"2026-11-01T12:00:00Z a 1 "})
}

func TestFieldsByProperties(t *testing.T) {
	d := drive(t, map[string]string{"server.field": "s", "time.field": "t", "status.field": "c", "reqtime.field": "r"}, 1)
	send(t, d, `{"s":"a","t":"2026-01-01T00:00:00Z","c":201,"r":0.5,"vhost":"x","status":"x"}`)
	same(t, counted(t, d), []string{"2026-01-01T00:00:00Z a 1 201:1 mean 0.500"})
}

func TestBadRequestsAreRejected(t *testing.T) {
	for message, want := range map[string]string{
		`{`:                               "not JSON",
		`[]`:                              "not a JSON object but array",
		`{"time":"today"}`:                "field time",
		`{"time":"2026-11-02T12:00:31Z"}`: "field time: 2026-11-02T12:00:31Z is 24h0m1s ahead of the record's time",
		`{"status":"OK"}`:                 `field status: "OK" is not an HTTP status`,
		`{"status":-1}`:                   "field status: -1 is not an HTTP status",
		`{"status":65536}`:                "field status: 65536 is not an HTTP status",
		`{"reqtime":"fast"}`:              `field reqtime: "fast" is not a response time`,
		`{"reqtime":-1}`:                  "field reqtime: -1 is not a response time",
		`{"reqtime":1e300}`:               "field reqtime: 1e300 is not a response time",
	} {
		d := drive(t, nil, 1)
		send(t, d, message)
		rejected := d.Rejected()
		if len(rejected) != 1 || !strings.Contains(rejected[0].Reason, want) {
			t.Errorf("%s: rejected %v, want one with %q", message, rejected, want)
		}
		if got := counted(t, d); len(got) > 0 {
			t.Errorf("%s: counts %q", message, got)
		}
	}
}

// A request that is later than grace.ms is dropped and counted as such; counts
// older than retention.ms are gone.
func TestGraceAndRetention(t *testing.T) {
	d := drive(t, map[string]string{"grace.ms": "60000", "retention.ms": "3600000"}, 1)
	at := func(minute string) string { return `{"vhost":"a","time":"2026-01-01T` + minute + `:00Z"}` }
	send(t, d, at("00:00"), at("00:01"), at("00:02"), at("00:00"))
	if got := d.Dropped(); got != 1 {
		t.Errorf("%d dropped, want the last", got)
	}
	send(t, d, at("01:01"))
	same(t, counted(t, d), []string{"2026-01-01T00:02:00Z a 1 ", "2026-01-01T01:01:00Z a 1 "})
}

// Aborts and a lost disk change nothing.
func TestCountsSurvive(t *testing.T) {
	want := drive(t, nil, 3)
	got := drive(t, nil, 3)
	for i := range 60 {
		m := fmt.Sprintf(`{"vhost":"s%d","time":"2026-01-01T00:%02d:00Z","status":200,"reqtime":0.%d}`, i%4, i%7, i)
		send(t, want, m)
		if err := got.Send("access-json", streamstest.Record{Value: []byte(m), Timestamp: sent}); err != nil {
			t.Fatal(err)
		}
		switch i % 5 {
		case 1:
			got.Abort()
		case 3:
			if err := got.Restart(i%2 == 0); err != nil {
				t.Fatal(err)
			}
		case 4:
			send(t, got)
		}
	}
	send(t, got)
	same(t, counted(t, got), counted(t, want))
}

func TestStatsAreShownAsJSON(t *testing.T) {
	d := drive(t, nil, 1)
	send(t, d, `{"vhost":"a","status":200}`)
	parts, err := d.Store(StoreName)
	if err != nil {
		t.Fatal(err)
	}
	all, _, err := page(t.Context(), parts, All())
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"server":"a","minute":"2026-11-01T12:00:00Z","requests":1,"statuses":{"200":1}}]`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := drive(t, nil, 1).Store("other"); err == nil {
		t.Error("a store that does not exist is found")
	}
}
