package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"
)

const prometheusYAML = `
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: suiro-connect
    static_configs: [{targets: ["%s"]}]
  - job_name: suiro-streams
    static_configs: [{targets: ["%s"]}]
`

// observed is a Prometheus that scrapes a world, in which an hour is a minute.
type observed struct {
	*world
	prometheus *process
}

func observe(t *testing.T) *observed {
	t.Helper()
	program := program(t, "prometheus")
	o := &observed{world: startWorld(t)}
	groups, err := readRules(filepath.Join(folder, rulesFile))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeRules(t, filepath.Join(dir, "rules.yml"), groups, func(r *rulefmt.Rule) { scaled(t, r) })
	write(t, filepath.Join(dir, "prometheus.yml"), fmt.Sprintf(prometheusYAML, o.worker.address, o.app.address))
	address := freeAddress(t)
	o.prometheus = start(t, address, "/-/ready", program, "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address, "--log.level=warn")
	return o
}

// query asks Prometheus and returns how many series there are.
func (o *observed) query(expr string) (int, error) {
	body, err := o.prometheus.get("/api/v1/query?query=" + url.QueryEscape(expr))
	if err != nil {
		return 0, err
	}
	var answer struct {
		Data struct {
			Result []any `json:"result"`
		} `json:"data"`
	}
	err = json.Unmarshal(body, &answer)
	return len(answer.Data.Result), err
}

// fires waits until alerts fire, each with the labels given as in a selector.
func (o *observed) fires(t *testing.T, alerts ...string) {
	t.Helper()
	for _, a := range alerts {
		eventually(t, a+" fires", func() error {
			if n, err := o.query(firing(a)); err != nil || n == 0 {
				return fmt.Errorf("%d series, %v", n, err)
			}
			return nil
		})
		t.Log("fires:", a)
	}
}

// resolves waits until alerts do not fire any more.
func (o *observed) resolves(t *testing.T, alerts ...string) {
	t.Helper()
	for _, a := range alerts {
		eventually(t, a+" resolves", func() error {
			if n, err := o.query(firing(a)); err != nil || n > 0 {
				return fmt.Errorf("%d series, %v", n, err)
			}
			return nil
		})
		t.Log("resolves:", a)
	}
}

// firing is the series of an alert: a name, perhaps with labels in braces.
func firing(alert string) string {
	name, labels, _ := strings.Cut(strings.TrimSuffix(alert, "}"), "{")
	return fmt.Sprintf(`ALERTS{alertname="%s", alertstate="firing", %s}`, name, labels)
}

// feeds writes records until stop is called, or the test ends. Each is followed
// by a bad one, unless bad is empty.
func (o *observed) feeds(t *testing.T, bad string) (stop func()) {
	t.Helper()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			text := record() + "\n"
			if bad != "" {
				text += bad + "\n"
			}
			if err := o.append(text); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	stop = sync.OnceFunc(func() {
		close(done)
		<-ended
	})
	t.Cleanup(stop)
	return stop
}

// What an operator would see goes wrong once: the alerts fire, and resolve when
// it is over. Afterwards every panel has something to show.
func TestAlertsFireAndResolve(t *testing.T) {
	o := observe(t)
	o.working(t)

	// From the start, the folder of two sinks is missing.
	o.fires(t, `SuiroTaskFailed{connector="copy", task="0"}`, `SuiroTaskRestartsTooOften{connector="again", task="0"}`)

	stop := o.feeds(t, "")
	o.elasticsearch.away.Store(true)
	o.fires(t, `SuiroElasticsearchAway{connector="documents"}`, `SuiroSinkStuck{connector="documents"}`)
	o.elasticsearch.away.Store(false)
	o.resolves(t, "SuiroElasticsearchAway", "SuiroSinkStuck")
	stop()

	stop = o.feeds(t, "not JSON")
	o.fires(t, `SuiroDeadLetters{connector="documents"}`, `SuiroRejectsTooMany{connector="documents"}`,
		`SuiroAppDeadLetters{application_id="server-stats"}`, `SuiroAppRejectsTooMany{application_id="server-stats"}`)
	stop()
	o.resolves(t, "SuiroDeadLetters", "SuiroRejectsTooMany", "SuiroAppDeadLetters", "SuiroAppRejectsTooMany")

	o.kafka.set(true)
	o.fires(t, `SuiroBrokersUnreachable{job="suiro-connect"}`, `SuiroBrokersUnreachable{job="suiro-streams"}`)
	o.kafka.set(false)
	o.resolves(t, "SuiroBrokersUnreachable")

	o.worker.stop()
	o.app.stop()
	o.fires(t, `SuiroDown{job="suiro-connect"}`, `SuiroDown{job="suiro-streams"}`)
	o.loseState(t)
	if err := os.MkdirAll(filepath.Join(o.folder, "missing"), 0o755); err != nil {
		t.Fatal(err)
	}
	o.startWorker(t)
	o.startApp(t)
	o.resolves(t, "SuiroDown", "SuiroTaskFailed", "SuiroTaskRestartsTooOften")

	o.feeds(t, "")
	o.working(t)
	all := uses(t)
	for _, where := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(where, "alert ") {
			continue
		}
		eventually(t, where+" shows something", func() error {
			if n, err := o.query(all[where].expr); err != nil || n == 0 {
				return fmt.Errorf("%d series, %v: %s", n, err, all[where].expr)
			}
			return nil
		})
	}
}
