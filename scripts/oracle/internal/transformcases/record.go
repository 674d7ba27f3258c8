package transformcases

import (
	"slices"
	"strings"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

// record makes any record; its data is mostly a struct or an object.
func (g *gen) record() *cases.Record {
	r := &cases.Record{Topic: g.topic(), Partition: cases.Ptr(g.Rand.Int32N(10)),
		Timestamp: cases.Ptr(g.Millis()), Key: g.payload(), Value: g.payload()}
	if g.Chance(15) {
		r.Source = true
		if g.Chance(50) {
			r.Partition = nil
		}
	}
	if g.Chance(10) {
		r.Timestamp = nil
	}
	for range g.Rand.IntN(3) {
		r.Headers = append(r.Headers, cases.H(cases.Pick(g.Gen, "h", "i", "trace"), g.payload()))
	}
	return r
}

func (g *gen) topic() string {
	return cases.Pick(g.Gen, "access", "topic-a", "db.public.users", "a_b", "logs-2026.01",
		"x") + cases.Pick(g.Gen, "", "", "-1", "-json", ".v2")
}

func (g *gen) payload() *cases.Payload {
	switch n := g.Rand.IntN(20); {
	case n == 0:
		return nil
	case n == 1:
		return cases.JSON(g.PlainJSON(2))
	case n == 2:
		s := g.Schema(1)
		return cases.Typed(s, g.Value(s, 1))
	case n < 9:
		return cases.JSON(g.ObjectJSON(2))
	}
	s := g.StructSchema(2)
	s.Opt = g.Chance(10)
	if g.Chance(30) {
		s.Name, s.Version = "org.example.Rec", 1+g.Rand.IntN(2)
	}
	v := g.Value(s, 2)
	if g.Chance(25) {
		return cases.Typed(s, v)
	}
	return cases.Envelope(g.SchemaJSON(s, ""), g.ValueJSON(s, v))
}

// names makes a list for a configuration.
func (g *gen) names() string {
	var out []string
	for range g.Rand.IntN(4) {
		name := cases.Pick(g.Gen, cases.FieldNames...)
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, ",")
}

func (g *gen) side() string { return cases.Pick(g.Gen, "$Value", "$Value", "$Value", "$Key") }
