//go:build integration

package pipeline_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// While Elasticsearch or HDFS is away everything waits, and nothing fails for
// good. Hive is told of the files afterwards.
func TestOutagesPauseAndLoseNothing(t *testing.T) {
	t.Parallel()
	s := realServices(t)
	own := ownServices(t)
	own.run("services", "up", "elasticsearch", "hdfs")
	s.es, s.hdfs = "http://"+own.address(20), own.address(30)
	away := 3 * time.Second
	if long() {
		away = 90 * time.Second
	}
	lines := accessLog(t)
	p := newPipeline(t, s, "outage", options{})
	p.start()
	part := len(lines) / 5
	p.feed(lines[:part], time.Second)
	p.arrived(part)
	for i, outage := range []struct{ script, part string }{
		{"elasticsearch.sh", ""}, {"hdfs.sh", "dn"}, {"hdfs.sh", "nn"},
	} {
		now := lines[(i+1)*part : (i+2)*part]
		p.feed(now[:part/2], 300*time.Millisecond)
		kill := []string{"kill"}
		if outage.part != "" {
			kill = append(kill, outage.part)
		}
		own.run(outage.script, kill...)
		p.feed(now[part/2:], away)
		p.nothingFailed()
		own.run(outage.script, "up")
		t.Logf("%s %s was away for %v: %d documents, %d rows", outage.script, outage.part, away, p.documents(), p.rows())
	}
	p.feed(lines[4*part:], time.Second)
	p.arrived(len(lines))
	p.nothingFailed()
	p.stop()
	p.check(lines)
	p.noLetters()
}

// nothingFailed fails the test when a connector or a task is not running.
func (p *pipeline) nothingFailed() {
	p.t.Helper()
	for _, trouble := range p.troubles() {
		p.t.Error(trouble)
	}
}

// troubles tells of the connectors and tasks that are not running.
func (p *pipeline) troubles() (out []string) {
	p.t.Helper()
	var all map[string]struct {
		Status struct {
			Connector struct{ State string }
			Tasks     []struct{ State, Trace string }
		}
	}
	res, err := http.Get(p.rest + "/connectors?expand=status")
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&all); err != nil {
		p.t.Fatal(err)
	}
	if len(all) != 3 {
		out = append(out, fmt.Sprintf("the worker has %d connectors, want 3", len(all)))
	}
	for name, c := range all {
		if c.Status.Connector.State != "RUNNING" || len(c.Status.Tasks) == 0 {
			out = append(out, fmt.Sprintf("connector %s is %+v", name, c.Status))
		}
		for i, task := range c.Status.Tasks {
			if task.State != "RUNNING" {
				out = append(out, fmt.Sprintf("task %d of %s is %s: %s", i, name, task.State, task.Trace))
			}
		}
	}
	return out
}
