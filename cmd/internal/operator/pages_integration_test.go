//go:build integration

package operator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// page is an answer of a process.
type page struct {
	status int
	body   string
}

// get asks the process for a page; status 0 says that it does not answer.
func (p *process) get(path string) page {
	cl := http.Client{Timeout: 10 * time.Second}
	res, err := cl.Get(p.http + path)
	if err != nil {
		return page{0, err.Error()}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return page{0, err.Error()}
	}
	return page{res.StatusCode, string(body)}
}

// ready reports whether /ready says so.
func (p *process) ready() bool { return p.get("/ready").status == http.StatusOK }

// notReady reports whether /ready says no, and why in a reason that has the word.
func (p *process) notReady(word string) bool {
	answer := p.get("/ready")
	var said struct {
		Ready   bool
		Reasons []string
	}
	return answer.status == http.StatusServiceUnavailable && json.Unmarshal([]byte(answer.body), &said) == nil &&
		!said.Ready && strings.Contains(strings.Join(said.Reasons, "\n"), word)
}

// wantHealth wants /health to answer with 200, healthy, and the words somewhere.
func (p *process) wantHealth(words ...string) {
	p.t.Helper()
	answer := p.get("/health")
	for _, word := range append(words, `"status":"healthy"`) {
		if answer.status != http.StatusOK || !strings.Contains(answer.body, word) {
			p.t.Errorf("%s: /health says %d %s, want 200 with %s", p.name, answer.status, answer.body, word)
		}
	}
}

// metric adds up the series of a metric whose labels have all of the texts. ok is
// false when there is none.
func (p *process) metric(name string, labels ...string) (sum float64, ok bool) {
	for line := range strings.Lines(p.get("/metrics").body) {
		rest, found := strings.CutPrefix(line, name)
		if !found || rest == "" || rest[0] != '{' && rest[0] != ' ' {
			continue
		}
		fits := true
		for _, label := range labels {
			fits = fits && strings.Contains(rest, label)
		}
		fields := strings.Fields(rest)
		v, err := strconv.ParseFloat(fields[len(fields)-1], 64)
		if fits && err == nil {
			sum, ok = sum+v, true
		}
	}
	return sum, ok
}

// value is metric of a metric that has to be there.
func (p *process) value(name string, labels ...string) float64 {
	p.t.Helper()
	v, ok := p.metric(name, labels...)
	if !ok {
		p.t.Errorf("%s: /metrics has no %s with %q", p.name, name, labels)
	}
	return v
}

// pages are all three, for the message of a test that fails.
func (p *process) pages() string {
	return fmt.Sprintf("%s: /health %v, /ready %v", p.name, p.get("/health"), p.get("/ready"))
}
