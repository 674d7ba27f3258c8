package layout

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

var at = time.Date(2015, 5, 7, 10, 5, 3, 123456789, time.UTC)

func TestPatternFormatsAsJodaDoes(t *testing.T) {
	for pattern, want := range map[string]string{
		"'dt='YYYY-MM-dd/'hour='HH":                 "dt=2015-05-07/hour=10",
		"'year'=yyyy/'month'=MM/'day'=dd/'hour'=HH": "year=2015/month=05/day=07/hour=10",
		"y-M-d H.m.s":   "2015-5-7 10.5.3",
		"yy DDD SSS":    "15 127 123",
		"'it''s'=HH":    "its=10",
		"'quote'''=HH":  "quote'=10",
		"'dt'=YYYYMMdd": "dt=20150507",
		"'year='YYYY/'month='MM/'day='dd/'minute='mm/'s='s": "year=2015/month=05/day=07/minute=05/s=3",
	} {
		p, err := ParsePattern(pattern)
		if err != nil {
			t.Errorf("ParsePattern(%q): %v", pattern, err)
			continue
		}
		if got := p.Format(at); got != want {
			t.Errorf("%q formats as %q, want %q", pattern, got, want)
		}
	}
}

func TestPatternRefuses(t *testing.T) {
	for pattern, want := range map[string]string{
		"'dt=YYYY":      "a quote is not closed",
		"dt=YYYY":       `"t" is not supported`,
		"'m'=MMM":       `"MMM" is not supported`,
		"'x'=HH//'y'=m": `the name "" is not allowed`,
		"'..'":          `the name ".." is not allowed`,
		"'at='HH:mm":    `the name "at=00:00" is not allowed`,
		"'+tmp'/HH":     `begins with +`,
		"":              `the name "" is not allowed`,
	} {
		if _, err := ParsePattern(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePattern(%q) = %v, want %q", pattern, err, want)
		}
	}
}

func FuzzParsePattern(f *testing.F) {
	f.Add("'dt='YYYY-MM-dd/'hour='HH")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePattern(text)
		if err != nil {
			return
		}
		first := p.Format(at)
		if again := p.Format(at); first != again || strings.HasPrefix(first, "/") {
			t.Errorf("%q formats as %q, then as %q", text, first, again)
		}
	})
}

func TestTimePartitions(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	pattern, err := ParsePattern("'dt='YYYY-MM-dd/'hour='HH")
	if err != nil {
		t.Fatal(err)
	}
	r := &connect.SinkRecord{Record: connect.Record{Timestamp: at}}
	value := map[string]any{"ms": json.Number("1430993103123"), "iso": "2015-05-07T19:05:03+09:00",
		"in": map[string]any{"t": at}, "null": nil, "text": "yesterday", "old": "1066-10-14",
		"micros": at.UnixMicro(), "list": []any{}, "log": "[17/May/2015:10:05:03 +0000]",
		"short offset": "2015-05-07T19:05:03,5+09", "zone name": "2015-05-07T05:05:03 EST"}
	field := func(name string) Time { return Time{Pattern: pattern, Zone: time.UTC, Extractor: FieldTime{name}} }
	for _, c := range []struct {
		p    Time
		want string
		err  string
	}{
		{Time{Pattern: pattern, Zone: time.UTC, Extractor: RecordTime{}}, "dt=2015-05-07/hour=10", ""},
		{Time{Pattern: pattern, Zone: tokyo, Extractor: RecordTime{}}, "dt=2015-05-07/hour=19", ""},
		{Time{Pattern: pattern, Zone: tokyo, Duration: 24 * time.Hour, Extractor: RecordTime{}},
			"dt=2015-05-07/hour=00", ""},
		{Time{Pattern: pattern, Zone: time.UTC, Duration: 6 * time.Hour, Extractor: RecordTime{}},
			"dt=2015-05-07/hour=06", ""},
		{Time{Pattern: pattern, Zone: time.UTC, Duration: 7 * 24 * time.Hour, Extractor: RecordTime{}},
			"dt=2015-05-07/hour=00", ""}, // weeks begin on a Thursday, as in 1970
		{Time{Pattern: pattern, Zone: time.UTC, Duration: 7 * 24 * time.Hour, Extractor: FieldTime{"old"}},
			"dt=1066-10-11/hour=00", ""},
		{field("ms"), "dt=2015-05-07/hour=10", ""},
		{field("iso"), "dt=2015-05-07/hour=10", ""},
		{field("in.t"), "dt=2015-05-07/hour=10", ""},
		{field("null"), "", `field "null": the time is null`},
		{field("none"), "", `no field "none"`},
		{field("text"), "", "want ISO 8601"},
		{field("log"), "", "want ISO 8601"},
		{field("micros"), "", "some other unit"},
		{field("short offset"), "dt=2015-05-07/hour=10", ""},
		{field("zone name"), "", "want ISO 8601"},
		{field("list"), "", "a list is not a time"},
	} {
		got, err := c.p.Dir(r, value)
		if got != c.want || (c.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%+v: got %q, %v, want %q, %q", c.p.Extractor, got, err, c.want, c.err)
		}
	}
}

func TestFieldPartitionsAreEscapedAsHiveDoes(t *testing.T) {
	p := Fields{Names: []string{"host", "status", "user"}}
	dir, err := p.Dir(&connect.SinkRecord{}, map[string]any{"host": "a/b=c:é", "status": int32(200),
		"user": nil})
	if want := "host=a%2Fb%3Dc%3Aé/status=200/user=" + NullValue; dir != want || err != nil {
		t.Errorf("Dir = %q, %v, want %q", dir, err, want)
	}
	names, values, ok := Split(dir)
	want := []string{"a/b=c:é", "200", NullValue}
	if !ok || !slices.Equal(values, want) || !slices.Equal(names, p.Names) {
		t.Errorf("Split = %q, %q, want %q, %q", names, values, p.Names, want)
	}
	for _, bad := range []any{[]any{}, strings.Repeat("a", 251), strings.Repeat(":", 84), "a\xff"} {
		value := map[string]any{"host": bad, "status": int32(200), "user": nil}
		dir, err := p.Dir(&connect.SinkRecord{}, value)
		if err == nil || !strings.Contains(err.Error(), `field "host"`) {
			t.Errorf("%q names the directory %q, %v", bad, dir, err)
		}
	}
	if _, err := p.Dir(&connect.SinkRecord{}, map[string]any{"host": strings.Repeat("a", 250),
		"status": int32(200), "user": nil}); err != nil {
		t.Errorf("a name of 255 bytes: %v", err)
	}
}

func TestKeys(t *testing.T) {
	p, _ := ParsePattern("'dt='YYYY/'hour'=HH")
	if got, ok := p.Keys(); !ok || !slices.Equal(got, []string{"dt", "hour"}) {
		t.Errorf("Keys = %v, %v", got, ok)
	}
	p, _ = ParsePattern("YYYY/MM")
	if _, ok := p.Keys(); ok {
		t.Error("directories without names have keys")
	}
}

// TestZonesDoNotDependOnTheMachine: a zone that the machine gives makes other
// directories on the next one.
func TestZonesDoNotDependOnTheMachine(t *testing.T) {
	for name, want := range map[string]string{"UTC": "10:05", "Asia/Tokyo": "19:05", "+09:00": "19:05",
		"-03:30": "06:35"} {
		zone, err := Zone(name)
		if err != nil {
			t.Errorf("Zone(%q): %v", name, err)
			continue
		}
		if got := at.In(zone).Format("15:04"); got != want {
			t.Errorf("in %s it is %s, want %s", name, got, want)
		}
	}
	for _, name := range []string{"", "Local", "PST", "Mars", "+9", "+25:00"} {
		if zone, err := Zone(name); err == nil {
			t.Errorf("Zone(%q) = %v, want an error", name, zone)
		}
	}
}

// TestFieldPartitionsHaveConnectsTextForm: the values are as Java's toString has
// them, whatever Go's fmt does.
func TestFieldPartitionsHaveConnectsTextForm(t *testing.T) {
	schema := &data.Schema{Kind: data.Struct, Fields: []data.Field{
		{Name: "price", Schema: &data.Schema{Kind: data.Bytes, Name: data.DecimalName,
			Parameters: map[string]string{"scale": "2"}}},
		{Name: "ratio", Schema: &data.Schema{Kind: data.Float64}},
		{Name: "at", Schema: &data.Schema{Kind: data.Int64, Name: data.TimestampName}}}}
	r := &connect.SinkRecord{}
	value := map[string]any{"price": big.NewRat(39, 25), "ratio": 1e7, "at": at.Truncate(time.Millisecond)}
	r.Value = connect.Decoded(schema, value)
	got, err := Fields{Names: []string{"price", "ratio", "at"}}.Dir(r, value)
	if want := "price=1.56/ratio=1.0E7/at=2015-05-07T10%3A05%3A03.123Z"; got != want || err != nil {
		t.Errorf("Dir = %q, %v, want %q", got, err, want)
	}
}
