package converters

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

// TestConvertersKeepTheContract runs the suite of converters.
func TestConvertersKeepTheContract(t *testing.T) {
	everything := &data.Schema{Kind: data.Struct, Fields: []data.Field{
		{Name: "i", Schema: &data.Schema{Kind: data.Int8}}, {Name: "f", Schema: &data.Schema{Kind: data.Float32}},
		{Name: "b", Schema: &data.Schema{Kind: data.Bytes, Optional: true}}, {Name: "d", Schema: cents},
		{Name: "t", Schema: &data.Schema{Kind: data.Int64, Name: data.TimestampName, Version: 1}},
		{Name: "m", Schema: &data.Schema{Kind: data.Map, Key: &data.Schema{Kind: data.Int32},
			Elem: &data.Schema{Kind: data.Array, Elem: &data.Schema{Kind: data.String}}}},
	}}
	value := map[string]any{"i": int8(-1), "f": float32(0.1), "b": nil, "d": big.NewRat(3, 2), "t": at,
		"m": map[any]any{int32(1): []any{"x"}, int32(2): []any{}}}
	plain := map[string]any{"a": []any{int64(1), nil, true, 1.5}, "b": map[string]any{"c": "水"}}
	for name, suite := range map[string]struct {
		plugin connect.ConverterPlugin
		props  map[string]string
		values []connecttest.Value
	}{
		"JSON envelope": {JSONPlugin(), nil, []connecttest.Value{{Schema: everything, Data: value}, {Data: plain}}},
		"JSON":          {JSONPlugin(), map[string]string{"schemas.enable": "false"}, []connecttest.Value{{Data: plain}}},
		"String": {StringPlugin(), nil, []connecttest.Value{{Schema: optionalString, Data: "水"},
			{Schema: optionalString, Data: ""}}},
		"String UTF-16": {StringPlugin(), map[string]string{"converter.encoding": "UTF-16"},
			[]connecttest.Value{{Schema: optionalString, Data: "水"}}},
		"bytes": {BytesPlugin(), nil, []connecttest.Value{{Schema: optionalBytes, Data: []byte{0, 255}}}},
		"LTSV": {LTSVPlugin(), map[string]string{"ltsv.types": "n:int,t:time:unix", "ltsv.cookies": "c"},
			[]connecttest.Value{
				{Data: map[string]any{"n": int64(1), "t": time.Unix(5, 0).UTC(), "c": map[string]any{"a": "1"}, "x": nil}}}},
	} {
		t.Run(name, func(t *testing.T) {
			connecttest.RunConverter(t, func(t *testing.T) connect.Converter {
				return configured(t, suite.plugin,
					suite.props)
			},
				suite.values...)
		})
	}
}

func TestNumbersKeepTheContract(t *testing.T) {
	values := []any{true, int16(-2), int32(math.MaxInt32), int64(math.MinInt64), float32(0.1), 1e300}
	for i, p := range NumberPlugins() {
		t.Run(p.Class, func(t *testing.T) {
			connecttest.RunConverter(t, func(t *testing.T) connect.Converter { return configured(t, p, nil) },
				connecttest.Value{Data: values[i]})
		})
	}
}

func TestHeaderConvertersKeepTheContract(t *testing.T) {
	values := []any{map[string]any{"a": int8(1)}, true, int16(-2), int32(math.MaxInt32), int64(math.MinInt64),
		float32(0.1), 1e300, "水", map[string]any{"a": []any{int64(1), "x"}}, []byte{0, 255}}
	plugins := HeaderPlugins()
	if len(plugins) != len(values) {
		t.Fatalf("%d header converters, want %d", len(plugins), len(values))
	}
	for i, p := range plugins {
		t.Run(p.Class, func(t *testing.T) {
			connecttest.RunHeaderConverter(t, func(t *testing.T) connect.HeaderConverter {
				v, err := p.Def.Parse(nil)
				if err != nil {
					t.Fatal(err)
				}
				c, err := p.New(v)
				if err != nil {
					t.Fatal(err)
				}
				return c
			}, connecttest.Value{Data: values[i]})
		})
	}
}

func TestNumbersAreOfOneSize(t *testing.T) {
	for _, tt := range []struct {
		class, raw, want string
	}{
		{"LongConverter", "\x00", "message of 1 bytes, want 8"}, {"BooleanConverter", "\x02", "byte 0x2, want 0 or 1"},
		{"ShortConverter", "", "message of 0 bytes, want 2"},
	} {
		for _, p := range NumberPlugins() {
			if !p.Is(tt.class) {
				continue
			}
			c := configured(t, p, nil)
			if _, v, err := c.ToConnect("t", []byte(tt.raw)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: ToConnect(%q) = %v, %v, want %q", tt.class, tt.raw, v, err, tt.want)
			}
			if raw, err := c.FromConnect("t", nil, "x"); err == nil || !strings.Contains(err.Error(),
				"a string: use another") {
				t.Errorf("%s: FromConnect of a string = %q, %v", tt.class, raw, err)
			}
		}
	}
}

func configured(t *testing.T, p connect.ConverterPlugin, props map[string]string) connect.Converter {
	v, err := p.Def.Parse(props)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.New(v, false)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
