package streams_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

// expiring are the options of a table whose keys expire.
func expiring(ttl time.Duration) []streams.Option {
	return []streams.Option{streams.StoreName("rows"), streams.WithTTL(ttl)}
}

// A key that expires is a deletion below, with the time at which it expired, and is not found
// any more; a record that is as old when it comes deletes its key.
func TestKeysExpire(t *testing.T) {
	for name, cache := range map[string]string{"without a cache": "0", "with a cache": "1000000"} {
		b := streams.NewBuilder()
		toOut(streams.Table(b, "in", streams.String(), streams.String(), expiring(16*time.Second)...).ToStream())
		topo, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		d := drive(t, topo, &streamstest.Options{Properties: map[string]string{"statestore.cache.max.bytes": cache}})
		read := func() (out []string) {
			d.commit()
			for _, r := range d.Read("out") {
				value := string(r.Value)
				if r.Value == nil {
					value = "-"
				}
				out = append(out, fmt.Sprintf("%s=%s@%d", r.Key, value, r.Timestamp.Unix()))
			}
			return out
		}
		d.tell("a=1@0", "b=2@5")
		same(t, name, read(), []string{"a=1@0", "b=2@5"})
		d.tell("c=3@18")
		same(t, name+", a has expired", read(), []string{"c=3@18", "a=-@16"})
		if err := d.Restart(true); err != nil {
			t.Fatal(err)
		}
		d.tell("d=4@30")
		same(t, name+", b has after a restore", read(), []string{"d=4@30", "b=-@21"})
		d.tell("d=old@14")
		same(t, name+", d is deleted by what is too old", read(), []string{"d=-@14"})
		if got := d.texts("rows"); !maps.Equal(got, map[string]string{"c": "3"}) {
			t.Errorf("%s: the store has %v, want c", name, got)
		}
		if got := d.Dropped(); got != 1 {
			t.Errorf("%s: %d records dropped, want the one that came too late", name, got)
		}
	}
}

// An aggregate whose value has expired begins again.
func TestExpiredAggregatesBeginAgain(t *testing.T) {
	for _, cache := range []string{"0", "1000000"} {
		topo := build(t, func(in *words) {
			streams.Count(streams.GroupByKey(in, streams.String()), "n", streams.WithTTL(10*time.Second))
		})
		d := drive(t, topo, &streamstest.Options{Properties: map[string]string{"statestore.cache.max.bytes": cache}})
		d.send("a=x@0", "a=x@5", "b=x@14", "c=x@16", "a=x@17", "b=x@18")
		d.commit()
		if got, want := d.counts("n"), map[string]int64{"a": 1, "b": 2, "c": 1}; !maps.Equal(got, want) {
			t.Errorf("cache of %s: counts %v, want %v", cache, got, want)
		}
	}
}

// What is below the table is told of each value once when it comes and once when it goes: a
// count of the rows is that of the keys that have not expired, whatever is committed, aborted,
// restarted and restored when. What has expired may stay for a sixteenth of the TTL.
func TestRowsBelowAreThoseOfAModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const ttl = 16_000
	for _, cache := range []string{"0", "1000000"} {
		b := streams.NewBuilder()
		in := streams.Table(b, "in", streams.String(), streams.String(), expiring(ttl*time.Millisecond)...)
		all := streams.GroupTable(in, func(_, v string) (string, string, error) { return "all", v, nil }, streams.String(),
			streams.String())
		number := func(v string) int { n, _ := strconv.Atoi(v); return n }
		streams.AggregateTable(all, "sum", func() int64 { return 0 },
			func(_, v string, sum int64) (int64, error) { return sum + int64(number(v)), nil },
			func(_, v string, sum int64) (int64, error) { return sum - int64(number(v)), nil }, streams.Int64())
		topo, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		d := drive(t, topo, &streamstest.Options{Properties: map[string]string{"statestore.cache.max.bytes": cache}})
		type row struct{ value, at int }
		model, now := map[string]row{}, 0
		for i := range 2000 {
			key, at := fmt.Sprint(random.IntN(30)), max(i*200+random.IntN(3*ttl/2)-ttl, 0)
			r := streamstest.Record{Key: []byte(key), Timestamp: time.UnixMilli(int64(at))}
			delete(model, key)
			if random.IntN(5) > 0 {
				r.Value = []byte(fmt.Sprint(1 + i))
				now = max(now, at)
				model[key] = row{1 + i, at}
			}
			// A changelog has the last value of each key and epoch, so that without this row the
			// time of a store that is restored could be an earlier one.
			clock := streamstest.Record{Key: []byte("clock"), Value: []byte("0"), Timestamp: time.UnixMilli(int64(max(now, 0)))}
			if err := d.Send("in", r, clock); err != nil {
				t.Fatal(err)
			}
			switch random.IntN(12) {
			case 0:
				d.Abort()
			case 1:
				if err := d.Restart(random.IntN(2) == 0); err != nil {
					t.Fatal(err)
				}
			case 2, 3:
				d.commit()
				least, most := 0, 0
				for k, v := range model {
					switch {
					case v.at > now-ttl:
						least, most = least+v.value, most+v.value
					case v.at > now-ttl-ttl/16:
						most += v.value
					default:
						delete(model, k)
					}
				}
				if got := int(d.counts("sum")["all"]); got < least || got > most {
					t.Fatalf("cache of %s, after record %d: the rows sum up to %d, want %d to %d", cache, i, got, least, most)
				}
			}
		}
	}
}
