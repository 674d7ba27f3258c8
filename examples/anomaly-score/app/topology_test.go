package app

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/suiro/suiro/streams/streamstest"
)

// midnight is when the servers of the tests begin.
var midnight = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func drive(t *testing.T, props map[string]string, partitions int) *streamstest.Driver {
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
	return d
}

// load is what a server does in a minute.
type load struct {
	server   string
	requests int
	errors   int
	seconds  float64
}

// usually is a minute like others, of which no two are equal.
func usually(server string, minute int) load {
	return load{server, 40 + minute*7%11, minute % 3 % 2, 0.1 + float64(minute*5%7)/200}
}

// send sends the requests of a minute of one server.
func send(t *testing.T, d *streamstest.Driver, minute int, l load) {
	t.Helper()
	for i := range l.requests {
		at, status := midnight.Add(time.Duration(minute)*time.Minute+time.Duration(i)*time.Millisecond), 200
		if i < l.errors {
			status = 503
		}
		request := fmt.Sprintf(`{"vhost":%q,"time":%q,"status":%d,"reqtime":%g}`,
			l.server, at.Format(time.RFC3339Nano), status, l.seconds*(1+float64(i%10)/10))
		if err := d.Send("access-json", streamstest.Record{Value: []byte(request), Timestamp: at}); err != nil {
			t.Fatal(err)
		}
	}
}

// scores ends the epoch and returns the scores that it made known.
func scores(t *testing.T, d *streamstest.Driver) (out []Score) {
	t.Helper()
	d.Advance(2 * time.Second) // windows are looked at once a second
	if err := d.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, r := range d.Read("access-scores") {
		var s Score
		if err := json.Unmarshal(r.Value, &s); err != nil {
			t.Fatal(err)
		}
		if string(r.Key) != s.Server {
			t.Errorf("key %s of the score of %s", r.Key, s.Server)
		}
		out = append(out, s)
	}
	return out
}

// hours sends minutes of a server up to a minute, each like the others but for some.
func hours(t *testing.T, d *streamstest.Driver, until int, other map[int]load) (out []Score) {
	t.Helper()
	for minute := range until {
		l, ok := other[minute]
		if !ok {
			l = usually("a", minute)
		}
		send(t, d, minute, l)
		out = append(out, scores(t, d)...)
	}
	return out
}

// score is that of a minute of server a, which must be known.
func score(t *testing.T, all []Score, minute int) Score {
	t.Helper()
	at := midnight.Add(time.Duration(minute) * time.Minute).Format(time.RFC3339)
	i := slices.IndexFunc(all, func(s Score) bool { return s.Server == "a" && s.Minute == at })
	if i < 0 || all[i].Score == nil {
		t.Fatalf("minute %d has no score: %+v", minute, all)
	}
	return all[i]
}

func TestUnusualMinutesStandOut(t *testing.T) {
	d := drive(t, nil, 1)
	all := hours(t, d, 96, map[int]load{
		50: {"a", 400, 0, 0.12}, 60: {"a", 45, 25, 0.12}, 70: {"a", 45, 0, 3}, 80: {"a", 2, 0, 0.12},
	})
	for minute, want := range map[int]struct {
		feature string
		sign    float64
	}{50: {"requests", 1}, 60: {"error_share", 1}, 70: {"reqtime_mean", 1}, 80: {"requests", -1}} {
		s := score(t, all, minute)
		if *s.Score < 4 || s.Z[want.feature]*want.sign < 8 {
			t.Errorf("minute %d, whose %s is unusual, has score %v of %v", minute, want.feature, *s.Score, s.Z)
		}
	}
	for minute := 35; minute < 90; minute++ {
		if s := score(t, all, minute); minute%10 != 0 && *s.Score > 2 {
			t.Errorf("minute %d is as others and has score %v of %v", minute, *s.Score, s.Z)
		}
	}
}

func TestEachMinuteIsScoredOnceWhenItsGraceIsOver(t *testing.T) {
	d := drive(t, map[string]string{"grace.ms": "120000"}, 1)
	send(t, d, 0, load{"a", 3, 1, 0.5})
	send(t, d, 2, load{"a", 1, 0, 0.5})
	if got := scores(t, d); len(got) > 0 {
		t.Fatalf("scored within the grace: %+v", got)
	}
	send(t, d, 0, load{"a", 1, 1, 0.5}) // late, and within the grace
	send(t, d, 3, load{"a", 1, 0, 0.5})
	got := scores(t, d)
	if len(got) != 1 || got[0].Requests != 4 || got[0].ErrorShare != 0.5 || got[0].Score != nil {
		t.Fatalf("got %+v, want 4 requests, half of them errors, and no score yet", got)
	}
	send(t, d, 0, load{"a", 1, 0, 0.5}) // too late
	send(t, d, 4, load{"a", 1, 0, 0.5})
	if got := scores(t, d); len(got) > 0 || d.Dropped() != 1 {
		t.Errorf("scored again: %+v, and %d dropped, want 1", got, d.Dropped())
	}
}

// An outage does not become usual at once, and a lasting change does in the end.
func TestAnOutageIsNotLearnedAtOnce(t *testing.T) {
	slow := map[int]load{}
	for minute := 60; minute < 240; minute++ {
		l := usually("a", minute)
		l.seconds *= 20
		slow[minute] = l
	}
	all := hours(t, drive(t, map[string]string{"half.life.minutes": "20"}, 1), 240, slow)
	for _, minute := range []int{60, 61, 62} {
		if s := score(t, all, minute); *s.Score < 4 {
			t.Errorf("minute %d of an outage has score %v", minute, *s.Score)
		}
	}
	if s := score(t, all, 230); *s.Score > 1.5 {
		t.Errorf("after three hours the score is still %v", *s.Score)
	}
}

func TestServersDoNotTouchEachOther(t *testing.T) {
	alone, both := drive(t, nil, 3), drive(t, nil, 3)
	var want, got []Score
	for minute := range 60 {
		send(t, alone, minute, usually("a", minute))
		want = append(want, scores(t, alone)...)
		send(t, both, minute, usually("a", minute))
		send(t, both, minute, load{"b", 1 + minute, 0, float64(minute)})
		got = append(got, scores(t, both)...)
	}
	for minute := 30; minute < 50; minute++ {
		if g, w := score(t, got, minute), score(t, want, minute); *g.Score != *w.Score {
			t.Errorf("minute %d: score %v beside another server, want %v", minute, *g.Score, *w.Score)
		}
	}
}

// Aborts and a lost disk change no score.
func TestScoresSurvive(t *testing.T) {
	want, d := hours(t, drive(t, nil, 2), 60, nil), drive(t, nil, 2)
	var got []Score
	for minute := range 60 {
		send(t, d, minute, usually("a", minute))
		switch minute % 10 {
		case 3:
			d.Abort()
		case 7:
			if err := d.Restart(minute%20 == 7); err != nil {
				t.Fatal(err)
			}
		}
		got = append(got, scores(t, d)...)
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
}

// What is usual for a server that has gone is deleted, and it starts from nothing when it comes back.
func TestServersAreForgotten(t *testing.T) {
	d := drive(t, map[string]string{"forget.ms": "3600000", "warmup.minutes": "2", "grace.ms": "0"}, 1)
	for minute := range 5 {
		send(t, d, minute, load{"gone", 10, 0, 0.1})
		scores(t, d)
	}
	for minute := 5; minute < 200; minute += 5 {
		send(t, d, minute, load{"a", 10, 0, 0.1})
		scores(t, d)
	}
	if got := servers(t, d); !slices.Equal(got, []string{"a"}) {
		t.Errorf("what is usual is kept for %q, want a alone", got)
	}
	send(t, d, 200, load{"gone", 10, 0, 0.1})
	send(t, d, 205, load{"gone", 10, 0, 0.1})
	for _, s := range scores(t, d) {
		if s.Server == "gone" && s.Score != nil {
			t.Errorf("a server that is new again has score %v", *s.Score)
		}
	}
}

func servers(t *testing.T, d *streamstest.Driver) (out []string) {
	t.Helper()
	parts, err := d.Store(baselinesStore)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		it, err := p.All()
		if err != nil {
			t.Fatal(err)
		}
		for it.Next() {
			out = append(out, string(it.Key()))
		}
		if err := it.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// A minute without response times is scored by what it has.
func TestMissingFeaturesAreLeftOut(t *testing.T) {
	d := drive(t, map[string]string{"warmup.minutes": "2", "grace.ms": "0"}, 1)
	var got []Score
	for minute := range 5 {
		at := midnight.Add(time.Duration(minute) * time.Minute)
		if err := d.Send("access-json", streamstest.Record{Value: []byte(`{"vhost":"a"}`), Timestamp: at}); err != nil {
			t.Fatal(err)
		}
		got = append(got, scores(t, d)...)
	}
	s := score(t, got, 3)
	if _, ok := s.Z["reqtime_p95"]; ok || s.Mean != nil || len(s.Z) != 2 {
		t.Errorf("got %+v, want the score of requests and errors", s)
	}
}

// The mean and the variance are the plain ones at first, and then those with weights.
func TestBaseline(t *testing.T) {
	o := options{warmup: 4, halfLife: 10}
	var b baseline
	for _, x := range []float64{1, 2, 3, 6} {
		b.learn(values{x, 0, math.NaN(), math.NaN()}, 100, o)
	}
	u := b.Usual[requests]
	if math.Abs(u.Mean-3) > 1e-12 || math.Abs(u.Variance-3.5) > 1e-12 || u.Minutes != 4 {
		t.Errorf("of 1, 2, 3 and 6: %+v, want mean 3 and variance 3.5", u)
	}
	z, total := b.score(values{3 + 2*math.Sqrt(3.5), 0, math.NaN(), math.NaN()}, 100, o)
	if math.Abs(z[requests]-2) > 1e-12 || z[errorShare] != 0 || math.Abs(total-math.Sqrt(2)) > 1e-12 {
		t.Errorf("two deviations above: %v, score %v, want 2 and the root of 2", z, total)
	}
	b.learn(values{1e9, 0, math.NaN(), math.NaN()}, 100, o)
	if got, want := b.Usual[requests].Mean, 3+0.2*3*math.Sqrt(3.5); math.Abs(got-want) > 1e-9 {
		t.Errorf("after an extreme minute the mean is %v, want %v", got, want)
	}
}
