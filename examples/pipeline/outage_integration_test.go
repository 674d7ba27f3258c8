//go:build integration

package pipeline_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/servicetest"
)

// outage is a service to kill: a script, and the part of it if it has several.
type outage struct{ script, part string }

// While Elasticsearch or HDFS is down everything waits, and nothing fails for good.
// With SUIRO_LONG each is down for a minute, and so is the Hive metastore.
func TestOutagesPauseAndLoseNothing(t *testing.T) {
	t.Parallel()
	s := realServices(t)
	own := servicetest.Own(t)
	away, outages := 3*time.Second, []outage{{"elasticsearch.sh", ""}, {"hdfs.sh", "dn"}, {"hdfs.sh", "nn"}}
	own.Run("services", "up", "elasticsearch", "hdfs")
	s.es, s.hdfs = own.Elasticsearch(), own.HDFS()
	if long() {
		own.Run("services", "up", "hive")
		s.hms, s.hs2 = own.Metastore(), own.HiveServer()
		away, outages = time.Minute, append(outages, outage{"hive.sh", "hms"})
	}
	lines := accessLog(t)
	p := newPipeline(t, s, "outage", options{})
	p.start()
	part := len(lines) / (len(outages) + 2)
	p.feed(lines[:part], time.Second)
	p.arrived(part)
	for i, o := range outages {
		p.suffer(own, o, away, lines[(i+1)*part:(i+2)*part])
	}
	p.feed(lines[(len(outages)+1)*part:], time.Second)
	p.arrived(len(lines))
	p.nothingFailed()
	p.stop()
	p.check(lines)
	p.noLetters()
}

// A broker is killed at a random moment and started again after a random time: no
// line is lost or doubled. After each kill every line fed so far must arrive before
// the next. With SUIRO_LONG the broker is killed thirty times.
func TestBrokerCrashesLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	s := realServices(t)
	own := servicetest.Own(t)
	own.Run("kafka.sh", "up")
	s.kafka = own.Kafka()
	random := rand.New(rand.NewPCG(seed(t), 0))
	crashes := 1
	if long() {
		crashes = 30
	}
	lines := makeLines(6, 0, 400*(crashes+1))
	p := newPipeline(t, s, "crash", options{})
	p.start()
	p.feed(lines[:400], time.Second)
	p.arrived(400)
	fed := 400
	feed := func(n int, over time.Duration) {
		p.feed(lines[fed:fed+n], over)
		fed += n
	}
	for range crashes {
		feed(1+random.IntN(100), time.Duration(random.IntN(1000))*time.Millisecond)
		own.Run("kafka.sh", "kill")
		p.say("the broker is killed, %d lines are fed", fed)
		feed(1+random.IntN(100), time.Duration(random.IntN(8000))*time.Millisecond)
		own.Run("kafka.sh", "up")
		feed(1+random.IntN(100), time.Duration(random.IntN(2000))*time.Millisecond)
		p.arrived(fed)
		p.nothingFailed()
	}
	p.stop()
	p.check(lines[:fed])
	p.noLetters()
}

// suffer kills a service while lines are fed, and starts it again.
func (p *pipeline) suffer(own *servicetest.Services, o outage, away time.Duration, lines []string) {
	p.t.Helper()
	half := len(lines) / 2
	p.feed(lines[:half], 300*time.Millisecond)
	kill := []string{"kill"}
	if o.part != "" {
		kill = append(kill, o.part)
	}
	own.Run(o.script, kill...)
	p.say("%s %s is killed", o.script, o.part)
	p.feed(lines[half:], away)
	p.nothingFailed()
	own.Run(o.script, "up")
	p.say("%s %s is back: %d documents, %d rows", o.script, o.part, p.documents(), p.rows())
}

// nothingFailed fails the test when a connector or a task is not running.
func (p *pipeline) nothingFailed() {
	p.t.Helper()
	for _, trouble := range p.troubles() {
		p.t.Error(trouble)
	}
}

// troubles describes the connectors and tasks that are not running.
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
