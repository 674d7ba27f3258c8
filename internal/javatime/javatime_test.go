package javatime

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func compiled(t testing.TB, pattern string) *Format {
	t.Helper()
	f, err := Compile(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAppend(t *testing.T) {
	at := time.Date(2026, 3, 5, 23, 7, 9, 45e6, time.FixedZone("", 9*3600))
	for pattern, want := range map[string]string{
		"yyyy-MM-dd'T'HH:mm:ss.SSSXXX": "2026-03-05T14:07:09.045Z",
		"dd/MMM/yyyy:HH:mm:ss Z":       "05/Mar/2026:14:07:09 +0000",
		"EEEE d MMMM yy, h:mm a z":     "Thursday 5 March 26, 2:07 PM UTC",
		"yyyyMMddHHmmssSSS":            "20260305140709045",
		"''yyyy''":                     "'2026'",
		"'week'' of' YYYY ww W F u D":  "week' of 2026 10 1 1 4 64",
		"K k kk:m:s S":                 "2 14 14:7:9 45",
		"yyyy年MM月dd日":                  "2026年03月05日",
		"G GGGG y yyy yyyyy MMMMM L":   "AD Anno Domini 2026 2026 02026 March 3",
		"s,SSSSSSSSSSS zzzz":           "9,04500000000 Coordinated Universal Time",
	} {
		if got := string(compiled(t, pattern).Append(nil, at)); got != want {
			t.Errorf("%s writes %s, want %s", pattern, got, want)
		}
	}
}

func TestCompileSaysWhatAPatternMustNotHave(t *testing.T) {
	for pattern, want := range map[string]string{
		"yyyy b": "there is no letter b", "'x": "not closed", "XXXX": "at most three X", "hh:mm T": "there is no letter T",
	} {
		if _, err := Compile(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Compile(%q) = %v, want %q", pattern, err, want)
		}
	}
}

// The instants are those of Java 17.
func TestParse(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          int64
	}{
		{"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2020-01-02T03:04:05.678+09:00", 1577901845678},
		{"yyyy-MM-dd", "2020-1-2 and more", 1577923200000},
		{"yyyy-MM-dd", "2020-02-30", 1583020800000},
		{"yyyyMMddHHmmss", "20200102030405", 1577934245000},
		{"h:mm a", "3:04 pm", 54240000},
		{"HH:mm:ss", "25:00:00", 90000000},
		{"EEE, d MMM yyyy HH:mm:ss z", "Thu, 2 jan 2020 03:04:05 GMT", 1577934245000},
		{"EEE, d MMM yyyy HH:mm:ss z", "Thu, 2 Jan 2020 03:04:05 GMT+09:00", 1577901845000},
		{"yyyy-DDD", "2020-366", 1609372800000},
		{"YYYY-'W'ww", "2020-W01", 1577577600000},
		{"d.M.yyyy", "02.01.2020", 1577923200000},
		{"kk:mm", "24:10", 600000},
		{"dd/MMM/yyyy:HH:mm:ss Z", "02/JANUARY/2020:03:04:05 -0030", 1577936045000},
		{"yyyy年MM月dd日", "2020年01月02日", 1577923200000},
		{"yyyy F EEE", "2020 2 Fri", 1578614400000},
	} {
		got, err := compiled(t, tt.pattern).Parse(tt.text)
		if err != nil || got.UnixMilli() != tt.want {
			t.Errorf("%s reads %s as %d, %v, want %d", tt.pattern, tt.text, got.UnixMilli(), err, tt.want)
		}
	}
	for pattern, text := range map[string]string{
		"yyyy-MM-dd": "2020/01/02", "HH:mm": "x", "MMM": "Foo", "z": "XYZ", "Z": "+9", "X": "09", "a": "noon", "E": "",
		"yyyyMM": "2020", "G": "AX", "XXX": "+0900", "dd z": "1 GMT+9",
	} {
		if got, err := compiled(t, pattern).Parse(text); err == nil {
			t.Errorf("%s reads %q as %v, want an error", pattern, text, got)
		}
	}
}

// Years of more than four digits are years, before and after those that nanoseconds
// reach (1677 to 2262), and what no number of milliseconds is for is an error.
func TestTimesFarFromToday(t *testing.T) {
	for text, want := range map[string]int64{
		"2263-01-01 0": 9246182400000, "1600-01-01 0": -11676096000000, "0001-01-01 0": -62135596800000,
		"10000-01-01 0": 253402300800000, "292278994-08-17 7": 9223372036854000000,
		"1970-01-01 2147483647": 7730941129200000, "1970-01-01 -2147483647": -7730941129200000,
	} {
		got, err := compiled(t, "yyyy-MM-dd HH").Parse(text)
		if err != nil || got.Unix() != want/1000 {
			t.Errorf("%s is %d, %v, want %d", text, got.Unix(), err, want/1000)
		}
	}
	for _, text := range []string{"292278995-01-01 0", "2147483647-12-31 23", "-2147483648-01-01 0"} {
		if got, err := compiled(t, "yyyy-MM-dd HH").Parse(text); err == nil {
			t.Errorf("%s is %v, want an error", text, got)
		}
	}
}

func TestTwoDigitsOfAYearAreWithinEightyYearsBackAndTwentyAhead(t *testing.T) {
	f := compiled(t, "MM/dd/yy")
	f.century = time.Date(1946, 6, 18, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]int{"06/17/46": 2046, "06/18/46": 1946, "01/02/45": 2045, "01/02/47": 1947, "01/02/00": 2000} {
		if got, err := f.Parse(text); err != nil || got.Year() != want {
			t.Errorf("%s is of %d, %v, want %d", text, got.Year(), err, want)
		}
	}
}

func TestFractionsAreOfASecond(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          time.Duration
	}{
		{"ss.SSSSSS", "05.123456", 5123456 * time.Microsecond},
		{"ss.SSS", "05.6", 5600 * time.Millisecond},
		{"ss,S", "05,123", 5123 * time.Millisecond},
		{"ssSSS", "05678", 5678 * time.Millisecond},
	} {
		got, err := compiled(t, tt.pattern).Parse(tt.text)
		if want := time.Unix(0, 0).Add(tt.want); err != nil || !got.Equal(want) {
			t.Errorf("%s reads %s as %v, %v, want %v", tt.pattern, tt.text, got, err, want.UTC())
		}
	}
}

// zoned is a time whose zone only a list of names can tell.
const zoned = "Mon Jan 05 12:00:00 EST 2026"

// TestZoneNamesAreJavas runs itself where the machine's zone knows EST, and where
// it does not.
func TestZoneNamesAreJavas(t *testing.T) {
	for name, want := range map[string]int64{
		"EST": 1767632400000, "PST": 1767643200000, "PDT": 1767639600000, "JST": 1767582000000, "CET": 1767610800000,
		"CEST": 1767607200000, "UTC": 1767614400000, "GMT": 1767614400000, "GMT+9:00": 1767582000000,
		"Japan Standard Time": 1767582000000, "eastern standard time": 1767632400000, "IST": 1767607200000,
	} {
		text := strings.Replace(zoned, "EST", name, 1)
		got, err := compiled(t, "EEE MMM dd HH:mm:ss zzz yyyy").Parse(text)
		if err != nil || got.UnixMilli() != want {
			t.Errorf("%s is %d, %v, want %d", text, got.UnixMilli(), err, want)
		}
		if strings.ContainsAny(name, " +") || name == "eastern standard time" {
			continue
		}
		got, err = ParseLayout("Mon Jan 02 15:04:05 MST 2006", text)
		if err != nil || got.UnixMilli() != want {
			t.Errorf("ParseLayout(%s) = %d, %v, want %d", text, got.UnixMilli(), err, want)
		}
	}
	if os.Getenv("TZ") != "" {
		return
	}
	for _, tz := range []string{"America/New_York", "Asia/Tokyo"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestZoneNamesAreJavas$")
		cmd.Env = append(os.Environ(), "TZ="+tz)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("with TZ=%s: %v\n%s", tz, err, out)
		}
	}
}

func TestUnknownZoneNamesAreErrors(t *testing.T) {
	text := strings.Replace(zoned, "EST", "XYZ", 1)
	if got, err := ParseLayout("Mon Jan 02 15:04:05 MST 2006", text); err == nil || !strings.Contains(err.Error(), "XYZ") {
		t.Errorf("ParseLayout(%s) = %v, %v, want an error that names the zone", text, got, err)
	}
	_, err := compiled(t, "EEE MMM dd HH:mm:ss zzz yyyy").Parse(text)
	if err == nil || !strings.Contains(err.Error(), "a zone that Java knows") {
		t.Errorf("Parse(%s) = %v, want an error about the zone", text, err)
	}
}

func TestParseLayoutKeepsOffsets(t *testing.T) {
	for layout, text := range map[string]string{
		"2006-01-02 15:04 -0700": "2026-01-05 12:00 +0900", "2006-01-02 15:04 MST -0700": "2026-01-05 12:00 XYZ +0900",
	} {
		got, err := ParseLayout(layout, text)
		if err != nil || got.UnixMilli() != 1767582000000 {
			t.Errorf("ParseLayout(%s) = %v, %v, want 03:00 UTC", text, got, err)
		}
	}
}

// FuzzParse reads what was written; anything else must not panic.
func FuzzParse(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2020-01-02T03:04:05.678+0000", int64(1577934245678))
	f.Add("YYYY ww u, F W D K k h a G zzzz XXX", "x", int64(-1))
	full := compiled(f, "G yyyy-MM-dd HH:mm:ss.SSS XXX")
	f.Fuzz(func(t *testing.T, pattern, text string, ms int64) {
		if format, err := Compile(pattern); err == nil {
			_, _ = format.Parse(text)
			_, _ = format.Parse(string(format.Append(nil, time.UnixMilli(ms))))
		}
		at := time.UnixMilli(ms % 200_000_000_000_000)
		written := string(full.Append(nil, at))
		if got, err := full.Parse(written); err != nil || !got.Equal(at) {
			t.Errorf("%s is read as %v, %v, want %v", written, got, err, at.UTC())
		}
	})
}

func BenchmarkParse(b *testing.B) {
	f := compiled(b, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Parse("2020-01-02T03:04:05.678+09:00"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	f := compiled(b, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX")
	at := time.UnixMilli(1577934245678)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = f.Append(dst[:0], at)
	}
}
