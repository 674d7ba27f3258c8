//go:build integration

package pipeline_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beltran/gohive"
	"github.com/colinmarc/hdfs/v2"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/connectors/hdfs/readback"
	"github.com/suiro/suiro/internal/kill/verify"
)

// arrived waits until Elasticsearch, HDFS and Hive have at least n requests. The
// table follows the files.
func (p *pipeline) arrived(n int) {
	p.t.Helper()
	p.until(fmt.Sprintf("%d requests are in Elasticsearch and HDFS", n), func() (string, bool) {
		documents, written := p.documents(), p.rows()
		return fmt.Sprintf("%d documents, %d rows", documents, written), documents >= n && written >= n
	})
	p.until("Hive knows of all files", func() (string, bool) {
		uris, err := p.query("SELECT uri FROM default." + p.name)
		return fmt.Sprint(len(uris), err), len(uris) >= n
	})
}

// documents returns how many documents the index has, 0 while it does not exist
// or Elasticsearch is down.
func (p *pipeline) documents() int {
	var answer struct{ Count int }
	if p.call(p.t.Context(), "POST", "/"+p.name+"/_refresh", "", nil) == nil {
		_ = p.call(p.t.Context(), "GET", "/"+p.name+"/_count", "", &answer) // asked again
	}
	return answer.Count
}

// rows returns how many rows are in the sink's files or, while HDFS is down, how many
// there were when it last answered.
func (p *pipeline) rows() int {
	if counted, err := readback.CountFiles(p.t.Context(), "hdfs://"+p.s.hdfs, p.folder()+"/"+p.topic("avro")); err == nil {
		p.lastRows = int(counted.Rows)
	}
	return p.lastRows
}

// call asks Elasticsearch.
func (p *pipeline) call(ctx context.Context, method, path, body string, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.s.es+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, res.Status, text)
	}
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(text, answer)
}

// check fails the test unless each of the lines is exactly once in every topic,
// in the index and in the table. All processes must have ended.
func (p *pipeline) check(lines []string) {
	p.t.Helper()
	want, analysed := p.tally(lines)
	p.checkTopic("json", want)
	p.checkCount("avro", len(lines))
	p.checkIndex(want, len(lines))
	p.checkTable(analysed, len(lines))
}

// tally counts the requests of lines, with and without the fields that are not
// analysed.
func (p *pipeline) tally(lines []string) (whole, analysed tally) {
	p.t.Helper()
	whole, analysed = tally{}, tally{}
	for _, line := range lines {
		r, err := ofLine(line)
		if err != nil {
			p.t.Fatalf("%q: %v", line, err)
		}
		whole[r]++
		analysed[r.withoutCookie()]++
	}
	return whole, analysed
}

// checkTopic checks the requests that a read_committed reader sees.
func (p *pipeline) checkTopic(what string, want tally) {
	p.t.Helper()
	got := tally{}
	for _, r := range p.read(what) {
		q, err := ofJSON(r.Value)
		if err != nil {
			p.t.Errorf("%s: %q: %v", p.topic(what), r.Value, err)
		}
		got[q]++
	}
	if d := want.differences(got); d != "" {
		p.t.Errorf("topic %s: %s", p.topic(what), d)
	}
}

func (p *pipeline) checkCount(what string, want int) {
	p.t.Helper()
	if got := len(p.read(what)); got != want {
		p.t.Errorf("topic %s has %d records, want %d", p.topic(what), got, want)
	}
}

// held describes how many committed records each topic has, to show where records
// are stuck.
func (p *pipeline) held() string {
	topics, err := p.adm.ListTopics(p.t.Context())
	if err != nil {
		return err.Error()
	}
	var counts []string
	for _, topic := range topics.Names() {
		if what, ok := strings.CutPrefix(topic, p.name+"-"); ok {
			counts = append(counts, fmt.Sprintf("%s %d", what, len(p.read(what))))
		}
	}
	return "committed records: " + strings.Join(counts, ", ")
}

// read returns the committed records of one of the pipeline's topics, none
// when it does not exist.
func (p *pipeline) read(what string) (records []*kgo.Record) {
	p.t.Helper()
	topics, err := p.adm.ListTopics(p.t.Context(), p.topic(what))
	if err != nil {
		p.t.Fatal(err)
	}
	if !topics.Has(p.topic(what)) {
		return nil
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), stall)
	defer cancel()
	ranges, err := verify.Ends(ctx, p.adm, p.topic(what))
	if err != nil {
		p.t.Fatal(err)
	}
	err = verify.Read(ctx, p.client, p.topic(what), ranges, kgo.ReadCommitted(), func(r *kgo.Record) {
		records = append(records, r)
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return records
}

func (p *pipeline) checkIndex(want tally, n int) {
	p.t.Helper()
	if got := p.documents(); got != n {
		p.t.Errorf("index %s has %d documents, want %d", p.name, got, n)
	}
	got := tally{}
	type page struct {
		ID   string `json:"_scroll_id"`
		Hits struct {
			Hits []struct {
				Source json.RawMessage `json:"_source"`
			}
		}
	}
	var next page
	err := p.call(p.t.Context(), "POST", "/"+p.name+"/_search?scroll=1m", `{"size":2000,"sort":["_doc"]}`, &next)
	for err == nil && len(next.Hits.Hits) > 0 {
		for _, hit := range next.Hits.Hits {
			r, err := ofJSON(hit.Source)
			if err != nil {
				p.t.Errorf("document %s: %v", hit.Source, err)
			}
			got[r]++
		}
		id := next.ID
		next = page{}
		err = p.call(p.t.Context(), "POST", "/_search/scroll", fmt.Sprintf(`{"scroll":"1m","scroll_id":%q}`, id), &next)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.say("index is compared")
	if d := want.differences(got); d != "" {
		p.t.Errorf("index %s: %s", p.name, d)
	}
}

// checkTable counts the rows by a query to Hive, and compares them.
func (p *pipeline) checkTable(want tally, n int) {
	p.t.Helper()
	counted, err := readback.CountTable(p.t.Context(), p.s.hs2, "default."+p.name, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.say("rows are counted by Hive")
	if int(counted) != n {
		p.t.Errorf("table %s has %d rows, want %d", p.name, counted, n)
	}
	table, err := p.query(selectRequests(p.name))
	if err != nil {
		p.t.Fatal(err)
	}
	got := tally{}
	for _, row := range table {
		fields := strings.Split(row, "\x1f")
		last := len(hiveColumns)
		r, err := ofRow(fields[:last], fields[last], fields[last+1])
		if err != nil {
			p.t.Errorf("row %q: %v", fields, err)
		}
		got[r]++
	}
	p.say("table is compared")
	if d := want.differences(got); d != "" {
		p.t.Errorf("table %s: %s", p.name, d)
	}
}

// selectRequests selects each row as one text, in which null is empty.
func selectRequests(table string) string {
	var b strings.Builder
	for _, c := range append(append([]string{}, hiveColumns...), "dt", "hour") {
		fmt.Fprintf(&b, ", coalesce(cast(`%s` as string), '')", c)
	}
	return `SELECT concat_ws('\u001f'` + b.String() + ") FROM default." + table
}

// hive opens a session on HiveServer2.
func (p *pipeline) hive() (*gohive.Connection, error) {
	host, port, err := net.SplitHostPort(p.s.hs2)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	conf := gohive.NewConnectConfiguration()
	conf.Username, conf.FetchSize = "suiro", 5000
	return gohive.Connect(host, number, "NONE", conf)
}

// query returns the only column of the result.
func (p *pipeline) query(statement string) (out []string, err error) {
	conn, err := p.hive()
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	cursor, ctx := conn.Cursor(), p.t.Context()
	defer cursor.Close()
	cursor.Exec(ctx, statement)
	for cursor.Err == nil && cursor.HasMore(ctx) {
		var row string
		if cursor.FetchOne(ctx, &row); cursor.Err == nil {
			out = append(out, row)
		}
	}
	if cursor.Err != nil {
		return nil, fmt.Errorf("%s: %w", statement, cursor.Err)
	}
	return out, nil
}

// checkLetters fails the test unless a dead-letter topic has one record for each
// want, with a reason that contains all of its words.
func (p *pipeline) checkLetters(what string, want ...[]string) {
	p.t.Helper()
	reasons := p.reasons(what)
	if len(reasons) != len(want) {
		p.t.Errorf("%s has the reasons %q, want %d", p.topic(what), reasons, len(want))
	}
	for _, words := range want {
		if !slices.ContainsFunc(reasons, func(reason string) bool {
			return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(reason, word) })
		}) {
			p.t.Errorf("%s has the reasons %q, want one with %q", p.topic(what), reasons, words)
		}
	}
}

// reasons returns the reasons of the dead letters in a topic. A sink may report a
// record again after a rebalance, so equal dead letters count once.
func (p *pipeline) reasons(what string) (out []string) {
	p.t.Helper()
	seen := map[string]bool{}
	for _, r := range p.read(what) {
		letter := map[string]string{}
		for _, h := range r.Headers {
			letter[h.Key] = string(h.Value)
		}
		if offset := letter["__connect.errors.offset"]; offset != "" {
			origin := letter["__connect.errors.partition"] + "@" + offset
			if seen[origin] {
				continue
			}
			seen[origin] = true
		}
		out = append(out, cmp.Or(letter[connectReason], letter[streamsReason]))
	}
	return out
}

// noLetters fails the test when anything was rejected.
func (p *pipeline) noLetters() {
	p.t.Helper()
	for _, what := range []string{"log-dlq", "ltsv-dlq", "json-dlq", "elasticsearch-dlq", "hdfs-dlq"} {
		for _, r := range p.read(what) {
			p.t.Errorf("dead letter in %s: %.200q %v", r.Topic, r.Value, r.Headers)
		}
	}
}

// sweep removes from shared services what a test that passed has left there.
func (p *pipeline) sweep() {
	if p.t.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := errors.Join(p.deleteTopics(ctx), p.deleteFolder(), p.dropTable(ctx),
		p.call(ctx, "DELETE", "/"+p.name+"?ignore_unavailable=true", "", nil))
	if err != nil {
		p.t.Log(err)
	}
}

func (p *pipeline) dropTable(ctx context.Context) error {
	conn, err := p.hive()
	if err != nil {
		return err
	}
	cursor := conn.Cursor()
	cursor.Exec(ctx, "DROP TABLE IF EXISTS default."+p.name)
	err = cursor.Err
	cursor.Close()
	return errors.Join(err, conn.Close())
}

func (p *pipeline) deleteTopics(ctx context.Context) error {
	topics, err := p.adm.ListTopics(ctx)
	if err != nil {
		return err
	}
	var own []string
	for _, topic := range topics.Names() {
		if strings.HasPrefix(topic, p.name+"-") {
			own = append(own, topic)
		}
	}
	_, err = p.adm.DeleteTopics(ctx, own...)
	return err
}

func (p *pipeline) deleteFolder() error {
	client, err := hdfs.New(p.s.hdfs)
	if err != nil {
		return err
	}
	return errors.Join(client.RemoveAll(p.folder()), client.Close())
}
