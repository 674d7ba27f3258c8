package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// visits is the program's topology with a way to send to it.
type visits struct {
	t *testing.T
	*streamstest.Driver
	clicks *streamstest.InputTopic[string, string]
}

func drive(t *testing.T, props map[string]string, partitions int) *visits {
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
	d, err := streamstest.New(topo, &streamstest.Options{
		Partitions: partitions, Properties: map[string]string{"errors.dead.letter.queue.topic.name": "dlq"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &visits{t, d, streamstest.Input(d, "user-clicks", streams.String(), streams.String())}
}

// click sends the clicks of a user, at minutes after noon.
func (v *visits) click(user string, minutes ...int) {
	v.t.Helper()
	for _, m := range minutes {
		if err := v.clicks.SendAt(noon.Add(time.Duration(m)*time.Minute), user, `{"page":"/"}`); err != nil {
			v.t.Fatal(err)
		}
	}
}

// want ends the epoch and compares the sessions that it wrote, sorted.
func (v *visits) want(want ...string) {
	v.t.Helper()
	v.Advance(2 * time.Second) // sessions are looked at once a second
	if err := v.Commit(); err != nil {
		v.t.Fatal(err)
	}
	var got []string
	for _, r := range v.Read("user-sessions") {
		got = append(got, string(r.Value))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		v.t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSessionsAreWrittenOnceWhenTheyAreOver(t *testing.T) {
	v := drive(t, nil, 1)
	v.click("alice", 0, 10, 40)
	v.click("bob", 20)
	v.want()
	v.click("bob", 60) // bob's session is over, and alice's is not
	v.want(`{"user":"bob","start":"2026-11-01T12:20:00Z","end":"2026-11-01T12:20:00Z","seconds":0,"clicks":1}`)
	v.click("carol", 72)
	v.want(`{"user":"alice","start":"2026-11-01T12:00:00Z","end":"2026-11-01T12:40:00Z","seconds":2400,"clicks":3}`)
	v.click("carol", 90)
	v.want()
}

// A click between two sessions makes one of them.
func TestALateClickJoinsSessions(t *testing.T) {
	v := drive(t, map[string]string{"grace.ms": "3600000"}, 1)
	v.click("alice", 0, 40, 20)
	v.click("bob", 200)
	v.want(`{"user":"alice","start":"2026-11-01T12:00:00Z","end":"2026-11-01T12:40:00Z","seconds":2400,"clicks":3}`)
}

func TestClicksAfterTheGraceAreLeftOut(t *testing.T) {
	v := drive(t, nil, 1)
	v.click("alice", 100, 0)
	if err := v.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := v.Dropped(); got != 1 {
		t.Errorf("%d clicks are left out, want 1", got)
	}
}

// Aborts, a restart and a lost disk change no session.
func TestSessionsSurvive(t *testing.T) {
	v := drive(t, nil, 2)
	v.click("alice", 0)
	v.want()
	v.click("alice", 10)
	v.Abort()
	if err := v.Restart(true); err != nil {
		t.Fatal(err)
	}
	v.click("alice", 20, 100)
	v.want(`{"user":"alice","start":"2026-11-01T12:00:00Z","end":"2026-11-01T12:20:00Z","seconds":1200,"clicks":3}`)
}

// A click may name its time; one that is ahead of its record would make others late.
func TestClicksWithTimesOfTheirOwn(t *testing.T) {
	v := drive(t, nil, 1)
	for _, at := range []string{
		"2026-11-01T10:00:00+09:00", "2026-11-01T01:01:00Z", "2026-11-01T12:01:01Z", "2026-11-01T03:00:00Z",
	} {
		if err := v.clicks.SendAt(noon, "alice", `{"time":"`+at+`"}`); err != nil {
			t.Fatal(err)
		}
	}
	v.want(`{"user":"alice","start":"2026-11-01T01:00:00Z","end":"2026-11-01T01:01:00Z","seconds":60,"clicks":2}`)
	rejected := v.Rejected()
	if len(rejected) != 1 || !strings.Contains(rejected[0].Reason, "1m1s ahead of the record's time") {
		t.Errorf("rejected %v, want the click that is a minute and a second ahead", rejected)
	}
}
