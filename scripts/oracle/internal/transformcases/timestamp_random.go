package transformcases

import (
	"fmt"
	"strings"
	"time"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

// randomTimestamp converts a time in a form that its configuration means.
func (g *gen) randomTimestamp() {
	p := patterns[g.Rand.IntN(len(patterns))]
	for p.layout == "" {
		p = patterns[g.Rand.IntN(len(patterns))]
	}
	precision := cases.Pick(g.Gen, "seconds", "milliseconds", "milliseconds", "microseconds", "nanoseconds")
	conf := cases.KV("target.type", cases.Pick(g.Gen, "string", "unix", "Date", "Time", "Timestamp"))
	if precision != "milliseconds" || g.Chance(20) {
		conf["unix.precision"] = precision
	}
	if g.Chance(30) {
		conf[nullKey] = cases.Pick(g.Gen, "true", "false")
	}
	at := time.UnixMilli(g.Millis()).UTC()
	s, v := g.timeForm(p, precision, at)
	tag := "random"
	if text, ok := v.(string); ok && strings.HasPrefix(text, "s:") || conf["target.type"] == "string" {
		conf["format"] = p.java
		if ok && strings.HasPrefix(text, "s:") && g.Chance(5) {
			tag, v = "random, text changed", "s:"+g.Broken(text[2:])
		}
	}
	r := g.record()
	class, to := "TimestampConverter$Value", &r.Value
	if g.Chance(15) {
		class, to = "TimestampConverter$Key", &r.Key
	}
	if g.Chance(30) {
		*to = g.asPayload(s, v)
		g.smt(tag, class, conf, r)
		return
	}
	conf["field"] = "ts"
	*to = g.timeField(s, v)
	g.smt(tag, class, conf, r)
}

// timeField makes a struct or a map with the time as its field ts.
func (g *gen) timeField(s *cases.Schema, v any) *cases.Payload {
	whole := g.StructSchema(1)
	fields := whole.Fields[:0]
	for _, f := range whole.Fields {
		if f.Name != "ts" {
			fields = append(fields, f)
		}
	}
	whole.Fields = fields
	data := g.Value(whole, 1).([]any)
	if s == nil {
		object := []any{"M", []any{"s:ts", v}}
		if g.Chance(50) {
			object = append(object, []any{"s:other", "i64:5"})
		}
		return g.asPayload(nil, object)
	}
	whole.Fields = append(whole.Fields, cases.F("ts", s))
	return g.asPayload(whole, append(data, []any{"ts", v}))
}

func (g *gen) timeForm(p pattern, precision string, at time.Time) (*cases.Schema, any) {
	unix := map[string]int64{"seconds": at.Unix(), "milliseconds": at.UnixMilli(),
		"microseconds": at.UnixMicro() + g.Rand.Int64N(1000),
		"nanoseconds":  at.UnixNano() + g.Rand.Int64N(1000000)}
	if g.Chance(70) && (precision == "microseconds" || precision == "nanoseconds") {
		unix["microseconds"], unix["nanoseconds"] = at.UnixMicro(), at.UnixNano()
	}
	opt := g.Chance(30)
	if opt && g.Chance(15) {
		return &cases.Schema{Type: cases.Pick(g.Gen, "STRING", "INT64"), Opt: true}, nil
	}
	switch g.Rand.IntN(8) {
	case 0:
		return &cases.Schema{Type: "STRING", Opt: opt}, "s:" + at.Format(p.layout)
	case 1:
		return &cases.Schema{Type: "INT64", Opt: opt}, fmt.Sprintf("i64:%d", unix[precision])
	case 2:
		return &cases.Schema{Type: "INT32", Name: cases.DateName, Version: 1, Opt: opt}, fmt.Sprintf("t:%d",
			at.UnixMilli()/86400000*86400000)
	case 3:
		return &cases.Schema{Type: "INT32", Name: cases.TimeName, Version: 1, Opt: opt}, fmt.Sprintf("t:%d",
			((at.UnixMilli()%86400000)+86400000)%86400000)
	case 4:
		return &cases.Schema{Type: "INT64", Name: cases.TimestampName, Version: 1, Opt: opt},
			fmt.Sprintf("t:%d", at.UnixMilli())
	case 5:
		return nil, "s:" + at.Format(p.layout)
	case 6:
		return nil, fmt.Sprintf("i64:%d", unix[precision])
	}
	return nil, fmt.Sprintf("t:%d", at.UnixMilli())
}

// asPayload is typed where JSON has no such value.
func (g *gen) asPayload(s *cases.Schema, v any) *cases.Payload {
	if s == nil && strings.Contains(fmt.Sprint(v), "t:") || g.Chance(20) {
		return cases.Typed(s, v)
	}
	if s == nil {
		return cases.JSON(g.ValueJSON(nil, v))
	}
	return cases.Envelope(g.SchemaJSON(s, ""), g.ValueJSON(s, v))
}
