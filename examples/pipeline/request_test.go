package pipeline_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// request is a line of the log in a form in which the same request is equal wherever
// it was read. A missing field is empty.
type request struct {
	Time                    string // RFC 3339 in UTC
	VHost, Host, Method     string
	URI, Status, Size       string
	ReqTime, Referer, Agent string
	Cookie                  string // name=value, in the order of names; not in Hive
}

// withoutCookie is the part that is analysed.
func (r request) withoutCookie() request {
	r.Cookie = ""
	return r
}

// tally counts equal requests.
type tally map[request]int

// ofLine reads a line independently of the code under test.
func ofLine(line string) (request, error) {
	labels := map[string]string{}
	for field := range strings.SplitSeq(line, "\t") {
		label, value, ok := strings.Cut(field, ":")
		if !ok {
			return request{}, fmt.Errorf("no label in %q", field)
		}
		if value != "-" {
			labels[label] = value
		}
	}
	at, err := instant("[02/Jan/2006:15:04:05 -0700]", labels["time"])
	if err != nil {
		return request{}, err
	}
	cookies := map[string]any{}
	for pair := range strings.SplitSeq(labels["cookie"], "; ") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			text, err := url.PathUnescape(value)
			if err != nil {
				name, text = "_raw", labels["cookie"]
			}
			cookies[name] = text
		}
	}
	return request{
		Time: at, VHost: labels["vhost"], Host: labels["host"], Method: labels["method"],
		URI: labels["uri"], Status: labels["status"], Size: labels["size"], ReqTime: number(labels["reqtime"]),
		Referer: labels["referer"], Agent: labels["ua"], Cookie: pairs(cookies),
	}, nil
}

// instant returns the same text for equal times.
func instant(layout, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	at, err := time.Parse(layout, text)
	return at.UTC().Format(time.RFC3339), err
}

// pairs writes cookies in the order of names.
func pairs(cookies map[string]any) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(cookies)) {
		out = append(out, fmt.Sprintf("%s=%v", name, cookies[name]))
	}
	return strings.Join(out, "; ")
}

// number returns the same text for equal numbers.
func number(text string) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// ofJSON reads a document.
func ofJSON(text []byte) (request, error) {
	var doc struct {
		Time, VHost, Host, Method, URI, Referer, UA string
		Status, Size, ReqTime                       json.Number
		Cookie                                      map[string]any
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return request{}, err
	}
	at, err := instant(time.RFC3339, doc.Time)
	return request{
		Time: at, VHost: doc.VHost, Host: doc.Host, Method: doc.Method,
		URI: doc.URI, Status: doc.Status.String(), Size: doc.Size.String(), ReqTime: number(doc.ReqTime.String()),
		Referer: doc.Referer, Agent: doc.UA, Cookie: pairs(doc.Cookie),
	}, err
}

// hiveColumns are the columns of a row, in the order in which ofRow wants them.
var hiveColumns = []string{"time", "vhost", "host", "method", "uri", "status", "size", "reqtime", "referer", "ua"}

// ofRow reads a row of Hive; dt and hour are those of its partition.
func ofRow(fields []string, dt, hour string) (request, error) {
	at, err := time.Parse("2006-01-02 15:04:05", fields[0])
	if err != nil {
		return request{}, err
	}
	if got, want := dt+" "+hour, at.Format("2006-01-02 15"); got != want {
		return request{}, fmt.Errorf("time %s is in partition %s, want %s", fields[0], got, want)
	}
	return request{
		Time: at.Format(time.RFC3339), VHost: fields[1], Host: fields[2], Method: fields[3], URI: fields[4],
		Status: fields[5], Size: fields[6], ReqTime: number(fields[7]), Referer: fields[8], Agent: fields[9],
	}, nil
}

// differences describes which requests are missing from got and which are too many,
// at most ten of them.
func (want tally) differences(got tally) string {
	var out []string
	missing, extra := 0, 0
	note := func(n *int, what string, by int, r request) {
		if *n += by; len(out) < 10 {
			out = append(out, fmt.Sprintf("%d %s: %+v", by, what, r))
		}
	}
	for r, n := range want {
		if got[r] < n {
			note(&missing, "missing", n-got[r], r)
		}
	}
	for r, n := range got {
		if n > want[r] {
			note(&extra, "too many", n-want[r], r)
		}
	}
	if missing+extra == 0 {
		return ""
	}
	return fmt.Sprintf("%d missing, %d too many\n  %s", missing, extra, strings.Join(out, "\n  "))
}

// The same request, as it stands in the log, in a document and in a row.
const (
	asLine = "time:[01/Nov/2026:08:30:00 +0900]\thost:198.51.100.7\tident:-\tuser:-\treq:GET /a?n=1 HTTP/1.1\tmethod:GET\t" +
		"uri:/a?n=1\tstatus:200\tsize:-\treferer:-\tua:curl/8.11.0\tvhost:www.example.com\treqtime:0.120\tcookie:sid=x; q=%E6%B0%B4"
	asDocument = `{"time":"2026-10-31T23:30:00Z","host":"198.51.100.7","method":"GET","uri":"/a?n=1","status":200,"size":null,` +
		`"referer":null,"ua":"curl/8.11.0","vhost":"www.example.com","reqtime":0.120,"cookie":{"q":"水","sid":"x"}}`
	asRow = "2026-10-31 23:30:00|www.example.com|198.51.100.7|GET|/a?n=1|200||0.12||curl/8.11.0"
)

func TestRequestsAreTheSameInEveryForm(t *testing.T) {
	line, err := ofLine(asLine)
	if err != nil {
		t.Fatal(err)
	}
	document, err := ofJSON([]byte(asDocument))
	if err != nil || document != line {
		t.Errorf("document = %+v, %v\nwant     = %+v", document, err, line)
	}
	row, err := ofRow(strings.Split(asRow, "|"), "2026-10-31", "23")
	if err != nil || row != line.withoutCookie() {
		t.Errorf("row  = %+v, %v\nwant = %+v", row, err, line.withoutCookie())
	}
	if _, err := ofRow(strings.Split(asRow, "|"), "2026-10-31", "22"); err == nil {
		t.Error("a row in the partition of another hour is accepted")
	}
	if len(hiveColumns) != strings.Count(asRow, "|")+1 {
		t.Errorf("hiveColumns = %v, want a name for each field of %s", hiveColumns, asRow)
	}
}

// The right number of requests is not enough: they must be the right requests.
func TestDifferencesTellOneLostAndOneDoubled(t *testing.T) {
	a, b, c := request{URI: "/a"}, request{URI: "/b"}, request{URI: "/c"}
	want := tally{a: 1, b: 1, c: 2}
	for _, test := range []struct {
		name string
		got  tally
		want string
	}{
		{"the same", tally{c: 2, b: 1, a: 1}, ""},
		{"one lost", tally{a: 1, c: 2}, "1 missing, 0 too many"},
		{"one of equal ones lost", tally{a: 1, b: 1, c: 1}, "1 missing, 0 too many"},
		{"one doubled", tally{a: 2, b: 1, c: 2}, "0 missing, 1 too many"},
		{"one lost and one doubled", tally{a: 2, c: 2}, "1 missing, 1 too many"},
		{"a stranger", tally{a: 1, b: 1, c: 2, {URI: "/d"}: 1}, "0 missing, 1 too many"},
		{"nothing", nil, "4 missing, 0 too many"},
	} {
		got := want.differences(test.got)
		if test.want == "" && got != "" || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: differences = %q, want %q", test.name, got, test.want)
		}
	}
}
