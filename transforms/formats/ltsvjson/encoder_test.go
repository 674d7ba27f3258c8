package ltsvjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/transforms/formats/cookie"
	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// sample is a record of 20 labels and 475 bytes, with a cookie.
var sample = []byte("time:2026-01-15T09:30:12.345Z\thost:web-17.example.com\tforwardedfor:-\t" +
	"req:GET /catalog/items/48213?page=2 HTTP/1.1\tmethod:GET\turi:/catalog/items/48213?page=2\tstatus:200\t" +
	"size:20480\treferer:https://example.com/\tua:Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0\treqtime:0.042\t" +
	"reqtime_microsec:42117\tapptime:0.037\tcache:HIT\truntime:0.033\tvhost:example.com\tprotocol:HTTP/1.1\t" +
	"user:-\tident:-\tcookie:sid=1f8x9k2m4q; uid=482913; lang=ja; ab=exp%2F12%3AB; q=mizu%20%E6%B0%B4%E8%B7%AF")

func types(t testing.TB, list ...string) map[string]ltsv.Type {
	m, err := ltsv.ParseTypes(list)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func encoder(t testing.TB, o *Options) *Encoder {
	e, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// accessLog is what an access log is turned to JSON with.
func accessLog(t testing.TB) *Options {
	return &Options{
		Drop: []string{"req", "ident", "user"},
		Types: types(t, "status:int", "size:int", "reqtime:float", "reqtime_microsec:int", "apptime:float",
			"runtime:float"),
		Cookies: []string{"cookie"},
	}
}

func TestAppendWritesWhatOptionsAskFor(t *testing.T) {
	lenient := ltsv.Options{Lenient: true}
	tests := []struct {
		name string
		opts Options
		line string
		want string // an object, or the end of an error
	}{
		{"strings", Options{}, "a:1\tb:x y", `{"a":"1","b":"x y"}`},
		{"empty line", Options{}, "", `{}`},
		{"line end", Options{}, "a:1\r\n", `{"a":"1"}`},
		{"dash", Options{}, "a:-\tb:--", `{"a":null,"b":"--"}`},
		{"dash kept", Options{Nulls: ltsv.Nulls{}}, "a:-", `{"a":"-"}`},
		{"other nulls", Options{Nulls: ltsv.Nulls{"", "NULL"}}, "a:\tb:NULL\tc:-", `{"a":null,"b":null,"c":"-"}`},
		{"omitted nulls", Options{OmitNulls: true}, "a:-\tb:1\tc:-", `{"b":"1"}`},
		{"all omitted", Options{OmitNulls: true}, "a:-", `{}`},
		{"drop", Options{Drop: []string{"a", "c"}}, "a:1\tb:2\tc:3", `{"b":"2"}`},
		{"drop all", Options{Drop: []string{"a"}}, "a:1", `{}`},
		{"keep", Options{Keep: []string{"a", "c"}}, "a:1\tb:2\tc:3", `{"a":"1","c":"3"}`},
		{"escapes", Options{}, "a:\"q\" \\ \b\f\x1f/<&>", `{"a":"\"q\" \\ \b\f\u001f/<&>"}`},
		{"escape by hand", Options{}, `a:x\ty`, `{"a":"x\\ty"}`},
		{"UTF-8", Options{}, "a:水路", `{"a":"水路"}`},
		{"invalid UTF-8", Options{}, "a:x\xff水\xe6y", `{"a":"x` + "\ufffd水\ufffd" + `y"}`},
		{"invalid UTF-8 refused", Options{RejectInvalidUTF8: true}, "a:1\tb:x\xff",
			`byte 7, label "b": invalid UTF-8: "x\xff": let invalid UTF-8 be replaced to keep the record`},
		{"invalid UTF-8 dropped", Options{RejectInvalidUTF8: true, Drop: []string{"b"}}, "a:1\tb:x\xff", `{"a":"1"}`},
		{"types", Options{Types: types(t, "i:int", "f:float", "b:bool", "t:time:apache", "s:string")},
			"i:007\tf:0.50\tb:T\tt:[10/Oct/2000:13:55:36 -0700]\ts:7",
			`{"i":7,"f":0.50,"b":true,"t":"2000-10-10T20:55:36.000Z","s":"7"}`},
		{"times as millis", Options{Types: types(t, "t:time:apache"), Times: UnixMillis},
			"t:[10/Oct/2000:13:55:36 -0700]", `{"t":971211336000}`},
		{"typed nulls", Options{Types: types(t, "i:int", "f:float")}, "i:-\tf:", `{"i":null,"f":null}`},
		{"empty string", Options{}, "a:", `{"a":""}`},
		{"floats", Options{Types: types(t, "a:float", "b:float", "c:float", "d:float")},
			"a:+1\tb:.5\tc:1e3\td:00.5", `{"a":1,"b":0.5,"c":1000,"d":0.5}`},
		{"large numbers", Options{Types: types(t, "a:int", "b:float")},
			"a:9007199254740993\tb:12345678901234567890", `{"a":9007199254740993,"b":12345678901234567890}`},
		{"bad value", Options{Types: types(t, "a:int")}, "x:1\ta:1e5",
			`byte 7, label "a": value does not fit its type: "1e5" is not an int: only decimal digits and a sign are read: ` +
				`choose null or raw for bad values to keep the record`},
		{"bad value null", Options{Types: types(t, "a:int"), BadValue: Null}, "a:1e5\tb:2", `{"a":null,"b":"2"}`},
		{"bad value omitted", Options{Types: types(t, "a:int"), BadValue: Null, OmitNulls: true}, "a:1e5", `{}`},
		{"bad value raw", Options{Types: types(t, "a:int"), BadValue: Raw}, "a:1e5", `{"a":"1e5"}`},
		{"cookie", Options{Cookies: []string{"c"}}, "c:a=1; b=%E3%81%82\td:1", `{"c":{"a":"1","b":"あ"},"d":"1"}`},
		{"cookie escapes", Options{Cookies: []string{"c"}}, `c:a=%22%0A"; q\=x%FF`,
			`{"c":{"a":"\"\n\"","q\\":"x` + "\ufffd" + `"}}`},
		{"cookie null", Options{Cookies: []string{"c"}}, "c:-", `{"c":null}`},
		{"cookie empty", Options{Cookies: []string{"c"}}, "c:", `{"c":{}}`},
		{"cookie twice", Options{Cookies: []string{"c"}}, "c:a=1; a=2; b=3", `{"c":{"a":"1","b":"3"}}`},
		{"cookie names alike once repaired", Options{Cookies: []string{"c"}}, "c:a\xff=1; a\xfe=2",
			`{"c":{"a` + "\ufffd" + `":"1"}}`},
		{"cookie broken", Options{Cookies: []string{"c"}}, "x:1\tc:a=1; b=%G1",
			`byte 7, label "c": broken cookie: percent sign without two hex digits at "%G1": ` +
				`choose null or raw for broken cookies to keep the record`},
		{"cookie without name", Options{Cookies: []string{"c"}}, "c:a=1; b",
			`broken cookie: want name=value at "b": choose null or raw for broken cookies to keep the record`},
		{"cookie broken null", Options{Cookies: []string{"c"}, BadCookie: Null}, "c:a=1; b", `{"c":null}`},
		{"cookie broken raw", Options{Cookies: []string{"c"}, BadCookie: Raw}, "c:a=1; b=%G1; d; e=5",
			`{"c":{"a":"1","e":"5","_raw":"a=1; b=%G1; d; e=5"}}`},
		{"cookie all broken raw", Options{Cookies: []string{"c"}, BadCookie: Raw}, "c:x", `{"c":{"_raw":"x"}}`},
		{"missing colon", Options{}, "a:1\tb",
			`field has no colon in "b": write label:value, or parse leniently to skip the field`},
		{"missing colon lenient", Options{Parse: lenient}, "a:1\tb\tc:2", `{"a":"1","c":"2"}`},
		{"duplicate", Options{}, "a:1\ta:2",
			`duplicate label: write each label once, or choose to keep the first or the last`},
		{"duplicate dropped", Options{Drop: []string{"a"}}, "a:1\ta:2",
			`duplicate label: write each label once, or choose to keep the first or the last`},
		{"duplicate last", Options{Parse: lenient}, "a:1\tb:2\ta:3", `{"a":"3","b":"2"}`},
		{"label not ASCII", Options{Parse: lenient}, "名:1", `{"名":"1"}`},
		{"labels that are not UTF-8", Options{Parse: lenient}, "\xff:1\ta\xff:2\t\xfe:3\t\ufffd:4",
			"{\"a\ufffd\":\"2\",\"\ufffd\":\"4\"}"},
		{"NUL lenient", Options{Parse: lenient}, "a:x\x00y", `{"a":"x\u0000y"}`},
		{"two records", Options{}, "a:1\nb:2", `line feed inside one record: cut the message into lines first`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := encoder(t, &tt.opts)
			got, err := e.Append([]byte("before "), []byte(tt.line))
			if err != nil {
				if string(got) != "before " {
					t.Errorf("Append(%q) leaves %q on error", tt.line, got)
				}
				got = []byte("before " + err.Error())
			} else if !json.Valid(got[len("before "):]) {
				t.Errorf("Append(%q) is not JSON: %s", tt.line, got)
			}
			if !strings.HasSuffix(string(got), tt.want) || err == nil && string(got) != "before "+tt.want {
				t.Errorf("Append(%q)\n got %s\nwant %s", tt.line, got, tt.want)
			}
		})
	}
}

func TestAccessLogRecord(t *testing.T) {
	got, err := encoder(t, accessLog(t)).Append(nil, sample)
	want := `{"time":"2026-01-15T09:30:12.345Z","host":"web-17.example.com","forwardedfor":null,"method":"GET",` +
		`"uri":"/catalog/items/48213?page=2","status":200,"size":20480,"referer":"https://example.com/",` +
		`"ua":"Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0","reqtime":0.042,"reqtime_microsec":42117,` +
		`"apptime":0.037,"cache":"HIT","runtime":0.033,"vhost":"example.com","protocol":"HTTP/1.1",` +
		`"cookie":{"sid":"1f8x9k2m4q","uid":"482913","lang":"ja","ab":"exp/12:B","q":"mizu 水路"}}`
	if err != nil || string(got) != want {
		t.Errorf("Append\n got %s, %v\nwant %s", got, err, want)
	}
}

func TestNewReportsEveryContradiction(t *testing.T) {
	_, err := New(&Options{Drop: []string{"a"}, Keep: []string{"a"}, Types: types(t, "c:int"),
		Cookies: []string{"c", ""}})
	for _, want := range []string{`label "a" is both kept and dropped`, `label "c" is a cookie and has a type`,
		"an empty label"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New: %v, want it to say %s", err, want)
		}
	}
}

func TestErrorCausesAreReachable(t *testing.T) {
	e := encoder(t, &Options{Cookies: []string{"c"}, Types: types(t, "i:int")})
	for line, want := range map[string]error{"c:a": cookie.ErrBroken, "i:x": ltsv.ErrValue, "x": ltsv.ErrMissingColon} {
		_, err := e.Append(nil, []byte(line))
		var at *ltsv.Error
		if !errors.Is(err, want) || !errors.As(err, &at) {
			t.Errorf("Append(%q): %v, want an *ltsv.Error for %v", line, err, want)
		}
	}
}

func TestManyLabelsAndCookies(t *testing.T) {
	var line, header strings.Builder
	o := &Options{Cookies: []string{"c"}, Types: map[string]ltsv.Type{}}
	want := map[string]any{}
	pairs := map[string]any{}
	for i := range 300 {
		fmt.Fprintf(&line, "l%d:v%d\t", i, i)
		fmt.Fprintf(&header, "n%d=v%d;", i, i)
		want[fmt.Sprint("l", i)] = fmt.Sprint("v", i)
		pairs[fmt.Sprint("n", i)] = fmt.Sprint("v", i)
		o.Types[fmt.Sprint("l", i)] = ltsv.Type{}
	}
	want["c"] = pairs
	fmt.Fprintf(&line, "c:%s n1=again", header.String())
	got, err := encoder(t, o).Append(nil, []byte(line.String()))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(got, &m); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(m) != fmt.Sprint(want) {
		t.Errorf("Append = %s", got)
	}
}

func TestEncoderIsShared(t *testing.T) {
	e := encoder(t, accessLog(t))
	odd := append([]byte("\tduplicate:1\tduplicate:2\t"), sample...) // left to the parser
	want, err := e.Append(nil, sample)
	if err != nil {
		t.Fatal(err)
	}
	var g errgroup.Group
	for range 4 {
		g.Go(func() error {
			for range 200 {
				if got, err := e.Append(nil, sample); err != nil || !bytes.Equal(got, want) {
					return fmt.Errorf("Append = %s, %w", got, err)
				}
				if _, err := e.Append(nil, odd); !errors.Is(err, ltsv.ErrMissingColon) {
					return fmt.Errorf("Append of a bad record: %w", err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

func TestLongLine(t *testing.T) {
	long := strings.Repeat("水", 1<<18) + strings.Repeat("x", 1<<18)
	got, err := encoder(t, nil).Append(nil, []byte("a:1\tb:"+long))
	if want := `{"a":"1","b":"` + long + `"}`; err != nil || string(got) != want {
		t.Errorf("a line of 1 MiB: %d bytes, %v, want %d", len(got), err, len(want))
	}
	_, err = encoder(t, &Options{Parse: ltsv.Options{MaxBytes: 1 << 20}}).Append(nil, []byte("b:"+long+long))
	if !errors.Is(err, ltsv.ErrTooLong) {
		t.Errorf("a line over the bound: %v, want %v", err, ltsv.ErrTooLong)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	for name, line := range map[string][]byte{
		"access log":     sample,
		"unnamed labels": []byte("upstream:-\tregion:\ttrace:a\\b\tcity:水戸\tnode:web-1"),
	} {
		e := encoder(t, accessLog(t))
		dst := make([]byte, 0, 1024)
		n := testing.AllocsPerRun(100, func() {
			if _, err := e.Append(dst, line); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%s: Append allocates %v times, want 0", name, n)
		}
	}
}

// TestNamedLabelsObeyTheGrammar names labels that are none: that must not make
// the parser's judgement of them another one.
func TestNamedLabelsObeyTheGrammar(t *testing.T) {
	o := Options{Types: types(t, "x y:int", " a:int"), Keep: []string{"x y", " a", "a"}}
	if got, err := encoder(t, &o).Append(nil, []byte("x y:1")); !errors.Is(err, ltsv.ErrLabel) {
		t.Errorf("strict: %s, %v, want %v", got, err, ltsv.ErrLabel)
	}
	o.Parse.Lenient = true
	got, err := encoder(t, &o).Append(nil, []byte("x y:1\t a:2"))
	if want := `{"x y":1,"a":"2"}`; err != nil || string(got) != want {
		t.Errorf("lenient: %s, %v, want %s: blanks around a label are trimmed", got, err, want)
	}
}

func FuzzAppendFastAndParsedAgree(f *testing.F) {
	f.Add(sample, uint8(0))
	f.Add([]byte("a:1\tcookie:a=%22; b\tstatus:x\ttime:-"), uint8(255))
	f.Add([]byte("a:\"\xff\\\t名:2\ta:3\r\n"), uint8(3))
	f.Fuzz(func(t *testing.T, line []byte, options uint8) {
		o := accessLog(t)
		o.Types["time"] = types(t, "t:time:rfc3339")["t"]
		o.Parse.Lenient = options&1 != 0
		o.RejectInvalidUTF8 = options&2 != 0
		o.OmitNulls = options&4 != 0
		o.BadCookie = Policy(options >> 3 & 3 % 3)
		o.BadValue = Policy(options >> 5 & 3 % 3)
		if options&128 != 0 {
			o.Keep = []string{"time", "cookie", "a"}
		}
		e := encoder(t, o)
		want, wantErr := e.appendParsed(nil, line)
		if fast, ok := e.appendFast(nil, line); ok && (wantErr != nil || !bytes.Equal(fast, want)) {
			t.Fatalf("%q\n  fast %s\nparsed %s, %v", line, fast, want, wantErr)
		}
		got, err := e.Append(nil, line)
		if (err == nil) != (wantErr == nil) || !bytes.Equal(got, want) {
			t.Fatalf("Append(%q) = %s, %v, want %s, %v", line, got, err, want, wantErr)
		}
		if err == nil && !json.Valid(got) {
			t.Errorf("Append(%q) is not JSON: %s", line, got)
		}
		for _, before := range [][]byte{line, sample, []byte("a:1\tcookie:b=2\tstatus:3")} {
			w := NewWriter(e)
			_, _ = w.Record(before)
			got, err := w.Record(line)
			if (err == nil) != (wantErr == nil) || !bytes.Equal(got, want) {
				t.Fatalf("after %q Record(%q) = %s, %v, want %s, %v", before, line, got, err, want, wantErr)
			}
		}
	})
}

func FuzzStringsAgreeWithEncodingJSON(f *testing.F) {
	f.Add([]byte("a\"\\\xff\u2028水\x01"))
	f.Fuzz(func(t *testing.T, value []byte) {
		if bytes.ContainsAny(value, "\t\n\r\x00") || string(value) == "-" {
			return
		}
		got, err := encoder(t, nil).Append(nil, append([]byte("a:"), value...))
		if err != nil {
			t.Fatal(err)
		}
		var b, want map[string]string
		std, err := json.Marshal(map[string]string{"a": string(value)})
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(got, &b); err != nil {
			t.Fatalf("%s: %v", got, err)
		}
		if err := json.Unmarshal(std, &want); err != nil || b["a"] != want["a"] {
			t.Errorf("Append(a:%q) reads back as %q, want %q", value, b["a"], want["a"])
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	e := encoder(b, accessLog(b))
	var dst []byte
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = e.Append(dst[:0], sample); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRecord is a writer whose lines have the same labels.
func BenchmarkRecord(b *testing.B) {
	w := NewWriter(encoder(b, accessLog(b)))
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Record(sample); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendParsed(b *testing.B) {
	e := encoder(b, accessLog(b))
	var dst []byte
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = e.appendParsed(dst[:0], sample); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEncodingJSON is the plain way: a map and the standard library.
func BenchmarkEncodingJSON(b *testing.B) {
	p := ltsv.NewParser(nil)
	var r ltsv.Record
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Parse(&r, sample); err != nil {
			b.Fatal(err)
		}
		m := make(map[string]any, r.Len())
		for label, value := range r.Fields() {
			m[string(label)] = string(value)
		}
		if _, err := json.Marshal(m); err != nil {
			b.Fatal(err)
		}
	}
}
