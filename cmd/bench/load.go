package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/bench"
)

// load makes the input topic and fills it with records of about 475 bytes.
func load(ctx context.Context, cl *kgo.Client, topic string, o options) error {
	if err := bench.MakeTopic(ctx, cl, topic, o.partitions); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 2))
	return bench.Load(ctx, cl, 0, o.records, func(i int) (*kgo.Record, error) {
		return &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "%08x", r.Uint32()), Value: line(r, i)}, nil
	})
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
