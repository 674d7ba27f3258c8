package converters

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"runtime/debug"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/jsonschema"
	"github.com/suiro/suiro/transforms/formats/protobuf"
)

// odd makes schemas and values that need not fit each other, nor be complete.
type odd struct{ *rand.Rand }

func (o odd) schema(depth int) *data.Schema {
	if o.IntN(6) == 0 {
		return nil
	}
	s := &data.Schema{Kind: data.Kind(o.IntN(int(data.Struct) + 1)), Optional: o.IntN(2) == 0}
	names := []string{data.DecimalName, data.DateName, data.TimeName, data.TimestampName, avro.UnionName, "a.B", "9"}
	if o.IntN(3) == 0 {
		s.Name = names[o.IntN(len(names))]
	}
	if o.IntN(3) == 0 {
		s.Parameters = map[string]string{"scale": []string{"2", "-2", "x", "", "999999"}[o.IntN(5)]}
	}
	if o.IntN(4) == 0 {
		s.Default = o.value(1)
	}
	if depth == 0 {
		return s
	}
	if s.Kind == data.Map || o.IntN(9) == 0 {
		s.Key = o.schema(depth - 1)
	}
	if s.Kind == data.Map || s.Kind == data.Array || o.IntN(9) == 0 {
		s.Elem = o.schema(depth - 1)
	}
	for i := range o.IntN(4) {
		f := o.schema(depth - 1)
		for f == nil {
			f = o.schema(depth - 1)
		}
		s.Fields = append(s.Fields, data.Field{Name: string(rune('a' + i)), Schema: f})
	}
	return s
}

func (o odd) value(depth int) any {
	plain := []any{nil, true, "x", "a\xff", []byte{1}, []byte(nil), int8(1), int16(-2), int32(3), int64(math.MinInt64), 7,
		1.5, float32(0.1), math.NaN(), math.Inf(1), json.Number("1e400"), json.Number("x"), big.NewRat(1, 3),
		big.NewRat(-156, 100), time.Unix(1768469412, 5).UTC(), time.Time{}, time.UnixMilli(math.MinInt64), struct{}{},
		uint8(9), []string{"a"}}
	n := o.IntN(len(plain) + 8)
	if n < len(plain) || depth == 0 {
		return plain[n%len(plain)]
	}
	switch n % 4 {
	case 0:
		list := make([]any, o.IntN(3))
		for i := range list {
			list[i] = o.value(depth - 1)
		}
		return list
	case 1:
		m := map[string]any{}
		for i := range o.IntN(4) {
			m[string(rune('a'+i))] = o.value(depth - 1)
		}
		return m
	case 2:
		m := map[any]any{}
		for range o.IntN(3) {
			m[[]any{int8(1), "k", nil, true, time.Time{}}[o.IntN(5)]] = o.value(depth - 1)
		}
		return m
	}
	pairs := data.Pairs{}
	for range o.IntN(3) {
		pairs = append(pairs, data.Pair{Key: o.value(depth - 1), Value: o.value(depth - 1)})
	}
	return pairs
}

// TestNoConverterPanicsOnOddData hands connectors' mistakes to all converters: each answers with bytes or an error.
func TestNoConverterPanicsOnOddData(t *testing.T) {
	seed := rand.Uint64()
	o := odd{rand.New(rand.NewPCG(seed, 0))}
	all := offline(t)
	for range 3000 {
		if tryAll(t, all, o.schema(3), o.value(3)); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// offline returns all converters but those of a schema registry, whose codecs are tried by themselves.
func offline(t *testing.T) (all []connect.Converter) {
	for _, p := range append(NumberPlugins(), JSONPlugin(), StringPlugin(), BytesPlugin(), LTSVPlugin()) {
		for _, props := range []map[string]string{{}, {"schemas.enable": "false"}} {
			v, err := p.Info.Def.Parse(props)
			if err != nil {
				continue // it has no such key
			}
			c, err := p.New(v, false)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, c)
		}
	}
	return all
}

func tryAll(t *testing.T, all []connect.Converter, s *data.Schema, v any) {
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("%#v of %+v: panic: %v\n%s", v, s, r, debug.Stack())
		}
	}()
	for _, c := range all {
		if raw, err := c.FromConnect("t", s, v); err == nil {
			_, _, _ = c.ToConnect("t", raw)
		}
	}
	_, _ = SimpleHeader{}.FromConnectHeader("t", "k", s, v)
	_ = s.Equal(s)
	_ = data.Equal(v, v)
	tryJSONSchema(t, s, v)
	tryProtobuf(t, s, v)
	codec, err := avro.NewCodec(s)
	if err != nil {
		return
	}
	if _, err := avro.ParseCodec([]byte(codec.Text())); err != nil {
		t.Errorf("%s cannot be read: %v", codec.Text(), err)
	}
	raw, err := codec.Append(nil, v)
	if err != nil {
		return
	}
	if _, err := codec.Decode(raw); err != nil {
		t.Errorf("%q of %#v by %s cannot be read: %v", raw, v, codec.Text(), err)
	}
}

func tryJSONSchema(t *testing.T, s *data.Schema, v any) {
	codec, err := jsonschema.New(s, jsonschema.Options{})
	if err != nil {
		return
	}
	read, err := jsonschema.Parse(codec.Text(), nil, jsonschema.Options{})
	if err != nil {
		t.Errorf("%s cannot be read: %v", codec.Text(), err)
		return
	}
	raw, err := codec.Append(nil, s, v)
	if err != nil {
		return
	}
	_, _, _ = codec.Decode(raw) // null may be written where it cannot be read
	_, _, _ = read.Decode(raw)
}

func tryProtobuf(t *testing.T, s *data.Schema, v any) {
	codec, err := protobuf.New(s, protobuf.Options{})
	if err != nil {
		return
	}
	raw, err := codec.Append(nil, s, v)
	if err != nil {
		return
	}
	if _, _, err := codec.Decode(raw); err != nil {
		t.Errorf("%q of %#v by %s cannot be read: %v", raw, v, codec.Text(), err)
	}
}
