package kinds

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/streams"
)

// punctuated holds requests in stores, from which punctuations let each of them go once: by
// the clock all there are, by stream time those of minutes that are over. They are in a task
// of their own, whose stream time is that of these requests alone.
func punctuated(a *parts) {
	a.rest = streams.Repartition(a.rest, "punctuated", user(), streams.JSON[request]())
	clock := held(a, "held", 200*time.Millisecond, streams.WallClockTime, func(time.Time) time.Time { return time.Time{} })
	records(a, "clock", clock, itself, number)
	minutes := held(a, "held-minutes", time.Minute, streams.StreamTime,
		func(now time.Time) time.Time { return now.Truncate(time.Minute).Add(-time.Minute) })
	records(a, "minutes", minutes, itself, number)
}

// held lets requests go that are earlier than until says, or all if it is zero.
func held(a *parts, name string, every time.Duration, by streams.PunctuationType,
	until func(now time.Time) time.Time) *streams.KStream[string, int64] {
	held := streams.NewKeyValueStore(name, streams.String(), streams.Int64())
	return streams.Process(a.rest, func(ctx *streams.Context[string, int64]) streams.Processor[string, request] {
		store := held.Open(ctx)
		ctx.Schedule(every, by, func(now time.Time) error {
			end := until(now)
			return store.Range(nil, nil, func(key string, at int64) (bool, error) {
				t := time.UnixMilli(at)
				if !end.IsZero() && !t.Before(end) {
					return true, nil
				}
				if err := store.Delete(key); err != nil {
					return false, err
				}
				return true, ctx.Forward(&streams.Record[string, int64]{Key: key, Value: at, Timestamp: t})
			})
		})
		return streams.ProcessorFunc[string, request](func(r *streams.Record[string, request]) error {
			return store.Put(fmt.Sprint(r.Value.ID), r.Timestamp.UnixMilli())
		})
	}, streams.WithStores(held))
}
