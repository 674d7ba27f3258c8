package ltsv

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTypeReadsValues(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := []struct {
		typ, value string
		want       any // nil for null, or an error
	}{
		{"string", "x", "x"}, {"string", "", ""}, {"string", "-", "-"},
		{"int", "200", int64(200)}, {"int", "-5", int64(-5)}, {"int", "+5", int64(5)}, {"int", "007", int64(7)},
		{"int", "", nil}, {"int", "-", ErrValue}, {"int", "1e5", ErrValue}, {"int", "0x1f", ErrValue},
		{"int", "1_000", ErrValue}, {"int", " 1", ErrValue}, {"int", "1.0", ErrValue}, {"int", "+-1", ErrValue},
		{"int", "9007199254740993", int64(9007199254740993)},
		{"int", "9223372036854775807", int64(9223372036854775807)},
		{"int", "-9223372036854775808", int64(-9223372036854775808)},
		{"int", "9223372036854775808", ErrValue},
		{"int", "00000000000000000000000000001", int64(1)},
		{"float", "0.042", 0.042}, {"float", "1e5", 1e5}, {"float", "-.5", -0.5}, {"float", "5.", 5.0},
		{"float", "+1", 1.0}, {"float", "", nil}, {"float", "NaN", ErrValue}, {"float", "Inf", ErrValue},
		{"float", "0x1p4", ErrValue}, {"float", "1e999", ErrValue}, {"float", "1,5", ErrValue}, {"float", "-", ErrValue},
		{"bool", "true", true}, {"bool", "0", false}, {"bool", "F", false}, {"bool", "yes", ErrValue}, {"bool", "", nil},
		{"time:apache", "[10/Oct/2000:13:55:36 -0700]", at("2000-10-10T20:55:36Z")},
		{"time:apache", "10/Oct/2000:13:55:36 +0930", at("2000-10-10T04:25:36Z")},
		{"time:apache", "[29/Feb/2024:00:00:00 +0000]", at("2024-02-29T00:00:00Z")},
		{"time:apache", "[29/Feb/2023:00:00:00 +0000]", ErrValue},
		{"time:apache", "[31/Feb/2000:23:59:60 +0000]", ErrValue},
		{"time:apache", "[31/Dec/2016:23:59:60 +0000]", at("2017-01-01T00:00:00Z")},
		{"time:apache", "[10/anF/2000:13:55:36 -0700]", ErrValue},
		{"time:apache", "[10/Oct/2000:13:55:36 +2400]", ErrValue},
		{"time:apache", "[10/Oct/2000:24:55:36 -0700]", ErrValue},
		{"time:apache", "[10/Oct/2000:13:55:36 -0700", ErrValue},
		{"time:apache", "-", ErrValue}, {"time:apache", "", nil},
		{"time:rfc3339", "2026-01-15T09:30:12.345+09:00", at("2026-01-15T00:30:12.345Z")},
		{"time:rfc3339", "2026-01-15 09:30:12", ErrValue},
		{"time:unix", "1000000000", at("2001-09-09T01:46:40Z")},
		{"time:unix", "1000000000.25", at("2001-09-09T01:46:40.25Z")},
		{"time:unix", "-1.5", at("1969-12-31T23:59:58.5Z")},
		{"time:unix", "9223372036854775807", ErrValue}, {"time:unix", "-9223372036854775807.5", ErrValue},
		{"time:unix", "1.", ErrValue}, {"time:unix", "1.x", ErrValue}, {"time:unix", ".5", ErrValue},
		{"time:unixmillis", "1000000000250", at("2001-09-09T01:46:40.25Z")},
		{"time:unixmillis", "1.5", ErrValue},
		{"time", "[28/Nov/2026:19:33:03 +0900]", at("2026-11-28T10:33:03Z")}, // Apache's %t
		{"time", "28/Nov/2026:19:33:03 +0900", at("2026-11-28T10:33:03Z")},   // nginx's $time_local
		{"time", "2026-11-28T19:33:03+09:00", at("2026-11-28T10:33:03Z")},    // nginx's $time_iso8601
		{"time", "2026-11-28T10:33:03.123Z", at("2026-11-28T10:33:03.123Z")},
		{"time", "2026-11-28T19:33:03+0900", at("2026-11-28T10:33:03Z")}, // strftime's %z
		{"time", "1795861983.123", at("2026-11-28T10:33:03.123Z")},       // nginx's $msec
		{"time", "1795861983", at("2026-11-28T10:33:03Z")},               // 10 digits are seconds
		{"time", "1795861983123", at("2026-11-28T10:33:03.123Z")},        // 13 digits are milliseconds
		{"time", "1795861983123456", at("2026-11-28T10:33:03.123456Z")},  // 16 digits are microseconds
		{"time", "1000000000", at("2001-09-09T01:46:40Z")}, {"time", "9999999999", at("2286-11-20T17:46:39Z")},
		{"time", "1000000000000", at("2001-09-09T01:46:40Z")}, {"time", "1000000000000000", at("2001-09-09T01:46:40Z")},
		{"time", "20261128", ErrValue}, {"time", "202611281933", ErrValue}, {"time", "20261128193303", ErrValue}, // dates
		{"time", "2026", ErrValue}, {"time", "0", ErrValue}, {"time", "0.5", ErrValue}, {"time", "99999999999", ErrValue},
		{"time", "1795861983123.5", ErrValue}, {"time", "-1795861983", ErrValue}, {"time", "+1795861983", ErrValue},
		{"time", "1795861983.", ErrValue}, {"time", "1795861983.1x", ErrValue}, {"time", "1795861983,123", ErrValue},
		{"time", "1.795861983e9", ErrValue}, {"time", "2026-11-28", ErrValue}, {"time", "2026-11-28 19:33:03", ErrValue},
		{"time", "[28/Nov/2026:19:33:03 +0900", ErrValue}, {"time", "28/Nov/2026:19:33:03", ErrValue},
		{"time", "[1795861983]", ErrValue}, {"time", "-", ErrValue}, {"time", "", nil}, {"time", "now", ErrValue},
		{"time:2006/01/02 15:04", "2026/01/15 09:30", at("2026-01-15T09:30:00Z")},
		{"time:2006/01/02 15:04", "2026-01-15 09:30", ErrValue},
		{"time:Jan 02 15:04 MST 2006", "Jan 05 12:00 EST 2026", at("2026-01-05T17:00:00Z")},
		{"time:Jan 02 15:04 MST 2006", "Jan 05 12:00 JST 2026", at("2026-01-05T03:00:00Z")},
		{"time:Jan 02 15:04 MST 2006", "Jan 05 12:00 XYZ 2026", ErrValue},
	}
	for _, tt := range tests {
		typ, err := ParseType(tt.typ)
		if err != nil {
			t.Fatal(err)
		}
		if got := typ.String(); got != tt.typ {
			t.Errorf("ParseType(%q).String() = %q", tt.typ, got)
		}
		got, err := typ.Value([]byte(tt.value))
		if cause, ok := tt.want.(error); ok {
			if !errors.Is(err, cause) {
				t.Errorf("%s of %q = %v, %v, want %v", tt.typ, tt.value, got, err, cause)
			}
			continue
		}
		if want, ok := tt.want.(time.Time); ok {
			if at, ok := got.(time.Time); err != nil || !ok || !at.Equal(want) {
				t.Errorf("%s of %q = %v, %v, want %v", tt.typ, tt.value, got, err, want)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%s of %q = %v, %v, want %v", tt.typ, tt.value, got, err, tt.want)
		}
	}
}

func TestParseTypesRefusesWhatIsNoType(t *testing.T) {
	for _, bad := range []string{"", "integer", "time:", "int:x", "time:nothing"} {
		if _, err := ParseType(bad); err == nil {
			t.Errorf("ParseType(%q) has no error", bad)
		}
	}
	for _, bad := range [][]string{{"status"}, {":int"}, {"a:int", "a:float"}} {
		if _, err := ParseTypes(bad); err == nil {
			t.Errorf("ParseTypes(%q) has no error", bad)
		}
	}
	got, err := ParseTypes([]string{"status:int", "time:time:2006-01-02 15:04:05"})
	if err != nil || got["status"].Kind() != Int || got["time"].String() != "time:2006-01-02 15:04:05" {
		t.Errorf("ParseTypes = %v, %v", got, err)
	}
}

func FuzzApacheTimeAgreesWithTheStandardLibrary(f *testing.F) {
	f.Add("[10/Oct/2000:13:55:36 -0700]")
	f.Add("[31/Apr/2015:23:59:60 +0000]")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseApache([]byte(s))
		if err != nil || strings.Contains(s, ":60 ") {
			return // the standard library reads one-digit hours too, and no leap second
		}
		layout := "02/Jan/2006:15:04:05 -0700"
		if s[0] == '[' {
			layout = "[" + layout + "]"
		}
		if want, err := time.Parse(layout, s); err != nil || !got.Equal(want) {
			t.Errorf("parseApache(%q) = %v, want %v, %v", s, got, want, err)
		}
	})
}

// TestZoneNamesDoNotDependOnTheMachine reads names of zones on machines in New
// York and in UTC.
func TestZoneNamesDoNotDependOnTheMachine(t *testing.T) {
	typed, err := ParseType("time:Mon Jan 02 15:04:05 MST 2006")
	if err != nil {
		t.Fatal(err)
	}
	local := time.Local
	defer func() { time.Local = local }()
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, time.Local = range []*time.Location{time.UTC, newYork} {
		got, err := typed.ParseTime([]byte("Mon Jan 05 12:00:00 EST 2026"))
		if want := int64(1767632400000); err != nil || got.UnixMilli() != want {
			t.Errorf("in %v: %v, %v, want %d ms", time.Local, got, err, want)
		}
		if got, err := typed.ParseTime([]byte("Mon Jan 05 12:00:00 XYZ 2026")); !errors.Is(err, ErrValue) {
			t.Errorf("in %v: unknown zone: %v, %v, want %v", time.Local, got, err, ErrValue)
		}
	}
}

func TestSecondsBefore1970KeepTheirFraction(t *testing.T) {
	typed, err := ParseType("time:unix")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"-1.5", "-0.25", "-2", "0", "0.000000001", "-86400.999999999"} {
		at, err := typed.ParseTime([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(typed.AppendTime(nil, at)); got != text {
			t.Errorf("%s is written as %s", text, got)
		}
	}
}

func TestTimesAreWrittenAsTheyAreRead(t *testing.T) {
	for typ, text := range map[string]string{
		"time:apache": "[10/Oct/2000:20:55:36 +0000]", "time:rfc3339": "2026-01-15T09:30:12.345Z",
		"time": "2026-01-15T09:30:12.345+09:00", "time:unix": "1000000000.25", "time:unixmillis": "-250",
		"time:2006/01/02 15:04": "2026/01/15 09:30",
	} {
		typed, err := ParseType(typ)
		if err != nil {
			t.Fatal(err)
		}
		at, err := typed.ParseTime([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(typed.AppendTime(nil, at)); got != text {
			t.Errorf("%s of %v = %s, want %s", typ, at, got, text)
		}
	}
}
