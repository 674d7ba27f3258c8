package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kill/verify"
)

// output is what an app has written, in whatever order.
type output struct {
	records int
	counts  int64  // the sum of all counts
	sum     uint64 // of keys and values
}

// String returns the output for people.
func (o output) String() string {
	return fmt.Sprintf("%d records, counts of %d, checksum %016x", o.records, o.counts, o.sum)
}

// seed makes checksums of one call of the command comparable.
var seed = maphash.MakeSeed()

// readOutput reads what the app has written. Of a count only the last record of each key is
// compared: how many there are before depends on when the app commits.
func readOutput(ctx context.Context, r *run) (o output, err error) {
	if r.app == "json" || r.app == "join" {
		err = read(ctx, r.client, r.id, func(rec *kgo.Record) {
			o.records++
			o.sum += maphash.Bytes(seed, rec.Key) ^ maphash.Bytes(seed, rec.Value)
		})
		return o, err
	}
	topic, parse := r.id, parseText
	if r.app == "distinct" { // which writes nothing but its changelog
		topic, parse = r.id+"-"+store+"-changelog", parseLong
	}
	last := map[uint64]int64{}
	err = read(ctx, r.client, topic, func(rec *kgo.Record) { last[maphash.Bytes(seed, rec.Key)] = parse(rec.Value) })
	for key, n := range last {
		o.sum += maphash.Comparable(seed, [2]uint64{key, uint64(n)})
		o.counts += n
	}
	o.records = len(last)
	return o, err
}

// parseText and parseLong read a count. What is none counts as one that no key can have.
func parseText(value []byte) int64 {
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return math.MinInt64
	}
	return n
}

func parseLong(value []byte) int64 {
	if len(value) != 8 {
		return math.MinInt64
	}
	return int64(binary.BigEndian.Uint64(value))
}

// read calls each with all committed records of a topic.
func read(ctx context.Context, cl *kgo.Client, topic string, each func(*kgo.Record)) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	ranges, err := verify.Ends(ctx, kadm.NewClient(cl), topic)
	if err != nil {
		return err
	}
	brokers, _ := cl.OptValue(kgo.SeedBrokers).([]string)
	return verify.Read(ctx, []kgo.Opt{kgo.SeedBrokers(brokers...)}, topic, ranges, kgo.ReadCommitted(), each)
}

// outputs are compared with each other, and with what must be in them.
type outputs struct {
	o     options
	first map[string]output // of the first program, by app
	wrong []error
}

func (c *outputs) compare(program, app string, got output) {
	all := c.o.all()
	differs := func(format string, args ...any) {
		err := fmt.Errorf("the output of %s, %s, has %v, but "+format, append([]any{program, app, got}, args...)...)
		fmt.Println(err)
		c.wrong = append(c.wrong, err)
	}
	// A process that was killed counts some records again when it works at least once.
	again := app == "distinct" && c.o.guarantee == "at_least_once"
	switch {
	case app == "json" && got.records != all:
		differs("there are %d requests", all)
	case app == "join" && got.records != all/2:
		differs("there are %d pairs", all/2)
	case labels[app] != "" && got.counts != int64(all) && !again:
		differs("there are %d requests to count", all)
	}
	want, ok := c.first[app]
	if !ok {
		c.first[app] = got
	} else if got != want && !again {
		differs("another run has %v", want)
	}
}
