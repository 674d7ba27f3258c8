package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/bench"
)

// compared is one call of the command.
type compared struct {
	o        options
	client   *kgo.Client
	admin    *kadm.Client
	id       string // begins the names of its topics
	input    string // file of the source
	topic    string // of the sink
	dir      string // for what is kept only while it runs
	programs []program
	table    bench.Table
}

// newBench returns a call of the command, and what ends it.
func newBench(o options) (b *compared, done func(), err error) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(o.brokers...), kgo.ProducerBatchCompression(codecs[o.codec]),
		kgo.MaxBufferedRecords(100_000),
		kgo.MetadataMinAge(100*time.Millisecond)) // else it looks at a new topic whose leader it did not know 5 s later
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "bench-connect")
	if err != nil {
		cl.Close()
		return nil, nil, err
	}
	b = &compared{o: o, client: cl, admin: kadm.NewClient(cl), id: fmt.Sprintf("bench-connect-%d", time.Now().Unix()),
		input: filepath.Join(dir, "input"), dir: dir, programs: programs(o)}
	b.topic = b.id + "-in"
	return b, func() {
		cl.Close()
		_ = os.RemoveAll(dir) // in a folder that the system empties
	}, nil
}

// measure runs everything and prints it.
func measure(ctx context.Context, o options) error {
	b, done, err := newBench(o)
	if err != nil {
		return err
	}
	defer done()
	fmt.Printf("preparing %d records of %d bytes ...\n", o.warmup+o.records, o.size)
	if err := b.load(ctx); err != nil {
		return fmt.Errorf("prepare the input: %w", err)
	}
	defer b.admin.DeleteTopics(context.WithoutCancel(ctx), b.topic)
	for round := range o.rounds {
		if err := b.round(ctx, round); err != nil {
			return err
		}
	}
	b.table.Print(os.Stdout)
	return nil
}

var codecs = map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}

// load writes the file and the topic that all runs read.
func (b *compared) load(ctx context.Context) error {
	if err := bench.MakeTopic(ctx, b.client, b.topic, b.o.partitions); err != nil {
		return err
	}
	file, err := newLines(b.input, b.o.size)
	if err != nil {
		return err
	}
	err = bench.Load(ctx, b.client, 0, b.o.warmup+b.o.records, func(i int) (*kgo.Record, error) {
		line, err := file.next(i)
		return &kgo.Record{Topic: b.topic, Value: line}, err
	})
	if err != nil {
		return err
	}
	return file.close()
}

// round lets the programs do everything once, in turn.
func (b *compared) round(ctx context.Context, round int) error {
	for _, part := range []struct {
		name string
		run  func(context.Context, program, string) (result, error)
	}{{"start", b.start}, {"source", b.source}, {"sink", b.sink}, {"chain", b.chain}} {
		for _, p := range b.programs {
			id := fmt.Sprintf("%s-%d-%s-%s", b.id, round, part.name, p.name)
			r, err := part.run(ctx, p, filepath.Join(b.folder(b.dir), id))
			if err != nil {
				return fmt.Errorf("%s, %s: %w", p.name, part.name, err)
			}
			fmt.Printf("round %d  %-6s %-6s %s\n", round+1, part.name, p.name, r)
			r.addTo(&b.table, part.name, p.name)
		}
	}
	return nil
}

// folder is where the workers have theirs.
func (b *compared) folder(dir string) string {
	if b.o.keep != "" {
		return b.o.keep
	}
	return dir
}

// start measures a worker without connectors until its REST API answers.
func (b *compared) start(ctx context.Context, p program, dir string) (r result, err error) {
	w, err := b.launch(p, dir, nil)
	if err != nil {
		return r, err
	}
	defer func() { r.peak, err = ended(w, err) }()
	if r.start, err = w.answers(ctx); err != nil {
		return r, err
	}
	s, err := w.reach(ctx, 0, func() (int64, error) { return 0, nil })
	r.startCPU = s.CPU
	return r, err
}

// source measures the file source: what counts is what is in its topic.
func (b *compared) source(ctx context.Context, p program, dir string) (r result, err error) {
	topic := filepath.Base(dir)
	if err := bench.MakeTopic(ctx, b.client, topic, b.o.partitions); err != nil {
		return r, err
	}
	defer b.admin.DeleteTopics(context.WithoutCancel(ctx), topic)
	return b.records(ctx, p, dir, map[string]string{"name": topic, "tasks.max": "1", "topic": topic, "file": b.input,
		"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector"},
		func() (done int64, err error) {
			ends, err := b.admin.ListEndOffsets(ctx, topic) // a partition may have no leader yet
			ends.Each(func(o kadm.ListedOffset) { done += max(0, o.Offset) })
			return done, err
		})
}

// transforms are five that put a line into a field, add others, change and rename them, and take the
// line out again, so that the output is that of the sink without them.
var transforms = map[string]string{
	"transforms":                        "hoist,insert,time,replace,extract",
	"transforms.hoist.type":             "org.apache.kafka.connect.transforms.HoistField$Value",
	"transforms.hoist.field":            "line",
	"transforms.insert.type":            "org.apache.kafka.connect.transforms.InsertField$Value",
	"transforms.insert.topic.field":     "topic",
	"transforms.insert.offset.field":    "offset",
	"transforms.insert.static.field":    "site",
	"transforms.insert.static.value":    "tokyo",
	"transforms.insert.timestamp.field": "at",
	"transforms.time.type":              "org.apache.kafka.connect.transforms.TimestampConverter$Value",
	"transforms.time.field":             "at",
	"transforms.time.target.type":       "string",
	"transforms.time.format":            "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
	"transforms.replace.type":           "org.apache.kafka.connect.transforms.ReplaceField$Value",
	"transforms.replace.exclude":        "topic,site",
	"transforms.replace.renames":        "line:message",
	"transforms.extract.type":           "org.apache.kafka.connect.transforms.ExtractField$Value",
	"transforms.extract.field":          "message",
}

// chain measures the file sink behind transforms.
func (b *compared) chain(ctx context.Context, p program, dir string) (result, error) {
	return b.sinkBehind(ctx, p, dir, transforms)
}

// sink measures the file sink.
func (b *compared) sink(ctx context.Context, p program, dir string) (result, error) {
	return b.sinkBehind(ctx, p, dir, nil)
}

// sinkBehind measures the file sink behind transforms: what counts is what is in its file.
func (b *compared) sinkBehind(ctx context.Context, p program, dir string, chain map[string]string) (result, error) {
	out, name := filepath.Join(dir, "output"), filepath.Base(dir)
	defer os.Remove(out)
	defer b.admin.DeleteGroup(context.WithoutCancel(ctx), "connect-"+name)
	connector := map[string]string{"name": name, "tasks.max": "1", "topics": b.topic, "file": out,
		"connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector"}
	maps.Copy(connector, chain)
	return b.records(ctx, p, dir, connector,
		func() (done int64, err error) {
			info, err := os.Stat(out)
			if err != nil {
				return 0, nil // it is not there yet
			}
			return info.Size() / int64(b.o.size+1), nil
		})
}

// records runs a connector over the whole input.
func (b *compared) records(ctx context.Context, p program, dir string, connector map[string]string,
	done func() (int64, error)) (r result, err error) {
	w, err := b.launch(p, dir, connector)
	if err != nil {
		return r, err
	}
	defer func() {
		r.peak, err = ended(w, err)
		if n, derr := done(); err == nil && (derr != nil || n != int64(b.o.warmup+b.o.records)) {
			err = fmt.Errorf("the output has %d records, want %d (%w)", n, b.o.warmup+b.o.records, derr)
		}
	}()
	cold, err := w.reach(ctx, b.o.warmup, done)
	if err != nil {
		return r, err
	}
	all, err := w.reach(ctx, b.o.warmup+b.o.records, done)
	if err != nil {
		return r, err
	}
	r.cold, r.warm = bench.Between(bench.Sample{At: w.Began}, cold), bench.Between(cold, all)
	return r, nil
}

func (b *compared) launch(p program, dir string, connector map[string]string) (*worker, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return start(b.o, p, dir, connector)
}

// ended stops a worker, and keeps an error that there is already.
func ended(w *worker, err error) (float64, error) {
	peak, perr := w.Peak()
	if serr := w.Stop(); perr == nil {
		perr = serr
	}
	if err == nil {
		err = perr
	}
	return peak, err
}
