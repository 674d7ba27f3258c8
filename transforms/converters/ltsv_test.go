package converters

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/ltsv"
)

func parseLTSV(props ...string) (*LTSV, error) {
	m := map[string]string{}
	for _, p := range props {
		k, v, _ := strings.Cut(p, "=")
		m[k] = v
	}
	c, err := LTSVDef().Parse(m)
	if err != nil {
		return nil, err
	}
	return NewLTSV(c)
}

func ltsvConverter(t testing.TB, props ...string) *LTSV {
	c, err := parseLTSV(props...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var fetched = time.Date(2000, 10, 10, 20, 55, 36, 0, time.UTC)

func TestLTSVToConnect(t *testing.T) {
	typed := "ltsv.types=n:int,f:float,b:bool,t:time:apache"
	tests := []struct {
		props []string
		line  string
		want  any // a map, or the end of an error
	}{
		{nil, "a:1\tb:x y\n", map[string]any{"a": "1", "b": "x y"}},
		{nil, "", map[string]any{}},
		{nil, "a:-\tb:", map[string]any{"a": nil, "b": ""}},
		{nil, "a:x\xff\xfe", map[string]any{"a": "x\ufffd\ufffd"}},
		{[]string{"ltsv.invalid.utf8=reject"}, "a:x\xff",
			`byte 3, label "a": invalid UTF-8: "x\xff": let invalid UTF-8 be replaced`},
		{[]string{"ltsv.omit.nulls=true"}, "a:-\tb:1", map[string]any{"b": "1"}},
		{[]string{"ltsv.drop=b"}, "a:1\tb:2", map[string]any{"a": "1"}},
		{[]string{"ltsv.keep=b"}, "a:1\tb:2", map[string]any{"b": "2"}},
		{[]string{typed}, "n:007\tf:1e3\tb:T\tt:[10/Oct/2000:13:55:36 -0700]",
			map[string]any{"n": int64(7), "f": 1000.0, "b": true, "t": fetched}},
		{[]string{typed}, "n:x", `byte 3, label "n": value does not fit its type: "x" is not an int`},
		{[]string{typed, "ltsv.bad.values=null"}, "n:x", map[string]any{"n": nil}},
		{[]string{typed, "ltsv.bad.values=raw"}, "n:x", map[string]any{"n": "x"}},
		{[]string{"ltsv.cookies=c"}, "c:a=1; b=%E6%B0%B4; a=2", map[string]any{"c": map[string]any{"a": "1", "b": "水"}}},
		{[]string{"ltsv.cookies=c"}, "c:a",
			`label "c": broken cookie: want name=value at "a": choose null or raw for broken cookies`},
		{[]string{"ltsv.cookies=c", "ltsv.bad.cookies=null"}, "c:a", map[string]any{"c": nil}},
		{[]string{"ltsv.cookies=c", "ltsv.bad.cookies=raw"}, "c:a; b=1",
			map[string]any{"c": map[string]any{"b": "1", "_raw": "a; b=1"}}},
		{[]string{"ltsv.cookies=c", "ltsv.bad.cookies=raw"}, "c:_raw=1; a; b=1",
			map[string]any{"c": map[string]any{"_raw": "_raw=1; a; b=1"}}},
		{nil, "a:1\nb:2", "line feed inside one record"},
		{nil, "a:1\tb", "field has no colon"},
		{[]string{"ltsv.lenient=true"}, "a:1\tb", map[string]any{"a": "1"}},
	}
	for _, tt := range tests {
		c := ltsvConverter(t, tt.props...)
		s, got, err := c.ToConnect("t", []byte(tt.line))
		if want, ok := tt.want.(string); ok {
			var at *ltsv.Error
			if !errors.As(err, &at) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: ToConnect(%q): %v, want %q", tt.props, tt.line, err, want)
			}
			continue
		}
		if err != nil || s != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%v: ToConnect(%q) = %v, %#v, %v, want %#v", tt.props, tt.line, s, got, err, tt.want)
		}
	}
}

func TestLTSVSchemaOfTheLabelsKept(t *testing.T) {
	c := ltsvConverter(t, "schemas.enable=true", "ltsv.keep=time,status,cookie,ua", "ltsv.cookies=cookie",
		"ltsv.types=time:time:apache,status:int", "ltsv.bad.values=raw", "ltsv.schema.name=n.Access")
	s, v, err := c.ToConnect("t", []byte("status:200\ttime:[10/Oct/2000:13:55:36 -0700]\tmore:x"))
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]any{"status": int64(200), "time": fetched, "cookie": nil,
		"ua": nil}; !reflect.DeepEqual(v, want) {
		t.Errorf("ToConnect = %v, want %v", v, want)
	}
	var got []string
	for _, f := range s.Fields {
		got = append(got, fmt.Sprintf("%s %v %v %s", f.Name, f.Schema.Kind, f.Schema.Optional, f.Schema.Name))
	}
	want := []string{"time INT64 true " + data.TimestampName, "status INT64 true ", "cookie MAP true ",
		"ua STRING true "}
	if !reflect.DeepEqual(got, want) || s.Name != "n.Access" {
		t.Errorf("schema %s of %q, want %q", s.Name, got, want)
	}
	if _, _, err := c.ToConnect("t", []byte("status:x")); !errors.Is(err, ltsv.ErrValue) {
		t.Errorf("raw text where the schema has an integer: %v, want %v", err, ltsv.ErrValue)
	}
}

func TestLTSVSchemaHasALabelThatIsListedTwiceOnce(t *testing.T) {
	s, _, err := ltsvConverter(t, "schemas.enable=true", "ltsv.keep=a,b,a").ToConnect("t", []byte("a:1\tb:2"))
	if err != nil || len(s.Fields) != 2 || s.Field("a") == nil || s.Field("b") == nil {
		t.Errorf("schema = %+v, %v, want the fields a and b", s, err)
	}
}

func TestLTSVFromConnect(t *testing.T) {
	cents := &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Parameters: map[string]string{"scale": "2"}}
	s := &data.Schema{Kind: data.Struct, Fields: []data.Field{
		{Name: "z", Schema: &data.Schema{Kind: data.Int8}}, {Name: "d", Schema: cents},
		{Name: "a", Schema: &data.Schema{Kind: data.String}},
	}}
	tests := []struct {
		props  []string
		schema *data.Schema
		value  any
		want   string // a line, or the end of an error
	}{
		{nil, nil, map[string]any{"b": "x", "a": int64(1)}, "a:1\tb:x"},
		{nil, nil, map[string]any{}, ""},
		{nil, s, map[string]any{"z": int8(1), "d": big.NewRat(3, 2), "a": "x"}, "z:1\td:1.50\ta:x"},
		{nil, nil, map[string]any{"a": nil, "b": true, "c": 0.5, "d": json.Number("1e5"), "e": []byte("y")},
			"a:-\tb:true\tc:0.5\td:1e5\te:y"},
		{[]string{"ltsv.omit.nulls=true"}, nil, map[string]any{"a": nil, "b": "1"}, "b:1"},
		{[]string{"ltsv.null.values="}, nil, map[string]any{"a": nil}, ""},
		{[]string{"ltsv.drop=a"}, nil, map[string]any{"a": "1", "b": "1"}, "b:1"},
		{nil, nil, map[string]any{"t": fetched}, "t:2000-10-10T20:55:36.000Z"},
		{[]string{"ltsv.types=t:time:apache"}, nil, map[string]any{"t": fetched}, "t:[10/Oct/2000:20:55:36 +0000]"},
		{[]string{"ltsv.cookies=c"}, nil, map[string]any{"c": map[string]any{"b": "水;", "a": "1"}},
			"c:a=1; b=%E6%B0%B4%3B"},
		{[]string{"ltsv.cookies=c"}, nil, map[string]any{"c": map[string]any{"_raw": "x; y", "a": "1"}}, "c:x; y"},
		{[]string{"ltsv.cookies=c"}, nil, map[string]any{"c": map[string]any{"a b": "1"}},
			`"a b" cannot be the name of a cookie`},
		{[]string{"ltsv.cookies=c"}, nil, map[string]any{"c": map[string]any{"a": 1}},
			`cookie "a" is an integer, want a string`},
		{nil, nil, map[string]any{"c": map[string]any{"a": []any{"\t\n", nil}}}, `c:{"a":["\t\n",null]}`},
		{nil, nil, map[string]any{"a": "x\ty"},
			`label "a": control byte not allowed in a value in "\t": remove it, or set a replacement`},
		{[]string{"ltsv.replacement=blank"}, nil, map[string]any{"a": "x\ty\nz"}, "a:x y z"},
		{nil, nil, map[string]any{"a b": "x"}, `label "a b": byte not allowed in a label`},
		{nil, nil, "x", "a string is not a struct, nor a map with string keys"},
		{nil, nil, map[string]any{"a": struct{}{}}, `label "a": invalid data: Go type struct {}`},
	}
	for _, tt := range tests {
		got, err := ltsvConverter(t, tt.props...).FromConnect("t", tt.schema, tt.value)
		if err != nil {
			if !strings.Contains(err.Error(), tt.want) || tt.want == "" {
				t.Errorf("%v: FromConnect(%v): %v, want %q", tt.props, tt.value, err, tt.want)
			}
			continue
		}
		if string(got) != tt.want || got == nil {
			t.Errorf("%v: FromConnect(%v) = %q, want %q", tt.props, tt.value, got, tt.want)
		}
	}
}

func TestLTSVNull(t *testing.T) {
	c := ltsvConverter(t)
	if raw, err := c.FromConnect("t", nil, nil); raw != nil || err != nil {
		t.Errorf("FromConnect of null = %q, %v", raw, err)
	}
	if s, v, err := c.ToConnect("t", nil); s != nil || v != nil || err != nil {
		t.Errorf("ToConnect of null = %v, %v, %v", s, v, err)
	}
}

func TestLTSVConfigIsRefusedWithReason(t *testing.T) {
	for prop, want := range map[string]string{
		"schemas.enable=true":       "list the labels of the schema",
		"ltsv.replacement=xx":       "want one printable ASCII character",
		"ltsv.types=a":              `want string, int, float`,
		"ltsv.duplicates=sometimes": "default, reject, first, last",
	} {
		if _, err := parseLTSV(prop); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", prop, err, want)
		}
	}
	if _, err := parseLTSV("ltsv.keep=a", "ltsv.drop=a"); err == nil || !strings.Contains(err.Error(),
		"both kept and dropped") {
		t.Errorf("kept and dropped: %v", err)
	}
}

func ExampleLTSV() {
	values, err := LTSVDef().Parse(map[string]string{"ltsv.types": "status:int", "ltsv.cookies": "cookie"})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := NewLTSV(values)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, value, err := c.ToConnect("access", []byte("host:192.0.2.7\tstatus:200\tuser:-\tcookie:q=%E6%B0%B4"))
	fmt.Println(value, err)
	raw, err := c.FromConnect("access", nil, value)
	fmt.Printf("%q %v\n", raw, err)
	// Output:
	// map[cookie:map[q:水] host:192.0.2.7 status:200 user:<nil>] <nil>
	// "cookie:q=%E6%B0%B4\thost:192.0.2.7\tstatus:200\tuser:-" <nil>
}

func FuzzLTSVRoundTrip(f *testing.F) {
	f.Add([]byte("a:1\tn:5\tc:x=%20; y=2\tt:[10/Oct/2000:13:55:36 -0700]"))
	f.Add([]byte("a:\xff\tn:-\tc:-"))
	c := ltsvConverter(f, "ltsv.types=n:int,t:time:apache,f:float,b:bool", "ltsv.cookies=c")
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, v, err := c.ToConnect("t", raw)
		if err != nil {
			return
		}
		out, err := c.FromConnect("t", nil, v)
		if err != nil {
			if errors.Is(err, data.ErrInvalid) && bytes.Contains(raw, []byte("c:")) {
				return // a cookie's name may hold what cannot be written
			}
			t.Fatalf("what was read from %q cannot be written: %v", raw, err)
		}
		_, again, err := c.ToConnect("t", out)
		if err != nil {
			t.Fatalf("%q was written for %q: %v", out, raw, err)
		}
		out2, err := c.FromConnect("t", nil, again)
		if err != nil || !bytes.Equal(out, out2) {
			t.Errorf("%q, then %q, %v", out, out2, err)
		}
	})
}
