package demo

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connectors/hdfs/hiveserver"
	"github.com/suiro/suiro/connectors/hdfs/rows"
	serverstats "github.com/suiro/suiro/examples/server-stats/app"
)

// recordsIn counts the committed records of a topic.
func (d *demo) recordsIn(base string) func(context.Context) (result, error) {
	topic := d.names.topic(base)
	return func(context.Context) (result, error) {
		return result{d.tally.records(topic), "records in topic " + topic}, nil
	}
}

// requestsCounted adds up the requests in the store of server-stats.
func (d *demo) requestsCounted(context.Context) (result, error) {
	app := d.apps[stageStats]
	if app == nil {
		return result{}, fmt.Errorf("ask the store: it has been stopped")
	}
	all, err := serverstats.Query(app.app, serverstats.All())
	if err != nil {
		return result{}, err
	}
	r := result{what: fmt.Sprintf("requests in the store, in %s counts per server and minute", number(int64(len(all))))}
	for _, s := range all {
		r.n += s.Requests
	}
	return r, nil
}

// rowsStored counts rows through Hive or else by reading the files back.
func (d *demo) rowsStored(ctx context.Context) (result, error) {
	if d.o.HiveServer != "" {
		table := d.names.table()
		if d.tally.records(d.names.topic(accessAvro)) == 0 {
			return result{0, "rows: no table yet"}, nil // the first file makes it
		}
		n, err := hiveserver.Count(ctx, d.o.HiveServer, table, nil)
		return result{n, "rows of SELECT count(*) FROM " + table + " in Hive"}, err
	}
	c, err := rows.Count(ctx, d.o.Store, d.topicFolder())
	return result{c.Rows, fmt.Sprintf("rows read back from %s Avro files in %s dt=/hour= folders",
		number(int64(c.Files)), number(int64(c.Folders)))}, err
}

// topicFolder is where the HDFS sink writes, below the store's folder.
func (d *demo) topicFolder() string { return path.Join("topics", d.names.topic(accessAvro)) }

// storedAt is the same for people.
func (d *demo) storedAt() string {
	u, err := url.Parse(d.o.Store)
	if err == nil && u.Scheme == "file" {
		return path.Join(d.folder.shown(u.Path), d.topicFolder())
	}
	return strings.TrimRight(d.o.Store, "/") + "/" + d.topicFolder()
}

// documents counts those of the index.
func (d *demo) documents(ctx context.Context) (result, error) {
	n, err := newIndex(d.o.Elasticsearch, d.names.index).count(ctx)
	return result{n, "documents in index " + d.names.index}, err
}

// lineCount counts the lines of the input beside the run.
type lineCount struct {
	done chan struct{} // closed when n and err are known
	n    int64
	err  error
}

func count(f func() (int64, error)) *lineCount {
	c := &lineCount{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.n, c.err = f()
	}()
	return c
}

// known returns the number when it is known.
func (c *lineCount) known() (int64, bool) {
	select {
	case <-c.done:
		return c.n, c.err == nil
	default:
		return 0, false
	}
}

// wait returns the number as soon as it is known.
func (c *lineCount) wait(ctx context.Context) (int64, error) {
	select {
	case <-c.done:
		return c.n, c.err
	case <-ctx.Done():
		return 0, fmt.Errorf("count the lines: %w", ctx.Err())
	}
}

// position is the byte of the input that the file source goes on at, by the
// topic where it keeps that.
func (d *demo) position() (int64, error) {
	key, err := backing.Key(d.names.connector(stageFile), map[string]any{"filename": d.input})
	if err != nil {
		return 0, err
	}
	var at int64
	for _, r := range d.tally.remembered(d.names.topic(offsets)) {
		if string(r.Key) != string(key) || r.Value == nil {
			continue
		}
		offset, err := backing.DecodeMap(r.Value)
		if err != nil {
			return 0, err
		}
		at, _ = offset["position"].(int64)
	}
	return at, nil
}

// number writes n with commas between thousands.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
