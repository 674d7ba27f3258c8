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

// pages is the program's topology with ways to send to it.
type pages struct {
	t *testing.T
	*streamstest.Driver
	regions, views *streamstest.InputTopic[string, string]
}

func drive(t *testing.T, props map[string]string, partitions int) *pages {
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
	return &pages{t, d, streamstest.Input(d, "user-regions", streams.String(), streams.String()),
		streamstest.Input(d, "page-views", streams.String(), streams.String())}
}

func (p *pages) lives(user, region string) {
	p.t.Helper()
	if err := p.regions.SendAt(noon, user, region); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pages) view(after time.Duration, user string) {
	p.t.Helper()
	if err := p.views.SendAt(noon.Add(after), user, `{"page":"/"}`); err != nil {
		p.t.Fatal(err)
	}
}

// counted ends the epoch and returns what it wrote, sorted.
func (p *pages) counted() string {
	p.t.Helper()
	if err := p.Commit(); err != nil {
		p.t.Fatal(err)
	}
	var out []string
	for _, r := range p.Read("views-by-region") {
		out = append(out, string(r.Key)+" "+string(r.Value))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func (p *pages) want(want ...string) {
	p.t.Helper()
	if got, want := p.counted(), strings.Join(want, "\n"); got != want {
		p.t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestViewsAreCountedByRegionAndWindow(t *testing.T) {
	for _, partitions := range []int{1, 4} {
		p := drive(t, nil, partitions)
		p.lives("alice", "asia")
		p.lives("bob", "europe")
		p.lives("carol", "asia")
		p.view(0, "alice")
		p.view(10*time.Second, "bob")
		p.view(59*time.Second, "carol")
		p.view(time.Minute, "alice")
		p.view(time.Minute, "dave")
		p.want(
			`asia {"region":"asia","from":"2026-11-01T12:00:00Z","to":"2026-11-01T12:01:00Z","views":2}`,
			`asia {"region":"asia","from":"2026-11-01T12:01:00Z","to":"2026-11-01T12:02:00Z","views":1}`,
			`europe {"region":"europe","from":"2026-11-01T12:00:00Z","to":"2026-11-01T12:01:00Z","views":1}`,
			`unknown {"region":"unknown","from":"2026-11-01T12:01:00Z","to":"2026-11-01T12:02:00Z","views":1}`)
	}
}

// A view counts for the region that the user had when it was read.
func TestAUserMoves(t *testing.T) {
	p := drive(t, nil, 1)
	p.lives("alice", "asia")
	p.view(0, "alice")
	p.lives("alice", "europe")
	p.view(0, "alice")
	if err := p.Send("user-regions", streamstest.Record{Key: []byte("alice"), Timestamp: noon}); err != nil {
		t.Fatal(err)
	}
	p.view(0, "alice")
	p.want(
		`asia {"region":"asia","from":"2026-11-01T12:00:00Z","to":"2026-11-01T12:01:00Z","views":1}`,
		`europe {"region":"europe","from":"2026-11-01T12:00:00Z","to":"2026-11-01T12:01:00Z","views":1}`,
		`unknown {"region":"unknown","from":"2026-11-01T12:00:00Z","to":"2026-11-01T12:01:00Z","views":1}`)
}

func TestLateViewsCountWithinTheGrace(t *testing.T) {
	p := drive(t, map[string]string{"window.ms": "10000", "grace.ms": "20000"}, 1)
	p.view(0, "a")
	p.view(29*time.Second, "a")
	p.view(time.Second, "a") // within the grace
	p.want(
		`unknown {"region":"unknown","from":"2026-11-01T12:00:00Z","to":"2026-11-01T12:00:10Z","views":2}`,
		`unknown {"region":"unknown","from":"2026-11-01T12:00:20Z","to":"2026-11-01T12:00:30Z","views":1}`)
	p.view(30*time.Second, "a")
	p.view(2*time.Second, "a") // too late
	p.want(`unknown {"region":"unknown","from":"2026-11-01T12:00:30Z","to":"2026-11-01T12:00:40Z","views":1}`)
	if got := p.Dropped(); got != 1 {
		t.Errorf("%d views are dropped, want 1", got)
	}
}

// Aborts, a restart and a lost disk lose no region and no view.
func TestCountsSurvive(t *testing.T) {
	p := drive(t, nil, 2)
	p.lives("alice", "asia")
	p.view(0, "alice")
	p.want(`asia {"region":"asia","from":"2026-11-01T12:00:00Z","to":"2026-11-01T12:01:00Z","views":1}`)
	p.view(time.Second, "alice")
	p.Abort()
	if err := p.Restart(true); err != nil {
		t.Fatal(err)
	}
	p.view(2*time.Second, "alice")
	p.want(`asia {"region":"asia","from":"2026-11-01T12:00:00Z","to":"2026-11-01T12:01:00Z","views":3}`)
}

func TestBrokenViewsAreRejected(t *testing.T) {
	p := drive(t, nil, 1)
	if err := p.views.SendAt(noon, "a", "no JSON"); err != nil {
		t.Fatal(err)
	}
	p.want()
	if got := p.Rejected(); len(got) != 1 {
		t.Errorf("rejected %v, want the view", got)
	}
}
