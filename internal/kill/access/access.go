// Package access makes the lines of a web server's access log, in LTSV or JSON.
// Each follows from a seed and its number alone, so a check that knows both knows what
// was in a topic and what its processing must give.
package access

import (
	"encoding/binary"
	"strconv"
	"time"
)

// Log describes the lines 0 to Records-1.
type Log struct {
	// Seed decides everything that looks random.
	Seed uint64
	// Records is how many lines there are.
	Records int64
	// Start is the time of the first line. Default: [Start].
	Start time.Time
	// Span is the event time from the first to the last line. Default: an hour.
	Span time.Duration
	// Servers is how many virtual hosts answer. Default: 10.
	Servers int
	// Users is how many users there are, each with a key of its own. Default: 1 << 20.
	Users int
}

// Start is the default time of the first line.
var Start = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// WithDefaults returns the log with its zero fields set.
func (l Log) WithDefaults() Log {
	if l.Start.IsZero() {
		l.Start = Start
	}
	if l.Span == 0 {
		l.Span = time.Hour
	}
	if l.Servers == 0 {
		l.Servers = 10
	}
	if l.Users == 0 {
		l.Users = 1 << 20
	}
	return l
}

// Request is one line of the log, in parts.
type Request struct {
	// ID is its number in the log, from 0.
	ID int64
	// Time is when it came, to the second.
	Time time.Time
	// VHost is the server that answered.
	VHost string
	// Status is the HTTP status.
	Status int
	// Size is the size of the answer in bytes.
	Size int
	// Micros is the response time in microseconds.
	Micros int
	method string
	uri    int
	user   uint32
	agent  int
}

// Request returns the request with number id. The log has its defaults set.
func (l Log) Request(id int64) Request {
	r := source(l.Seed ^ uint64(id)*0x9e3779b97f4a7c15)
	at := l.Start.Add(time.Duration(float64(l.Span) * float64(id) / float64(max(l.Records, 1))))
	return Request{
		ID: id, Time: at.Truncate(time.Millisecond),
		// The sum of two dice: some servers are busier than others.
		VHost:  "www" + strconv.Itoa((r.below(l.Servers)+r.below(l.Servers))/2) + ".example.com",
		Status: statuses[r.below(len(statuses))], Size: r.below(60_000), Micros: 200 + r.below(1000)*r.below(1000),
		method: methods[r.below(len(methods))], uri: r.below(5000), user: uint32(r.below(l.Users)),
		agent: r.below(len(agents)),
	}
}

// AppendLTSV appends the line, without its end.
func (q Request) AppendLTSV(dst []byte) []byte {
	uri := "/items/" + strconv.Itoa(q.uri) + "?page=" + strconv.Itoa(q.uri%7)
	dst = append(dst, "time:"...)
	dst = q.Time.AppendFormat(dst, "[02/Jan/2006:15:04:05 -0700]")
	dst = append(dst, "\tvhost:"+q.VHost+"\treq:"+q.method+" "+uri+" HTTP/1.1\tmethod:"+q.method+
		"\turi:"+uri+"\tstatus:"...)
	dst = strconv.AppendInt(dst, int64(q.Status), 10)
	dst = append(dst, "\tsize:"...)
	dst = strconv.AppendInt(dst, int64(q.Size), 10)
	dst = append(dst, "\treqtime:"...)
	dst = strconv.AppendFloat(dst, float64(q.Micros)/1e6, 'f', 6, 64)
	dst = append(dst, "\tcookie:sid="...)
	dst = strconv.AppendUint(dst, uint64(q.user), 36)
	dst = append(dst, "; theme=dark; q=a%20b\tua:"+agents[q.agent]+"\tid:"...)
	return strconv.AppendInt(dst, q.ID, 10)
}

// AppendJSON appends the line as one JSON object.
func (q Request) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"time":"`...)
	dst = q.Time.AppendFormat(dst, "2006-01-02T15:04:05.000Z07:00")
	dst = append(dst, `","vhost":"`+q.VHost+`","method":"`+q.method+`","uri":"/items/`...)
	dst = strconv.AppendInt(dst, int64(q.uri), 10)
	dst = append(dst, `","status":`...)
	dst = strconv.AppendInt(dst, int64(q.Status), 10)
	dst = append(dst, `,"size":`...)
	dst = strconv.AppendInt(dst, int64(q.Size), 10)
	dst = append(dst, `,"reqtime":`...)
	dst = strconv.AppendFloat(dst, float64(q.Micros)/1e6, 'f', 6, 64)
	dst = append(dst, `,"id":`...)
	return append(strconv.AppendInt(dst, q.ID, 10), '}')
}

// Key returns the key of the line's record, spread evenly over partitions.
func (q Request) Key() []byte { return binary.BigEndian.AppendUint32(nil, q.user) }

var (
	methods  = []string{"GET", "GET", "GET", "GET", "GET", "GET", "POST", "PUT"}
	statuses = []int{200, 200, 200, 200, 200, 200, 204, 301, 304, 404, 500, 503}
	agents   = []string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
		"curl/8.11.0",
	}
)

// source is splitmix64.
type source uint64

func (s *source) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

func (s *source) below(n int) int { return int(s.next() % uint64(n)) }
