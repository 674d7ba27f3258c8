package gen

import "github.com/suiro/suiro/scripts/oracle-streams/internal/cases"

// events makes records for topics, and commits: one after each record, one now and
// then, or none before the end.
func (g *Gen) events(topics []string, clock bool) (out []cases.Event) {
	commits := pick(g, 100, 100, 30, 0)
	at := int64(1000 * g.rand.IntN(10))
	for range 4 + g.rand.IntN(20) {
		at = max(0, at+g.step())
		out = append(out, g.record(pick(g, topics...), at))
		if g.chance(commits) {
			out = append(out, cases.Event{Commit: true})
		}
		if clock && g.chance(30) {
			out = append(out, cases.Event{Advance: int64(pick(g, 10, 500, 2500))})
		}
	}
	if g.chance(40) { // all windows close
		out = append(out, cases.Event{Topic: topics[0], Key: ptr("end"), Value: ptr("the end"), TS: at + 20_000})
	}
	return out
}

// step is how far a record's time is from the last one's: most go on, many have the
// same time or come out of order, some are late or far ahead.
func (g *Gen) step() int64 {
	switch n := g.rand.IntN(100); {
	case n < 45:
		return g.rand.Int64N(300)
	case n < 65:
		return 0
	case n < 85:
		return -g.rand.Int64N(500)
	case n < 93:
		return -g.rand.Int64N(6000)
	}
	return g.rand.Int64N(6000)
}

func (g *Gen) record(topic string, at int64) cases.Event {
	e := cases.Event{Topic: topic, TS: at}
	if !g.chance(8) {
		e.Key = ptr(pick(g, "a", "a", "a", "b", "b", "ab"))
	}
	if !g.chance(12) {
		e.Value = ptr(pick(g, "a", "b", "x", "hello", "a b", "12", "7", "x a a", ""))
	}
	if g.chance(20) {
		e.Headers = [][]string{{"h", pick(g, "1", "2", "")}}
		if g.chance(30) {
			e.Headers = append(e.Headers, []string{"h", "again"})
		}
	}
	return e
}
