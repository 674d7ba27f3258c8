package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/streams/internal/statedir"
)

// Guard notices that internal topics of the app are deleted, or made again, while it runs. A
// broker that makes topics by itself makes one again for anybody who asks for it, with its own
// number of partitions and configuration, and what the app had in it is lost without a word.
//
// It also notices that topics which others write are deleted. Their owner may make them again, so
// that they are lost only when they have been gone for as long as the app's patience.
type Guard struct {
	// Client are the options of the client.
	Client []kgo.Opt
	// Own are the internal topics by their names in Kafka: true for a changelog.
	Own map[string]bool
	// Inputs are the topics that the app reads by name and others write. Default: none.
	Inputs []string
	// Patience is how long one of them may be gone.
	Patience time.Duration
	// Brokers are those that the commands in errors name, host:port with commas between.
	Brokers string
	// Interval is the time between two looks.
	Interval time.Duration
	// StateDir is the folder that errors about changelogs name.
	StateDir string
	// Log gets what keeps it from looking.
	Log *slog.Logger

	known map[string]kadm.TopicID
	found int // looks in a row at which a topic was gone
	gone  atomic.Pointer[error]

	inputs  inputs
	waiting atomic.Pointer[string]
}

// confirmations is how many looks in a row must find that a topic is gone: brokers that have just
// started may not know all topics yet.
const confirmations = 3

// Lost returns the error that says which topics are gone, and what to do; nil while none is. Any
// goroutine may call it.
func (g *Guard) Lost() error {
	if err := g.gone.Load(); err != nil {
		return *err
	}
	return nil
}

// Waiting says which input topics are gone and are waited for, in words; "" for none. Any goroutine
// may call it.
func (g *Guard) Waiting() string {
	if text := g.waiting.Load(); text != nil {
		return *text
	}
	return ""
}

// Run looks at the topics until one of them is gone, or ctx is done. The error is that of the
// client's options.
func (g *Guard) Run(ctx context.Context) error {
	// What the client remembers of topics would hide that they are gone.
	cl, err := kgo.NewClient(append(slices.Clone(g.Client), kgo.MetadataMinAge(max(g.pause()/2, 10*time.Millisecond)))...)
	if err != nil {
		return err
	}
	defer cl.Close()
	for adm := kadm.NewClient(cl); ; {
		if g.Look(ctx, adm); g.Lost() != nil {
			return nil
		}
		pause := g.Interval
		if g.found > 0 || len(g.inputs.gone) > 0 {
			pause = g.pause()
		}
		if backoff.Sleep(ctx, pause) != nil {
			return nil
		}
	}
}

// Look looks at the topics once. A topic is lost at the third look in a row at which it is gone. One
// that has not been there yet is not missed, and a look that no broker answers is none.
func (g *Guard) Look(ctx context.Context, adm *kadm.Client) {
	exist, err := adm.ListTopicsWithInternal(ctx, append(sorted(g.Own), g.Inputs...)...)
	if err != nil {
		g.Log.Debug("look at internal topics", "error", err)
		return
	}
	lost := g.lost(exist)
	if g.found++; lost == nil {
		g.found = 0
	}
	if g.found >= confirmations {
		g.gone.Store(&lost)
	}
	waiting := missingInputs(g.inputs.look(g.Inputs, exist, g.Log))
	g.waiting.Store(&waiting)
	if over := g.inputs.over(g.Patience, g.Brokers); over != nil && g.Lost() == nil {
		g.gone.Store(&over)
	}
}

// pause is the time between two looks at a topic that seems to be gone.
func (g *Guard) pause() time.Duration { return min(g.Interval, time.Second) }

// lost returns which topics are gone, or made again, of those that were there before.
func (g *Guard) lost(exist kadm.TopicDetails) error {
	if g.known == nil {
		g.known = map[string]kadm.TopicID{}
	}
	var errs []error
	var none kadm.TopicID // of brokers before 2.8
	for _, topic := range sorted(g.Own) {
		d, ok := exist[topic]
		was, seen := g.known[topic]
		switch {
		case ok && d.Err == nil && (!seen || was == none):
			g.known[topic] = d.ID
		case ok && d.Err == nil && d.ID != none && d.ID != was:
			errs = append(errs, g.what(topic, "was deleted and made again while the app runs"))
		case seen && (!ok || errors.Is(d.Err, kerr.UnknownTopicOrPartition)):
			errs = append(errs, g.what(topic, "was deleted while the app runs"))
		}
	}
	return errors.Join(errs...)
}

// what is the error of a topic that is gone.
func (g *Guard) what(topic, how string) error {
	if g.Own[topic] {
		return fmt.Errorf("changelog %s %s: %s", topic, how, statedir.WaysOut(g.StateDir))
	}
	return fmt.Errorf("internal topic %s %s, and what was not processed of it is lost: start the app again to go on "+
		"without these records (it makes the topic), or reset it to process its input again", topic, how)
}
