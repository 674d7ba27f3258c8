package ltsv

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/internal/javatime"
)

type timeLayout int

const (
	layoutAny timeLayout = iota // by what the value looks like
	layoutApache
	layoutRFC3339
	layoutUnix
	layoutUnixMillis
	layoutCustom
)

// layoutNames are the names of the layouts in a configuration; any has none.
var layoutNames = [...]string{layoutApache: "apache", layoutRFC3339: "rfc3339",
	layoutUnix: "unix", layoutUnixMillis: "unixmillis"}

// ParseTime reads v by the type's layout. Times without a zone are UTC; the name
// of a zone must be one that Java knows.
func (t Type) ParseTime(v []byte) (time.Time, error) {
	switch t.layout {
	case layoutAny:
		return parseAny(v)
	case layoutApache:
		return parseApache(v)
	case layoutRFC3339:
		return parseRFC3339(v)
	case layoutUnix:
		return parseUnix(v)
	case layoutUnixMillis:
		ms, err := ParseInt(v)
		if err != nil {
			return time.Time{}, valueError("a time", v, "want milliseconds since 1970")
		}
		return time.UnixMilli(ms).UTC(), nil
	default:
		at, err := javatime.ParseLayout(t.custom, string(v))
		if err != nil {
			return time.Time{}, valueError("a time", v, "want "+t.custom)
		}
		return at, nil
	}
}

// parseAny reads what web servers write, by what it looks like; see [ParseType].
func parseAny(v []byte) (time.Time, error) {
	bad := func() (time.Time, error) {
		return time.Time{}, valueError("a time", v, "want [02/Jan/2006:15:04:05 -0700], 2006-01-02T15:04:05-07:00, or "+
			"seconds, milliseconds or microseconds since 1970; for another form set time: and its layout")
	}
	var at time.Time
	var err error
	switch n := leadingDigits(v); {
	case n == len(v) && n > 0, n == secondsDigits && v[n] == '.':
		return parseEpoch(v, n)
	case n == 4:
		at, err = parseRFC3339(withColon(v))
	default:
		at, err = parseApache(v)
	}
	if err != nil {
		return bad()
	}
	return at, nil
}

// The digits that seconds, milliseconds and microseconds since 1970 have from
// September 2001 to November 2286.
const (
	secondsDigits = 10
	millisDigits  = 13
	microsDigits  = 16
)

// parseEpoch reads a number with so many digits before its fraction.
func parseEpoch(v []byte, n int) (time.Time, error) {
	if n == secondsDigits {
		return parseUnix(v)
	}
	i, err := ParseInt(v)
	switch {
	case err == nil && n == millisDigits:
		return time.UnixMilli(i).UTC(), nil
	case err == nil && n == microsDigits:
		return time.UnixMicro(i).UTC(), nil
	}
	return time.Time{}, valueError("a time", v, "a number of 10 digits is seconds since 1970, of 13 milliseconds, of "+
		"16 microseconds; for another one set time:unix, time:unixmillis, or time: and its layout")
}

func leadingDigits(v []byte) int {
	for i, c := range v {
		if c < '0' || c > '9' {
			return i
		}
	}
	return len(v)
}

// withColon returns v with a colon in a zone of four digits, as +0900, which is how
// strftime writes it.
func withColon(v []byte) []byte {
	n := len(v) - 5
	if n < 1 || v[n] != '+' && v[n] != '-' || leadingDigits(v[n+1:]) != 4 {
		return v
	}
	return slices.Concat(v[:n+3], []byte{':'}, v[n+3:])
}

func parseRFC3339(v []byte) (time.Time, error) {
	var at time.Time
	if err := at.UnmarshalText(v); err != nil {
		return time.Time{}, valueError("a time", v, "want 2006-01-02T15:04:05Z07:00")
	}
	return at, nil
}

// parseApache reads the %t of Apache's log formats,
//
//	[10/Oct/2000:13:55:36 -0700]
//	 0  3   7    12 15 18 21
func parseApache(v []byte) (time.Time, error) {
	b := v
	if len(b) == 28 && b[0] == '[' && b[27] == ']' {
		b = b[1:27]
	}
	bad := func() (time.Time, error) {
		return time.Time{}, valueError("a time", v, "want [02/Jan/2006:15:04:05 -0700]")
	}
	if len(b) != 26 || b[2] != '/' || b[6] != '/' || b[11] != ':' || b[14] != ':' || b[17] != ':' || b[20] != ' ' {
		return bad()
	}
	day, ok1 := digits(b[0:2])
	year, ok2 := digits(b[7:11])
	hour, ok3 := digits(b[12:14])
	minute, ok4 := digits(b[15:17])
	second, ok5 := digits(b[18:20])
	zone, ok6 := zoneSeconds(b[21:26])
	month := monthOf(b[3:6])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || month == 0 || day < 1 ||
		hour > 23 || minute > 59 || second > 60 {
		return bad()
	}
	at := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	if at.Day() != day {
		return bad() // 31/Feb rolls over into March
	}
	return at.Add(time.Duration(second-zone) * time.Second), nil
}

// zoneSeconds reads +hhmm or -hhmm, of less than a day.
func zoneSeconds(b []byte) (int, bool) {
	n, ok := digits(b[1:5])
	if !ok || n/100 > 23 || n%100 > 59 || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	s := (n/100*60 + n%100) * 60
	if b[0] == '-' {
		s = -s
	}
	return s, true
}

func digits(b []byte) (n int, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

func monthOf(b []byte) time.Month {
	i := strings.Index(months, borrow(b))
	if i < 0 || i%3 != 0 {
		return 0
	}
	return time.Month(i/3 + 1)
}

// maxSeconds since 1970 are the most whose milliseconds an int64 holds.
const maxSeconds = math.MaxInt64/1000 - 1

// parseUnix reads seconds with up to nine digits of fraction; further ones are
// cut, because a nanosecond is the finest a time holds.
func parseUnix(v []byte) (time.Time, error) {
	whole, frac := v, []byte(nil)
	for i, c := range v {
		if c == '.' {
			whole, frac = v[:i], v[i+1:]
			break
		}
	}
	s, err := ParseInt(whole)
	if err != nil || len(whole) < len(v) && len(frac) == 0 {
		return time.Time{}, valueError("a time", v, "want seconds since 1970")
	}
	if s > maxSeconds || s < -maxSeconds {
		return time.Time{}, valueError("a time", v, "out of range")
	}
	ns := int64(0)
	for i := range 9 {
		ns *= 10
		if i < len(frac) {
			ns += int64(frac[i]) - '0'
		}
	}
	for _, c := range frac {
		if c < '0' || c > '9' {
			return time.Time{}, valueError("a time", v, "want seconds since 1970")
		}
	}
	if whole[0] == '-' {
		ns = -ns
	}
	return time.Unix(s, ns).UTC(), nil
}

// AppendTime appends at as ParseTime reads it. A layout without a zone is
// written in UTC, one with a zone as at has it; seconds lose what is finer than
// the layout holds.
func (t Type) AppendTime(dst []byte, at time.Time) []byte {
	switch t.layout {
	case layoutApache:
		return at.AppendFormat(dst, "[02/Jan/2006:15:04:05 -0700]")
	case layoutRFC3339, layoutAny:
		return at.AppendFormat(dst, time.RFC3339Nano)
	case layoutUnix:
		return appendUnix(dst, at)
	case layoutUnixMillis:
		return strconv.AppendInt(dst, at.UnixMilli(), 10)
	default:
		if !strings.Contains(t.custom, "07") && !strings.Contains(t.custom, "MST") {
			at = at.UTC()
		}
		return at.AppendFormat(dst, t.custom)
	}
}

// appendUnix appends seconds and their fraction, -0.25 a quarter of a second
// before 1970.
func appendUnix(dst []byte, at time.Time) []byte {
	seconds, ns := at.Unix(), at.Nanosecond()
	if seconds < 0 {
		dst = append(dst, '-')
		if seconds = -seconds; ns > 0 {
			seconds, ns = seconds-1, 1_000_000_000-ns
		}
	}
	dst = strconv.AppendInt(dst, seconds, 10)
	if ns == 0 {
		return dst
	}
	return append(dst, strings.TrimRight(fmt.Sprintf(".%09d", ns), "0")...)
}
