package streams_test

import (
	"testing"

	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

// A source in front gives every subtopology behind it another number.
func TestStateIsFoundWhateverComesBeforeIt(t *testing.T) {
	db := mem.Open()
	options := func() *streamstest.Options { return &streamstest.Options{DB: db} }
	d := drive(t, build(t, countTo), options())
	d.send("u=x", "u=x", "u=x", "u=x", "u=x")
	d.commit()
	b := streams.NewBuilder()
	toText(readText(b, "other"), "copy")
	countTo(readText(b, "in"))
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d = drive(t, topo, options())
	d.send("u=x")
	d.commit()
	if got := d.counts("counts"); got["u"] != 6 {
		t.Errorf("u is counted %d times, want 6", got["u"])
	}
}

// The timestamp of an update is the largest of the records that made it, also of those
// before a restart.
func TestTimestampsOfUpdatesDoNotGoBack(t *testing.T) {
	for _, wipe := range []bool{false, true} {
		d := drive(t, build(t, countTo), nil)
		d.send("u=x@100")
		d.commit()
		if err := d.Restart(wipe); err != nil {
			t.Fatal(err)
		}
		d.send("u=x@50")
		d.commit()
		updates := d.Read("out")
		if got, want := updates[len(updates)-1].Timestamp, second(100); !got.Equal(want) {
			t.Errorf("wipe=%v: the second update has the timestamp %v, want %v", wipe, got, want)
		}
	}
}
