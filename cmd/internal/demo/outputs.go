package demo

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/suiro/suiro/cmd/internal/demo/screen"
	"github.com/suiro/suiro/cmd/internal/demo/services"
	"github.com/suiro/suiro/cmd/internal/demo/tally"
	"github.com/suiro/suiro/connectors/hdfs/readback"
	serverstats "github.com/suiro/suiro/examples/server-stats/app"
)

// result is what a stage wrote.
type result struct {
	n    int64
	what string
}

// outputs counts what each stage wrote, in the place that it wrote to.
type outputs struct {
	o     *Options
	names names
	tally *tally.Tally
	apps  map[string]*running
}

// recordsIn counts the committed records of a topic.
func (c *outputs) recordsIn(base string) func(context.Context) (result, error) {
	topic := c.names.topic(base)
	return func(context.Context) (result, error) {
		return result{c.tally.Records(topic), "records in topic " + topic}, nil
	}
}

// requestsCounted adds up the requests in the store of server-stats.
func (c *outputs) requestsCounted(ctx context.Context) (result, error) {
	app := c.apps[stageStats]
	if app == nil {
		return result{}, errors.New("ask the store: the app has been stopped")
	}
	if err := c.restored(ctx, app); err != nil {
		return result{}, err
	}
	all, err := serverstats.Query(app.app, serverstats.All())
	if err != nil {
		return result{}, err
	}
	r := result{what: "requests in " + screen.Plural(int64(len(all)), "count") + " by server and minute"}
	for _, s := range all {
		r.n += s.Requests
	}
	return r, nil
}

// restored waits until all partitions of the store can be queried: the counts of
// earlier runs are restored from the changelog first.
func (c *outputs) restored(ctx context.Context, app *running) error {
	topic := c.names.byServer()
	topics, err := c.tally.Admin().ListTopics(ctx, topic)
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
			return fmt.Errorf("only %d of %d partitions of the store can be queried",
				len(parts), len(topics[topic].Partitions))
		}
	}
}

// patience is how long to wait for what happens after the last offset is
// committed: stores are restored, and partitions are registered with Hive.
const patience = time.Minute

// rowsStored counts the rows by reading the files back, or by asking Hive.
func (c *outputs) rowsStored(ctx context.Context) (result, error) {
	got, err := readback.CountFiles(ctx, c.o.Store, topicFolder(c.names))
	if err == nil && c.o.HiveServer != "" && got.Files > 0 { // the first file creates the table
		return c.rowsInHive(ctx, got.Rows)
	}
	return result{got.Rows, fmt.Sprintf("rows read back from %s in %s", screen.Plural(int64(got.Files), "Avro file"),
		screen.Plural(int64(got.Folders), "folder"))}, err
}

// rowsInHive asks Hive, and asks again while Hive has fewer rows than the files:
// the sink registers partitions after it has written their files.
func (c *outputs) rowsInHive(ctx context.Context, files int64) (result, error) {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	table := c.names.table()
	for {
		n, err := readback.CountTable(ctx, c.o.HiveServer, table, nil)
		if err == nil && n >= files || pause(patient, time.Second) != nil {
			return result{n, "rows of SELECT count(*) FROM " + table + " in Hive"}, err
		}
	}
}

// documents counts the documents of the index.
func (c *outputs) documents(ctx context.Context) (result, error) {
	n, err := services.NewIndex(c.o.Elasticsearch, c.names.index).Count(ctx)
	return result{n, "documents in index " + c.names.index}, err
}

// topicFolder is where the HDFS sink writes, below the store's folder.
func topicFolder(n names) string { return path.Join("topics", n.topic(accessAvro)) }
