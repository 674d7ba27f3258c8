package demo

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

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
func (d *demo) requestsCounted(ctx context.Context) (result, error) {
	app := d.apps[stageStats]
	if app == nil {
		return result{}, fmt.Errorf("ask the store: it has been stopped")
	}
	if err := d.restored(ctx, app); err != nil {
		return result{}, err
	}
	all, err := serverstats.Query(app.app, serverstats.All())
	if err != nil {
		return result{}, err
	}
	r := result{what: "requests in the store, in " + plural(int64(len(all)), "count") + " per server and minute"}
	for _, s := range all {
		r.n += s.Requests
	}
	return r, nil
}

// restored waits until all parts of the store can be asked: those of earlier
// runs come out of their changelog first.
func (d *demo) restored(ctx context.Context, app *running) error {
	topic := d.names.byServer()
	topics, err := d.tally.adm.ListTopics(ctx, topic)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		parts, err := app.app.Store(serverstats.StoreName)
		if err != nil || len(parts) == len(topics[topic].Partitions) {
			return err
		}
		if pause(ctx, sampleEvery) != nil {
			return fmt.Errorf("only %d of %d parts of the store can be asked", len(parts), len(topics[topic].Partitions))
		}
	}
}

// patience is how long to wait for what follows after the last offset is
// committed: stores that are restored, partitions that Hive gets to know.
const patience = time.Minute

// rowsStored counts the rows by reading the files back, or through Hive.
func (d *demo) rowsStored(ctx context.Context) (result, error) {
	c, err := rows.Count(ctx, d.o.Store, d.topicFolder())
	if err == nil && d.o.HiveServer != "" && c.Files > 0 { // the first file makes the table
		return d.rowsInHive(ctx, c.Rows)
	}
	return result{c.Rows, fmt.Sprintf("rows read back from %s in %s", plural(int64(c.Files), "Avro file"),
		plural(int64(c.Folders), "dt=/hour= folder"))}, err
}

// rowsInHive asks Hive, and again while it knows of fewer rows than are in the
// files: the sink registers partitions after it has written them.
func (d *demo) rowsInHive(ctx context.Context, files int64) (result, error) {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	table := d.names.table()
	for {
		n, err := hiveserver.Count(ctx, d.o.HiveServer, table, nil)
		if err == nil && n >= files || pause(patient, time.Second) != nil {
			return result{n, "rows of SELECT count(*) FROM " + table + " in Hive"}, err
		}
	}
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

// plural writes a number of things.
func plural(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return number(n) + " " + thing + "s"
}

// number writes n with commas between thousands.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
