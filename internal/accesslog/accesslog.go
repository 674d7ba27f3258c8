// Package accesslog makes up the access log of a small company's web servers,
// in LTSV and the same each time: what examples/access.ltsv is made of.
package accesslog

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Options describe a log; the zero value is an empty one.
type Options struct {
	// Lines is the number of lines, broken ones included.
	Lines int
	// Seed decides everything that looks random.
	Seed uint64
	// Broken puts some lines into the log that cannot be processed to the end.
	// Default: every line can.
	Broken bool
}

// Start is the time of the first line. A log of any length takes two hours,
// with midnight in UTC in them.
var Start = time.Date(2026, 11, 1, 8, 30, 0, 0, time.FixedZone("", 9*60*60))

const span = 2 * time.Hour

// Write writes the log to w.
func Write(w io.Writer, o Options) error {
	out := bufio.NewWriter(w)
	g := &generator{random: random(o.Seed)}
	for range visitors {
		g.visitors = append(g.visitors, g.visitor())
	}
	broken := map[int]func(string) string{}
	if o.Broken {
		for i, spoil := range spoilers {
			broken[(i+1)*o.Lines/(len(spoilers)+1)] = spoil
		}
	}
	for i := range o.Lines {
		at := Start.Add(span * time.Duration(i) / time.Duration(o.Lines))
		line := g.line(at)
		if spoil := broken[i]; spoil != nil {
			line = spoil(line)
		}
		out.WriteString(line)
		out.WriteByte('\n')
	}
	return out.Flush() // also tells of an error before it
}

// spoilers are ways in which lines of real logs are broken. Each makes a line
// that another part of the way from the log to its readers has to reject.
var spoilers = []func(line string) string{
	func(string) string { return `[error] 2317#0: *48211 upstream timed out (110: Connection timed out)` },
	func(line string) string { return line[:strings.Index(line, "\turi:")+3] }, // the disk was full
	func(line string) string { return replace(line, "status", "2OO") },
	func(line string) string { return replace(line, "cookie", "sid=4f9a17c2; campaign=50%-off") },
	func(line string) string { return replace(line, "time", "2026-11-01 09:02:17") },
	func(line string) string { return line + "\tstatus:200" }, // a label twice
	func(line string) string { return replace(line, "status", "4294967295") },
	func(line string) string { return replace(line, "reqtime", "-0.018") }, // the clock was set back
	func(string) string { return "" },
	func(line string) string { return line[strings.IndexByte(line, '\t')+1:] }, // without time
}

// replace gives a label another value.
func replace(line, label, value string) string {
	fields := strings.Split(line, "\t")
	for i, f := range fields {
		if strings.HasPrefix(f, label+":") {
			fields[i] = label + ":" + value
			return strings.Join(fields, "\t")
		}
	}
	return line + "\t" + label + ":" + value
}

// visitor is one browser or program that makes requests.
type visitor struct {
	host, agent, cookie string
	from                string // where the visitor came from, once
}

type generator struct {
	random
	visitors []visitor
}

func (g *generator) visitor() visitor {
	v := visitor{
		host:  fmt.Sprintf("%s.%d.%d", pick(g, networks), g.below(256), 1+g.below(254)),
		agent: pick(g, agents), cookie: "-", from: pick(g, origins),
	}
	if !strings.Contains(v.agent, "bot") && !strings.HasPrefix(v.agent, "curl") {
		v.cookie = fmt.Sprintf("sid=%08x; lang=%s; theme=%s; seen=%s", uint32(g.next()),
			pick(g, languages), pick(g, themes), pick(g, seen))
	}
	return v
}

// line makes the line of one request.
func (g *generator) line(at time.Time) string {
	v := &g.visitors[min(g.below(visitors), g.below(visitors))] // some come often
	s := &servers[min(g.below(len(servers)), g.below(len(servers)))]
	method, uri := pick(g, s.methods), g.fill(pick(g, s.paths))
	if method != "GET" {
		uri, _, _ = strings.Cut(uri, "?")
	}
	status := g.status(s, method)
	b := at.AppendFormat(nil, "time:[02/Jan/2006:15:04:05 -0700]")
	b = append(b, "\thost:"+v.host+"\tident:-\tuser:-\treq:"+method+" "+uri+" HTTP/1.1\tmethod:"+method+"\turi:"+uri...)
	b = append(b, "\tprotocol:HTTP/1.1\tstatus:"+strconv.Itoa(status)+"\tsize:"...)
	b = append(b, g.size(status)...)
	b = append(b, "\treqsize:"+strconv.Itoa(180+g.below(900))+"\treferer:"+g.referer(v, s)+
		"\tua:"+v.agent+"\tvhost:"+s.name...)
	b = append(b, "\treqtime:"+g.seconds(s, status)...)
	if s.cached {
		b = append(b, "\tcache:"+pick(g, []string{"HIT", "HIT", "HIT", "MISS"})...)
	}
	return string(append(b, "\tcookie:"+v.cookie...))
}

// fill puts numbers and words into a path.
func (g *generator) fill(path string) string {
	path = strings.ReplaceAll(path, "#", strconv.Itoa(1+min(g.below(400), g.below(400))))
	return strings.ReplaceAll(path, "*", pick(g, searches))
}

func (g *generator) status(s *server, method string) int {
	switch n := g.below(1000); {
	case n < s.failing:
		return pick(g, []int{500, 502, 503, 503})
	case n < s.failing+30:
		return 404
	case n < s.failing+45:
		return pick(g, []int{400, 401, 403})
	case n < s.failing+80:
		return pick(g, []int{301, 302})
	case n < s.failing+170 && method == "GET":
		return 304
	case method == "POST":
		return pick(g, []int{200, 201, 201, 303})
	case method == "DELETE":
		return 204
	}
	return 200
}

func (g *generator) size(status int) string {
	switch {
	case status == 304 || status == 204:
		return "-"
	case status >= 300:
		return strconv.Itoa(140 + g.below(400))
	}
	return strconv.Itoa(300 + g.below(300)*g.below(300))
}

// seconds makes most requests quick and some slow.
func (g *generator) seconds(s *server, status int) string {
	micros := s.micros/4 + g.below(s.micros)
	for range 3 {
		if g.below(8) == 0 {
			micros *= 3
		}
	}
	if status >= 502 {
		micros += 2_000_000 + g.below(3_000_000)
	}
	return strconv.FormatFloat(float64(micros)/1e6, 'f', 3, 64)
}

// referer is where the visitor came from on the first request, and afterwards
// mostly the server's own front page.
func (g *generator) referer(v *visitor, s *server) string {
	from := v.from
	v.from = "-"
	if from == "-" && v.cookie != "-" && g.below(3) > 0 {
		return "https://" + s.name + "/"
	}
	return from
}

func pick[T any](g *generator, list []T) T { return list[g.below(len(list))] }

// random is splitmix64.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

func (r *random) below(n int) int { return int(r.next() % uint64(n)) }
