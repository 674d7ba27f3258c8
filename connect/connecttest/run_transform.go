package connecttest

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// RunTransform checks what every [connect.Transform] promises, in Split where it is a
// [connect.Splitter], on records that it accepts: it never changes its record or what
// that refers to, returns the same result each time and from many goroutines, and does
// not panic on a tombstone.
func RunTransform(t *testing.T, transform connect.Transform, records ...*connect.Record) {
	t.Helper()
	if len(records) == 0 {
		t.Fatal("connecttest: RunTransform without a record checks nothing")
	}
	pure := t.Run("records are not changed", func(t *testing.T) {
		for _, r := range records {
			before := imageOf(r)
			out, err := apply(transform, r)
			if err != nil {
				t.Fatalf("Apply(%v) = %v, want a record that it accepts", before, err)
			}
			if after := imageOf(r); !reflect.DeepEqual(after, before) {
				t.Errorf("Apply changed its record to %+v, it was %+v", after, before)
			}
			if slices.ContainsFunc(out, func(r *connect.Record) bool { return r.Topic == "" }) {
				t.Error("Apply made a record without a topic")
			}
		}
	})
	if !pure {
		return // a transform that edits its record cannot be called from many goroutines
	}
	t.Run("answers are always the same", func(t *testing.T) {
		for _, r := range records {
			want := applied(transform, r)
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					for range 25 {
						if got := applied(transform, fresh(r)); !reflect.DeepEqual(got, want) {
							t.Errorf("Apply = %+v, before it was %+v", got, want)
						}
					}
				})
			}
			all.Wait()
		}
	})
	t.Run("a tombstone does no harm", func(t *testing.T) {
		tombstone := &connect.Record{Topic: "topic", Key: connect.Decoded(nil, "k"), Timestamp: time.Unix(1, 0)}
		before := imageOf(tombstone)
		_, _ = apply(transform, tombstone) // an error is fine
		if after := imageOf(tombstone); !reflect.DeepEqual(after, before) {
			t.Errorf("Apply changed a tombstone to %+v", after)
		}
	})
}

// RunPredicate checks what every [connect.Predicate] promises: it never changes
// its record, returns the same result each time and from many goroutines, and does
// not panic on a tombstone. It must hold for the record holds and not for the
// record fails, so that the result is seen to depend on the record.
func RunPredicate(t *testing.T, predicate connect.Predicate, holds, fails *connect.Record) {
	t.Helper()
	for want, r := range map[bool]*connect.Record{true: holds, false: fails} {
		before := imageOf(r)
		var all sync.WaitGroup
		for range 4 {
			one := fresh(r)
			all.Go(func() {
				for range 25 {
					if got, err := predicate.Test(one); got != want || err != nil {
						t.Errorf("Test(%+v) = %v, %v, want %v", before, got, err, want)
					}
				}
			})
		}
		all.Wait()
		_, _ = predicate.Test(r)
		if after := imageOf(r); !reflect.DeepEqual(after, before) {
			t.Errorf("Test changed its record to %+v, it was %+v", after, before)
		}
	}
	_, _ = predicate.Test(&connect.Record{Topic: "topic"}) // an error is fine
}

// image is what a record says, apart from how its payloads are held.
type image struct {
	topic      string
	partition  connect.Partition
	offset     int64
	timestamp  time.Time
	key, value half
	headers    []connect.Header
}

type half struct {
	schema *data.Schema
	value  any
	err    string
}

func imageOf(r *connect.Record) image {
	i := image{topic: r.Topic, partition: r.Partition, offset: r.Offset, timestamp: r.Timestamp,
		key: halfOf(&r.Key), value: halfOf(&r.Value)}
	for _, h := range r.Headers {
		h.Value = deepCopy(h.Value)
		i.headers = append(i.headers, h)
	}
	return i
}

func halfOf(p *connect.Payload) half {
	s, v, err := p.Decode()
	h := half{schema: s, value: deepCopy(v)}
	if err != nil {
		h.err = err.Error()
	}
	return h
}

// fresh copies a record, as payloads may be decoded by one goroutine only.
func fresh(r *connect.Record) *connect.Record {
	c := *r
	return &c
}

// applied is the image of a transform's answer.
func applied(transform connect.Transform, r *connect.Record) any {
	out, err := apply(transform, r)
	if err != nil {
		return fmt.Sprint(err)
	}
	var images []image
	for _, one := range out {
		images = append(images, imageOf(one))
	}
	return images
}

// apply returns what a transform makes of a record, none when it drops it.
func apply(transform connect.Transform, r *connect.Record) ([]*connect.Record, error) {
	if s, ok := transform.(connect.Splitter); ok {
		return s.Split(r)
	}
	out, err := transform.Apply(r)
	if out == nil || err != nil {
		return nil, err
	}
	return []*connect.Record{out}, nil
}
