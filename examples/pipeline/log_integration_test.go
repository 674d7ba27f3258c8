//go:build integration

package pipeline_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// records is how many lines a test's log has.
const records = 10_000

// accessLog returns the lines of the log that SUIRO_ACCESS_LOG names, or
// made-up ones. Each made-up line is unlike all others.
func accessLog(t *testing.T) []string {
	t.Helper()
	path := os.Getenv("SUIRO_ACCESS_LOG")
	if path == "" {
		return makeLines(1, 0, records)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range bytes.Lines(text) {
		lines = append(lines, string(bytes.TrimSuffix(line, []byte("\n"))))
	}
	return lines
}

// makeLines makes lines, beginning with number first; the same seed makes the same
// lines. The number in its uri distinguishes a line from all others.
func makeLines(seed uint64, first, n int) []string {
	pick := rand.New(rand.NewPCG(seed, uint64(first)))
	lines := make([]string, n)
	for i := range lines {
		lines[i] = makeLine(pick, first+i)
	}
	return lines
}

// begin is the time of line 0: three hours of log lie on both sides of midnight.
var begin = time.Date(2026, 10, 31, 22, 30, 0, 0, time.UTC)

func makeLine(pick *rand.Rand, number int) string {
	at := begin.Add(time.Duration(number%records) * 3 * time.Hour / records).In(time.FixedZone("", 9*60*60))
	method := oneOf(pick, "GET", "GET", "GET", "GET", "HEAD", "POST")
	uri := fmt.Sprintf("/%s/%d?from=%%E6%%B0%%B4&n=%d", oneOf(pick, "items", "search", "tags", "images"), pick.IntN(5000), number)
	size := oneOf(pick, "-", fmt.Sprint(pick.IntN(200_000)))
	cookie := oneOf(pick, "-", fmt.Sprintf("sid=%08x; theme=dark; seen=%%E6%%B0%%B4%%E8%%B7%%AF; empty=", pick.Uint32()))
	return fmt.Sprintf("time:[%s]\thost:198.51.100.%d\tident:-\tuser:-\treq:%s %s HTTP/1.1\tmethod:%[3]s\turi:%[4]s\t"+
		"protocol:HTTP/1.1\tstatus:%d\tsize:%s\treqsize:%d\treferer:%s\tua:%s\tvhost:%s\treqtime:%.3f\tcookie:%s",
		at.Format("02/Jan/2006:15:04:05 -0700"), pick.IntN(256), method, uri,
		[]int{200, 200, 200, 304, 404, 500}[pick.IntN(6)], size, 200+pick.IntN(900),
		oneOf(pick, "-", "https://www.example.com/", `https://example.org/?q="a"&b=\`),
		oneOf(pick, "curl/8.11.0", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
		oneOf(pick, "www.example.com", "shop.example.com", "blog.example.com"), pick.ExpFloat64()/10, cookie)
}

func oneOf(pick *rand.Rand, values ...string) string { return values[pick.IntN(len(values))] }

// feedStep is how often feed appends to the log.
const feedStep = 20 * time.Millisecond

// feed appends lines to the log over a period of time, in pieces that do not end
// where lines end.
func (p *pipeline) feed(lines []string, over time.Duration) {
	p.t.Helper()
	var text []byte
	for _, line := range lines {
		text = append(append(text, line...), '\n')
	}
	log, err := os.OpenFile(p.accessLog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	tick := time.NewTicker(feedStep)
	defer tick.Stop()
	piece := len(text)/max(1, int(over/feedStep)) + 1
	for len(text) > 0 {
		n := min(piece, len(text))
		if _, err := log.Write(text[:n]); err != nil {
			p.t.Fatal(err)
		}
		text = text[n:]
		<-tick.C
		p.alive()
	}
	p.lines = append(p.lines, lines...)
}
