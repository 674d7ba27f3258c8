package demo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/suiro/suiro/cmd/internal/demo/folder"
	"github.com/suiro/suiro/cmd/internal/demo/pages"
	"github.com/suiro/suiro/cmd/internal/demo/screen"
	"github.com/suiro/suiro/cmd/internal/demo/services"
	"github.com/suiro/suiro/cmd/internal/demo/tally"
	serverstats "github.com/suiro/suiro/examples/server-stats/app"
)

// report tells a person what a run will do, and what it did.
type report struct {
	o      *Options
	screen *screen.Screen
	folder folder.Folder
	names  names
	stats  *pages.Server // nil without Serve, as is rest
	rest   *pages.Server
	tally  *tally.Tally
	source *source
	way    *way
	apps   map[string]*running
	began  time.Time
}

// introduce says what is going to happen.
func (r *report) introduce() {
	log := r.folder.Shown(r.source.path)
	switch r.source.path {
	case standardInput:
		log = "the standard input"
	case r.folder.File("access.ltsv"):
		log = "the built-in access log (another: --file PATH, or - for the standard input)"
	}
	kafka := "embedded, in this process"
	if r.o.external() {
		kafka = r.o.Kafka[services.BootstrapServers]
	}
	elastic := "left out; 'make demo-full', or 'scripts/services/services up elasticsearch' and --elasticsearch-url"
	if r.o.Elasticsearch != "" {
		elastic = r.o.Elasticsearch + ", index " + r.names.index
	}
	r.screen.Println(r.screen.Bold("Suiro demo") + ": an access log on its way through Kafka, exactly once")
	r.screen.Println()
	r.screen.Println("  log            " + log)
	r.screen.Println("  Kafka          " + kafka)
	r.screen.Println("  Avro files     " + r.storedAt())
	if r.o.Metastore != "" {
		r.screen.Println("  Hive           " + r.o.Metastore + ", table " + r.names.table())
	}
	r.screen.Println("  Elasticsearch  " + elastic)
	r.screen.Println("  logs, configs  " + r.folder.Shown(r.folder.Path()))
	if r.source.earlier > 0 {
		r.screen.Printf("  earlier runs   %s lines are in Kafka already", screen.Number(r.source.earlier))
	}
	r.screen.Println()
}

// show counts everything and shows the table, the dead letters and what to look
// at next. The error says what does not add up.
func (r *report) show(ctx context.Context, failed error) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	table, err := r.way.count(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	r.print(table)
	if err := r.showDeadLetters(table); err != nil {
		return err
	}
	if err := r.verdict(table, failed); err != nil {
		return err
	}
	r.showWhatToTry()
	return nil
}

func (r *report) print(table []row) {
	r.screen.Println()
	for i, l := range tableLines(table) {
		if i == 0 {
			l = r.screen.Bold(l)
		}
		r.screen.Println("  " + l)
	}
	r.screen.Println()
}

// verdict says whether the table adds up.
func (r *report) verdict(table []row, failed error) error {
	var wrong []string
	for _, line := range table {
		if t := line.trouble(); t != "" {
			wrong = append(wrong, t)
		}
	}
	switch {
	case len(wrong) > 0:
		err := fmt.Errorf("it does not add up: %s", strings.Join(wrong, "; "))
		return errors.Join(failed, err)
	case failed != nil:
		r.screen.Println("  It adds up as far as it went.")
		return failed
	}
	r.screen.Println("  " + r.praise(table[0].in-r.source.earlier))
	return nil
}

// praise is the sentence for a table that adds up.
func (r *report) praise(added int64) string {
	good, took := r.screen.Bold("It adds up."), time.Since(r.began).Round(100*time.Millisecond)
	switch {
	case added == 0 && r.source.earlier == 0:
		return good + " The log is empty."
	case added == 0:
		return fmt.Sprintf("%s This run added nothing: earlier runs had already read the whole log. (%s)", good, took)
	}
	return fmt.Sprintf("%s Records in = out + rejected at every stage. (%s lines in %s)",
		good, screen.Number(added), took)
}

// showWhatToTry shows some of the results and where to find the rest.
func (r *report) showWhatToTry() {
	r.screen.Println()
	r.showBusiest()
	r.screen.Println("  Look at")
	r.screen.Println("    " + r.storedAt())
	if r.o.HiveServer != "" {
		r.screen.Printf("    scripts/services/hive.sh sql 'SELECT status, count(*) FROM %s GROUP BY status'",
			r.names.table())
	}
	if r.o.Elasticsearch != "" {
		r.screen.Printf("    curl '%s/%s/_search?q=status:404&size=1&pretty'", r.o.Elasticsearch, r.names.index)
	}
	if !r.o.Serve {
		r.screen.Printf("  To query server-stats over HTTP, run the demo again with --serve, then curl "+
			"http://%s/stats and /metrics", DefaultHTTP)
		return
	}
	stats, worker := r.stats.URL(), r.rest.URL()
	r.screen.Printf("    curl '%s/stats?server=%s'", stats, r.aServer())
	r.screen.Printf("    curl %s/metrics", stats)
	r.screen.Printf("    curl '%s/connectors?expand=status'", worker)
}

// counts are those in the store, the busiest minute first; nil when the store
// does not answer.
func (r *report) counts() []serverstats.Stats {
	all, err := serverstats.Query(r.apps[stageStats].app, serverstats.All())
	if err != nil {
		return nil
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Requests > all[j].Requests })
	return all
}

func (r *report) aServer() string {
	if all := r.counts(); len(all) > 0 {
		return all[0].Server
	}
	return ""
}

// showBusiest shows the minutes with the most requests.
func (r *report) showBusiest() {
	all := r.counts()
	if len(all) == 0 {
		return
	}
	r.screen.Println("  Busiest minutes, from the store of server-stats")
	for _, s := range all[:min(3, len(all))] {
		line := fmt.Sprintf("    %s  %-22s %s requests", s.Minute, s.Server, screen.Pad(screen.Number(s.Requests), 7))
		if s.P50 != nil {
			line += fmt.Sprintf(", response time p50 %.3f s, p99 %.3f s", *s.P50, *s.P99)
		}
		r.screen.Println(line)
	}
	r.screen.Println()
}

// storedAt is where the HDFS sink writes, as a person would type it.
func (r *report) storedAt() string {
	u, err := url.Parse(r.o.Store)
	if err == nil && u.Scheme == "file" {
		return path.Join(r.folder.Shown(u.Path), topicFolder(r.names))
	}
	return strings.TrimRight(r.o.Store, "/") + "/" + topicFolder(r.names)
}
