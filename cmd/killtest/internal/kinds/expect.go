package kinds

import (
	"time"

	"github.com/suiro/suiro/internal/kill/access"
	"github.com/suiro/suiro/streams/streamstest"
)

// Expect returns what the app makes of a log when nothing happens, with so many partitions
// of all topics. Disturb, unless it is nil, is called with the driver now and then.
func Expect(
	log access.Log, still time.Time, partitions int, disturb func(*streamstest.Driver) error,
) (*Results, error) {
	const in, out, step = "in", "out", 500
	topo, err := Build(Options{Input: in, Output: out, Still: still})
	if err != nil {
		return nil, err
	}
	d, err := streamstest.New(topo, &streamstest.Options{Partitions: partitions, Start: time.Now()})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	r := newResults()
	log = log.WithDefaults()
	for id := range log.Records {
		q := log.Request(id)
		if err := d.Send(in, streamstest.Record{Key: q.Key(), Value: q.AppendJSON(nil)}); err != nil {
			return nil, err
		}
		if (id+1)%step != 0 && id+1 < log.Records {
			continue
		}
		if disturb != nil {
			if err := disturb(d); err != nil {
				return nil, err
			}
		}
		if err := commit(d, out, r); err != nil {
			return nil, err
		}
	}
	if err := commit(d, out, r); err != nil { // what an abort has left to punctuations
		return nil, err
	}
	r.State, err = State(topo, d.Store)
	return r, err
}

// commit ends an epoch, a second and more of the clock after the one before, and takes what
// it has written.
func commit(d *streamstest.Driver, out string, r *Results) error {
	d.Advance(1100 * time.Millisecond)
	if err := d.Commit(); err != nil {
		return err
	}
	for _, record := range d.Read(out) {
		r.add(record.Key, record.Value, record.Timestamp.UnixMilli())
	}
	return nil
}
