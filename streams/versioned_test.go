package streams_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

// versioned are the options of a table with versions, in a store called versions.
func versioned(history time.Duration) []streams.Option {
	return []streams.Option{streams.StoreName("versions"), streams.Versioned(history)}
}

// An update that is older than others of its key is forwarded, and what the table has stays
// the latest one; one that is older than the history is left out.
func TestVersionedTable(t *testing.T) {
	d := rows(t, func(in *table) { toOut(in.ToStream()) }, versioned(time.Minute)...)
	d.tell("a=new@100", "a=old@50", "a=lost@39", "b=x@100", "b=@100-")
	same(t, "output", d.told(), []string{"a=new", "a=old", "b=x", "b=-"})
	if got := d.Dropped(); got != 1 {
		t.Errorf("%d records dropped, want the one that is older than the history", got)
	}
	parts, err := d.Store("versions")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := parts[0].Get([]byte("a")); err != nil || string(v) != "new" {
		t.Errorf("Get() = %q, %v, want new", v, err)
	}
	if all, err := parts[0].Versions([]byte("a"), 0, 100_000); err != nil || len(all) != 2 || string(all[0].Value) != "old" {
		t.Errorf("Versions() = %v, %v, want old and new", all, err)
	}
	for at, want := range map[int]string{100: "new", 99: "old", 50: "old", 49: ""} {
		v, err := parts[0].GetAsOf([]byte("a"), int64(at)*1000)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if v != nil {
			got = string(v.Value)
		}
		if got != want {
			t.Errorf("as of %d the table has %q, want %q", at, got, want)
		}
	}
}

// What a later record has overtaken does not replace that below.
func TestOperatorsLeaveOutWhatIsOvertaken(t *testing.T) {
	byValue := func(in *table) *streams.KTable[string, int64] {
		return streams.CountTable(streams.GroupTable(in, func(k, v string) (string, string, error) { return v, k, nil },
			streams.String(), streams.String()), "n")
	}
	for name, c := range map[string]struct {
		describe func(in *table)
		want     []string
	}{
		"a group": {func(in *table) {
			streams.To(byValue(in).ToStream(), "out", streams.String(), show[int64]("%d"))
		}, []string{"new=1"}},
		"a filter above a group": {func(in *table) {
			kept := in.Filter(func(_, v string) bool { return v != "" })
			streams.To(byValue(kept).ToStream(), "out", streams.String(), show[int64]("%d"))
		}, []string{"new=1"}},
		"a join": {func(in *table) {
			toOut(streams.JoinTables(in, streams.MapTable(in, func(_, v string) (string, error) { return "2" + v, nil }),
				both).ToStream())
		}, []string{"a=new+2new", "a=new+2new"}},
		"a filter": {func(in *table) {
			toOut(in.Filter(func(_, v string) bool { return true }).ToStream())
		}, []string{"a=new", "a=old"}},
	} {
		d := rows(t, c.describe, versioned(time.Minute)...)
		d.tell("a=new@100", "a=old@50")
		same(t, name, d.told(), c.want)
	}
}

// pastJoin is a join of the stream left with the table right as of the records' timestamps,
// written to out.
func pastJoin(t *testing.T, history time.Duration, opts ...streams.Option) driver {
	t.Helper()
	b := streams.NewBuilder()
	prices := streams.Table(b, "right", streams.String(), streams.String(), versioned(history)...)
	twice := streams.MapTable(prices, func(_, v string) (string, error) { return v + v, nil })
	toText(streams.LeftJoinTable(readText(b, "left"), twice, left, opts...), "out")
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return drive(t, topo, nil)
}

func (d driver) to(topic string, texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if err := d.Send(topic, record(d.t, text)); err != nil {
			d.t.Fatalf("Send(%s): %v", text, err)
		}
	}
}

func TestStreamsAreJoinedWithThePast(t *testing.T) {
	d := pastJoin(t, time.Minute)
	d.to("right", "a=1@10", "a=2@20", "a=0@5")
	d.to("left", "a=x@4", "a=x@5", "a=x@19", "a=x@20", "a=x@90", "b=x@20")
	same(t, "output", d.read("out"), []string{"a=x+-", "a=x+00", "a=x+11", "a=x+22", "a=x+22", "b=x+-"})
}

// Records wait for rows that come late, and come out in the order of time; what comes later
// than the grace does not wait.
func TestGracePeriodOfATableJoin(t *testing.T) {
	d := pastJoin(t, time.Minute, streams.WithGracePeriod(10*time.Second))
	d.to("left", "a=x@20", "a=y@15")
	same(t, "before the grace", d.read("out"), []string{})
	d.to("right", "a=1@15", "a=2@18")
	d.to("left", "a=z@27", "a=late@16", "a=w@40")
	same(t, "after it", d.read("out"), []string{"a=y+11", "a=late+11", "a=x+22", "a=z+22"})
	if err := d.Restart(true); err != nil {
		t.Fatal(err)
	}
	d.to("left", "a=v@50")
	same(t, "after a restore", d.read("out"), []string{"a=w+22"})
}

func TestVersionedTablesThatCannotBe(t *testing.T) {
	text := streams.String()
	for want, describe := range map[string]func(b *streams.Builder){
		"pass StoreName": func(b *streams.Builder) {
			streams.Table(b, "in", text, text, streams.Versioned(time.Hour))
		},
		"a versioned store needs a retention": func(b *streams.Builder) {
			streams.Table(b, "in", text, text, versioned(0)...)
		},
		"the table has no versions": func(b *streams.Builder) {
			streams.JoinTable(readText(b, "s"), streams.Table(b, "in", text, text), both, streams.WithGracePeriod(time.Second))
		},
		"forgets versions after 1m0s": func(b *streams.Builder) {
			streams.JoinTable(readText(b, "s"), streams.Table(b, "in", text, text, versioned(time.Minute)...), both,
				streams.WithGracePeriod(time.Hour))
		},
		"must be of whole milliseconds": func(b *streams.Builder) {
			streams.JoinTable(readText(b, "s"), streams.Table(b, "in", text, text, versioned(time.Minute)...), both,
				streams.WithGracePeriod(-time.Second))
		},
		"suppress a table that is not": func(b *streams.Builder) {
			streams.Table(b, "in", text, text, versioned(time.Minute)...).
				Suppress(streams.UntilTimeLimit(time.Second, streams.BufferConfig{}))
		},
		"a TTL must be": func(b *streams.Builder) {
			streams.Table(b, "in", text, text, append(versioned(time.Minute), streams.WithTTL(time.Hour))...)
		},
	} {
		b := streams.NewBuilder()
		describe(b)
		if _, err := b.Build(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Build() = %v, want an error with %q", err, want)
		}
	}
}

// pastModel is what a versioned table has.
type pastModel struct {
	history, now int64
	versions     map[string]map[int64]string // "" is a deletion
}

func (m *pastModel) put(key, value string, at int64) {
	if at < m.now-m.history {
		return
	}
	m.now = max(m.now, at)
	if m.versions[key] == nil {
		m.versions[key] = map[int64]string{}
	}
	m.versions[key][at] = value
}

func (m *pastModel) asOf(key string, at int64) string {
	best, latest := int64(math.MinInt64), int64(math.MinInt64)
	for from := range m.versions[key] {
		latest = max(latest, from)
		if from <= at {
			best = max(best, from)
		}
	}
	if best < latest && at < m.now-m.history {
		return "-"
	}
	return cmp.Or(m.versions[key][best], "-")
}

// Random records in any order, with commits, aborts, restarts and restores, are joined as a
// model of the table says.
func TestPastJoinsAreThoseOfAModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 20 {
		history := int64(1 + random.IntN(40))
		b := streams.NewBuilder()
		prices := streams.Table(b, "right", streams.String(), streams.String(), versioned(time.Duration(history)*time.Second)...)
		toText(streams.LeftJoinTable(readText(b, "left"), prices, left), "out")
		topo, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		d := drive(t, topo, nil)
		m := &pastModel{history: history, now: math.MinInt64 / 2, versions: map[string]map[int64]string{}}
		var got, want []string
		for i := range 300 {
			key, at := string("abc"[random.IntN(3)]), int64(i/5+random.IntN(60))
			switch random.IntN(10) {
			case 0, 1, 2, 3:
				r := streamstest.Record{Key: []byte(key), Timestamp: second(int(at))}
				value := ""
				if random.IntN(4) > 0 {
					value = fmt.Sprint(i)
					r.Value = []byte(value)
				}
				if err := d.Send("right", r); err != nil {
					t.Fatal(err)
				}
				m.put(key, value, at)
			case 4:
				got = append(got, d.read("out")...)
			case 5:
				d.Abort()
			case 6:
				if err := d.Restart(random.IntN(2) == 0); err != nil {
					t.Fatal(err)
				}
			default:
				d.to("left", fmt.Sprintf("%s=%d@%d", key, i, at))
				want = append(want, fmt.Sprintf("%s=%d+%s", key, i, m.asOf(key, at)))
			}
		}
		got = append(got, d.read("out")...)
		if !slices.Equal(got, want) {
			t.Fatalf("joined with a history of %ds:\n got %q\nwant %q", history, got, want)
		}
	}
}
