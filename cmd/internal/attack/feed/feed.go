// Package feed writes the honest records: lines of a log, and records to the topics of
// the other lanes, all the time while others attack.
package feed

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/attack/honest"
	"github.com/suiro/suiro/cmd/internal/attack/registry"
	"github.com/suiro/suiro/cmd/internal/attack/stage"
)

// Feed is what is fed. Run is called once; the other methods may be called from any
// goroutine.
type Feed struct {
	// Log, Avro and Envelope are the lanes: lines of a log, which become JSON; Avro with
	// ids of a registry; JSON in an envelope with its schema.
	Log, Avro, Envelope *honest.Lane

	stage *stage.Stage
	vhost string
	mu    sync.Mutex // held while the log is written or renamed
}

// New returns a feed whose records carry secret. It creates an empty log.
func New(s *stage.Stage, secret string) (*Feed, error) {
	f := &Feed{stage: s, vhost: stage.VHost(secret), Log: honest.NewLane(secret, "log"),
		Avro: honest.NewLane(secret, "avro"), Envelope: honest.NewLane(secret, "envelope")}
	return f, os.WriteFile(s.LogFile(), nil, 0o600)
}

// VHost is the server of the honest requests.
func (f *Feed) VHost() string { return f.vhost }

const (
	step  = 100 * time.Millisecond // between two portions
	lines = 10                     // of the log in a portion
	few   = 3                      // records of the other lanes
)

// Run feeds until ctx ends. Records that were begun are finished, so that what was fed is
// known.
func (f *Feed) Run(ctx context.Context) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(f.stage.Kafka...))
	if err != nil {
		return err
	}
	defer cl.Close()
	tick := time.NewTicker(step)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := f.portion(context.WithoutCancel(ctx), cl); err != nil {
			return fmt.Errorf("feed honest records: %w", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	return nil
}

func (f *Feed) portion(ctx context.Context, cl *kgo.Client) error {
	if err := f.writeLines(); err != nil {
		return err
	}
	var records []*kgo.Record
	for n := range few {
		id := f.Envelope.Next(n)
		records = append(records,
			&kgo.Record{Topic: f.stage.Topic("registry"),
				Value: registry.Message(registry.Honest, registry.Datum(f.Avro.Next(n)))},
			&kgo.Record{Topic: f.stage.Topic("envelope"), Value: []byte(`{"schema":{"type":"struct","optional":false,` +
				`"fields":[{"field":"id","type":"string"}]},"payload":{"id":"` + id + `"}}`)})
	}
	if err := cl.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return err
	}
	f.Avro.Feed(few)
	f.Envelope.Feed(few)
	return nil
}

func (f *Feed) writeLines() error {
	var text strings.Builder
	now := time.Now().UTC()
	for n := range lines {
		fmt.Fprintf(&text, "time:%s\thost:192.0.2.7\tvhost:%s\treq:GET /items/%d HTTP/1.1\tstatus:200\tsize:%d\t"+
			"reqtime:0.0%d\tua:curl/8.%d\tcookie:sid=abc; theme%d=dark\tid:%s\n", now.Format("[02/Jan/2006:15:04:05 -0700]"),
			f.vhost, n, 100+n, 1+n, n, n, f.Log.Next(n))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	log, err := os.OpenFile(f.stage.LogFile(), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if _, err := log.WriteString(text.String()); err != nil {
		_ = log.Close()
		return err
	}
	if err := log.Close(); err != nil {
		return err
	}
	f.Log.Feed(lines)
	return nil
}

// Rotate renames the log, as a rotation does; the next line begins a new one.
func (f *Feed) Rotate(to string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return os.Rename(f.stage.LogFile(), to)
}
