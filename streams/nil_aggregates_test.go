package streams_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

// last is the latest value, and nil after "none".
func last(_, v string, _ []byte) ([]byte, error) {
	if v == "none" {
		return nil, nil
	}
	return []byte(v), nil
}

func noBytes() []byte { return []byte{} }

// nullable writes a table of windows to out, with "-" for a null.
func nullable(t *streams.KTable[streams.Windowed[string], []byte]) {
	toOut(streams.Map(t.ToStream(), func(k streams.Windowed[string], v []byte) (string, string, error) {
		value := string(v)
		if v == nil {
			value = "-"
		}
		return fmt.Sprintf("%s@%d-%d", k.Key, k.Start.Unix(), k.End.Unix()), value, nil
	}))
}

// An aggregate that becomes nil is deleted, whatever it is an aggregate of, and the next record
// begins another one.
func TestAggregatesOfEachKindThatBecomeNilGo(t *testing.T) {
	fixed := streams.TimeWindows{Size: 10 * time.Second}
	sliding := streams.SlidingWindows{TimeDifference: 10 * time.Second}
	gap := streams.SessionWindows{InactivityGap: 10 * time.Second}
	later := func(_ string, _, two []byte) ([]byte, error) { return two, nil }
	for name, tt := range map[string]struct {
		build      func(in *words)
		gone, next string
	}{
		"windows": {func(in *words) {
			nullable(streams.AggregateWindows(byKey(in).WindowedBy(fixed), "n", noBytes, last, streams.Bytes()))
		}, "a@10-20=-", "a@10-20=2"},
		"sliding windows": {func(in *words) {
			nullable(streams.AggregateWindows(byKey(in).WindowedBy(sliding), "n", noBytes, last, streams.Bytes()))
		}, "a@0-10=-", "a@0-10=2"},
		"sessions": {func(in *words) {
			nullable(streams.AggregateSessions(byKey(in).SessionWindowedBy(gap), "n", noBytes, last, later, streams.Bytes()))
		}, "a@10-10=-", "a@10-10=2"},
		"windows of several streams": {func(in *words) {
			nullable(streams.AggregateCogroupedWindows(streams.Cogroup(byKey(in), last), fixed, "n", noBytes, streams.Bytes()))
		}, "a@10-20=-", "a@10-20=2"},
		"sessions of several streams": {func(in *words) {
			nullable(streams.AggregateCogroupedSessions(streams.Cogroup(byKey(in), last), gap, "n", noBytes, later, streams.Bytes()))
		}, "a@10-10=-", "a@10-10=2"},
	} {
		for caching, size := range map[string]string{"cached": "1000000", "at once": "0"} {
			t.Run(name+"/"+caching, func(t *testing.T) {
				d := drive(t, build(t, tt.build), &streamstest.Options{
					Properties: map[string]string{"statestore.cache.max.bytes": size}})
				d.send("a=1@10")
				d.commit()
				d.Read("out")
				d.send("a=none@10")
				same(t, "after nil", d.read("out"), []string{tt.gone})
				if err := d.Restart(true); err != nil {
					t.Fatal(err)
				}
				d.send("a=2@10")
				same(t, "after the next record", d.read("out"), []string{tt.next})
			})
		}
	}
}
