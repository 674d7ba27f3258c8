package main

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/bench"
)

// input is what all apps read.
type input struct {
	o                          options
	lines, impressions, clicks string // topics
	began                      time.Time
}

// newInput returns the input of a call, of which the last record is an hour old.
func newInput(o options, id string, now time.Time) *input {
	return &input{o: o, lines: id + "-lines", impressions: id + "-impressions", clicks: id + "-clicks",
		began: now.Add(-time.Hour - time.Duration(o.all())*step).Truncate(time.Minute)}
}

// of returns the topics that an app reads.
func (in *input) of(app string) []string {
	if app == "join" {
		return []string{in.impressions, in.clicks}
	}
	return []string{in.lines}
}

// step is the time between two requests.
const step = 10 * time.Millisecond

// load fills the topics, and reads them once: the broker must be warm before the first run.
func (in *input) load(ctx context.Context, cl *kgo.Client) error {
	total := in.o.all()
	fmt.Printf("loading %d records ...\n", total)
	for _, t := range []struct {
		topic   string
		wanted  bool
		records int
		record  func(int) (*kgo.Record, error)
	}{
		{in.lines, in.o.has("json") || in.o.has("count") || in.o.has("distinct"), total, in.line},
		{in.impressions, in.o.has("join"), total / 2, in.impression},
		{in.clicks, in.o.has("join"), total / 2, in.click},
	} {
		if !t.wanted {
			continue
		}
		if err := bench.MakeTopic(ctx, cl, t.topic, in.o.partitions); err != nil {
			return err
		}
		if err := bench.Load(ctx, cl, 0, t.records, t.record); err != nil {
			return err
		}
		if err := read(ctx, cl, t.topic, func(*kgo.Record) {}); err != nil {
			return err
		}
	}
	return nil
}

// impression and click are the two sides of a pair, with the same key. Together there are as
// many as requests. A click comes half a minute after its impression at most.
func (in *input) impression(i int) (*kgo.Record, error) {
	value := fmt.Appendf(nil, "page:/products/%d\tcampaign:%x\tplace:%d", i%10_000, i%977, i%7)
	return in.side(in.impressions, i, 0, value), nil
}

func (in *input) click(i int) (*kgo.Record, error) {
	after := time.Duration(i%30_000) * time.Millisecond
	value := fmt.Appendf(nil, "referer:https://www.example.com/search?q=%x\tx:%d", i, i%1024)
	return in.side(in.clicks, i, after, value), nil
}

func (in *input) side(topic string, i int, after time.Duration, value []byte) *kgo.Record {
	return &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "%016x", bench.Mix(uint64(i))), Value: value,
		Timestamp: in.began.Add(time.Duration(i)*2*step + after)}
}

// line is the request with a number, with a key that nothing depends on.
func (in *input) line(i int) (*kgo.Record, error) {
	at := in.began.Add(time.Duration(i) * step)
	id := i
	if n := in.o.counted(); i >= n {
		id -= n
	}
	return &kgo.Record{Topic: in.lines, Key: fmt.Appendf(nil, "%08x", uint32(i)*2654435761), Timestamp: at,
		Value: bench.Line(i, id, at)}, nil
}
