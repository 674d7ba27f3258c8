package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// ads is the program's topology with ways to send to it.
type ads struct {
	t *testing.T
	*streamstest.Driver
	impressions, clicks *streamstest.InputTopic[string, string]
}

func drive(t *testing.T, props map[string]string, partitions int) *ads {
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
	return &ads{t, d, streamstest.Input(d, "impressions", streams.String(), streams.String()),
		streamstest.Input(d, "clicks", streams.String(), streams.String())}
}

func (a *ads) show(after time.Duration, id, ad string) {
	a.t.Helper()
	if err := a.impressions.SendAt(noon.Add(after), id, fmt.Sprintf(`{"ad":%q}`, ad)); err != nil {
		a.t.Fatal(err)
	}
}

func (a *ads) click(after time.Duration, id string) {
	a.t.Helper()
	if err := a.clicks.SendAt(noon.Add(after), id, `{}`); err != nil {
		a.t.Fatal(err)
	}
}

// want ends the epoch and compares what it wrote, sorted.
func (a *ads) want(want ...string) {
	a.t.Helper()
	if err := a.Commit(); err != nil {
		a.t.Fatal(err)
	}
	var got []string
	for _, r := range a.Read("click-through") {
		got = append(got, string(r.Value))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		a.t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestClickThroughByAd(t *testing.T) {
	for _, partitions := range []int{1, 4} {
		a := drive(t, nil, partitions)
		a.show(0, "1", "shoes")
		a.show(0, "2", "shoes")
		a.show(0, "3", "hats")
		a.click(time.Minute, "2")
		a.click(10*time.Minute, "3")
		a.want(`{"ad":"hats","impressions":1,"clicks":1,"click_through":1}`,
			`{"ad":"shoes","impressions":2,"clicks":1,"click_through":0.5}`)
	}
}

// A click counts from its impression on until the end of the window.
func TestClicksOutsideOfTheWindowDoNotCount(t *testing.T) {
	a := drive(t, nil, 1)
	a.show(time.Minute, "1", "shoes")
	a.click(time.Minute-time.Millisecond, "1")
	a.click(11*time.Minute+time.Millisecond, "1")
	a.click(2*time.Minute, "another")
	a.want(`{"ad":"shoes","impressions":1,"clicks":0,"click_through":0}`)
}

// It does not matter which of the two is read first.
func TestAClickMayBeReadBeforeItsImpression(t *testing.T) {
	a := drive(t, nil, 2)
	a.click(time.Second, "1")
	a.show(0, "1", "shoes")
	a.want(`{"ad":"shoes","impressions":1,"clicks":1,"click_through":1}`)
}

func TestClicksWithinTheGraceCount(t *testing.T) {
	a := drive(t, map[string]string{"window.ms": "10000", "grace.ms": "20000"}, 1)
	a.show(0, "1", "shoes")
	a.show(29*time.Second, "2", "hats")
	a.click(5*time.Second, "1") // late
	a.want(`{"ad":"hats","impressions":1,"clicks":0,"click_through":0}`,
		`{"ad":"shoes","impressions":1,"clicks":1,"click_through":1}`)
	a.show(time.Hour, "3", "hats")
	a.click(6*time.Second, "1") // too late
	a.want(`{"ad":"hats","impressions":2,"clicks":0,"click_through":0}`)
}

// Aborts, a restart and a lost disk lose no impression and count no click twice.
func TestTotalsSurvive(t *testing.T) {
	a := drive(t, nil, 2)
	a.show(0, "1", "shoes")
	a.want(`{"ad":"shoes","impressions":1,"clicks":0,"click_through":0}`)
	a.click(time.Second, "1")
	a.Abort()
	if err := a.Restart(true); err != nil {
		t.Fatal(err)
	}
	a.click(2*time.Second, "1")
	a.want(`{"ad":"shoes","impressions":1,"clicks":2,"click_through":2}`)
}
