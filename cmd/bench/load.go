package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// load makes the input topic and fills it with records of about 475 bytes.
func load(ctx context.Context, cl *kgo.Client, topic string, o options) error {
	if err := makeTopic(ctx, cl, topic, o.partitions); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 2))
	var failed error
	for i := range o.records {
		rec := &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "%08x", r.Uint32()), Value: line(r, i)}
		cl.Produce(ctx, rec, func(_ *kgo.Record, err error) {
			if err != nil {
				failed = err
			}
		})
	}
	if err := cl.Flush(ctx); err != nil {
		return err
	}
	return failed
}

func makeTopic(ctx context.Context, cl *kgo.Client, topic string, partitions int) error {
	r, err := kadm.NewClient(cl).CreateTopic(ctx, int32(partitions), 1, nil, topic)
	if err == nil {
		err = r.Err
	}
	return err
}

// line is one request of a web server.
func line(r *rand.Rand, i int) []byte {
	at := time.Unix(1_700_000_000+int64(i/100), 0).UTC()
	return fmt.Appendf(nil, "time:[%s]\thost:10.%d.%d.%d\tident:-\tuser:-\treq:GET /products/%d?page=%d HTTP/1.1\t"+
		"method:GET\turi:/products/%d\tprotocol:HTTP/1.1\tstatus:%d\tsize:%d\treferer:https://www.example.com/search?q=%x\t"+
		"ua:Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0 Safari/537.36\t"+
		"vhost:web%02d.example.com\treqtime:%.3f\tcookie:session=%016x; theme=dark; lang=ja",
		at.Format("02/Jan/2006:15:04:05 -0700"), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(10000), r.IntN(20),
		r.IntN(10000), []int{200, 200, 200, 200, 304, 404, 500}[r.IntN(7)], r.IntN(100000), r.Uint64(),
		100+r.IntN(40), r.IntN(12), r.ExpFloat64()/10, r.Uint64())
}
