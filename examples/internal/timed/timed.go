// Package timed gives records of the examples the time that their values name, so that what
// happened yesterday can be tried out today. It is what a timestamp extractor is in Kafka
// Streams.
package timed

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
)

// At is the part of a JSON value with its time.
type At struct {
	// Time is when it happened, RFC 3339. Default: the record's timestamp.
	Time *time.Time `json:"time,omitempty"`
}

// Key is the key that [By] reads.
func Key() config.Key {
	return config.Key{Name: "ahead.ms", Type: config.Long, Default: int(time.Minute.Milliseconds()),
		Valid: config.AtLeast(0),
		Doc: "How far the field time of a value may be ahead of its record's timestamp, in milliseconds. " +
			"A record further ahead is rejected: it would make all others late."}
}

// By gives each record the time that of finds in its value. Keys stay as they are.
func By[K, V any](s *streams.KStream[K, V], v config.Values, of func(V) At) *streams.KStream[K, V] {
	ahead := v.Millis("ahead.ms")
	return streams.Process(s, func(ctx *streams.Context[K, V]) streams.Processor[K, V] {
		return streams.ProcessorFunc[K, V](func(r *streams.Record[K, V]) error {
			if at := of(r.Value).Time; at != nil {
				if early := at.Sub(r.Timestamp); early > ahead {
					return streams.Reject(fmt.Errorf("field time: %s is %v ahead of the record's time: correct the clock that "+
						"it is from, or raise ahead.ms", at.Format(time.RFC3339), early.Round(time.Second)))
				}
				r.Timestamp = *at
			}
			return ctx.Forward(r)
		})
	}).MarkAsPartitioned()
}
