package trial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/internal/kill/access"
	"github.com/suiro/suiro/internal/kill/verify"
)

// Options describe a trial.
type Options struct {
	// Bootstrap is what {bootstrap} stands for.
	Bootstrap string
	// Ways are what {bootstrap} stands for in some of the instances, by their numbers, such
	// as a proxy. Default: Bootstrap.
	Ways map[int]string
	// Client are the options of the trial's own Kafka clients.
	Client []kgo.Opt
	// App is the command of the app, one word in each element. In each word {input},
	// {output}, {application.id}, {state}, {http}, {replication.factor} and
	// {bootstrap} are replaced.
	App []string
	// Lines are what the app is fed.
	Lines access.Log
	// JSON feeds JSON instead of LTSV.
	JSON bool
	// Rate is how many records a second are fed. Default: 10000.
	Rate float64
	// Steady feeds at that rate whatever happens. Default: the feed waits for events and for
	// the app.
	Steady bool
	// Processes is how many instances there may be. Default: 1.
	Processes int
	// Late leaves the instances beyond the first to [Join] events.
	Late bool
	// Partitions of the input and output topics. Default: 4.
	Partitions int32
	// ReplicationFactor of the topics; -1 is the broker's default.
	ReplicationFactor int16
	// OutputConfig configures the output topic. Default: the broker's configuration.
	OutputConfig map[string]string
	// Dir gets state and output of the app.
	Dir string
	// Stall is how long the app may be without progress. Default: 2 minutes.
	Stall time.Duration
	// Log gets a line for each event. Default: nothing is written.
	Log io.Writer
}

// Outcome is what happened.
type Outcome struct {
	// Kills is how many instances were killed.
	Kills int
	// Joins is how many instances were started in addition.
	Joins int
	// Leaves is how many instances were stopped as an operator would.
	Leaves int
	// Freezes is how many instances were suspended for a while.
	Freezes int
	// FullDisks is how many instances ended because their disk was full.
	FullDisks int
	// InTransaction is how many kills and freezes met an open transaction.
	InTransaction int
	// Records is how many records the app has processed.
	Records int64
	// Duration is how long the trial took.
	Duration time.Duration
}

// Trial is one run of an app. Its names are unique to it.
type Trial struct {
	Options
	// Application is the application.id.
	Application string
	// Input is the topic that is fed.
	Input string
	// Output is the topic that the app writes.
	Output string
	// Instances are the processes of the app.
	Instances []*Instance
	// Outcome is what has happened so far.
	Outcome Outcome

	client *kgo.Client
	adm    *kadm.Client
	feed   *Feed
	events int64
	done   atomic.Int64 // events
	taken  atomic.Int64 // records of the input that the group has committed
	began  time.Time
	known  int64 // committed when the last event was over
}

// New makes the topics and returns a trial that has not started. name is part of all
// names.
func New(ctx context.Context, name string, o Options) (*Trial, error) {
	if len(o.App) == 0 {
		return nil, errors.New("the command of the app is empty")
	}
	setDefaults(&o)
	cl, err := kgo.NewClient(o.Client...)
	if err != nil {
		return nil, err
	}
	unique := name + "-" + strings.ToLower(time.Now().UTC().Format("20060102T150405.000000"))
	t := &Trial{
		Options: o, Application: unique, Input: unique + "-in", Output: unique + "-out",
		client: cl, adm: kadm.NewClient(cl),
	}
	if err := t.prepare(ctx); err != nil {
		cl.Close()
		return nil, err
	}
	return t, nil
}

func setDefaults(o *Options) {
	o.Lines = o.Lines.WithDefaults()
	o.Rate = orElse(o.Rate, 10_000)
	o.Processes = orElse(o.Processes, 1)
	o.Partitions = orElse(o.Partitions, 4)
	o.ReplicationFactor = orElse(o.ReplicationFactor, -1)
	o.Stall = orElse(o.Stall, 2*time.Minute)
	o.Log = orElse(o.Log, io.Discard)
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (t *Trial) prepare(ctx context.Context) error {
	config := map[string]*string{}
	for key, value := range t.OutputConfig {
		config[key] = &value
	}
	for topic, config := range map[string]map[string]*string{t.Input: nil, t.Output: config} {
		if _, err := t.adm.CreateTopic(ctx, t.Partitions, t.ReplicationFactor, config, topic); err != nil {
			return fmt.Errorf("create topic %s: %w", topic, err)
		}
		if err := t.visible(ctx, topic); err != nil {
			return fmt.Errorf("create topic %s: %w", topic, err)
		}
	}
	if err := os.MkdirAll(t.Dir, 0o755); err != nil {
		return err
	}
	places := map[string]string{
		"input": t.Input, "output": t.Output, "application.id": t.Application,
		"replication.factor": fmt.Sprint(t.ReplicationFactor),
	}
	for n := range t.Processes {
		places["bootstrap"] = orElse(t.Ways[n+1], t.Bootstrap)
		i, err := newInstance(n+1, t.Dir, t.App, places)
		if err != nil {
			return err
		}
		t.Instances = append(t.Instances, i)
	}
	return nil
}

// visible waits until brokers know a topic, which is a little after they
// made it.
func (t *Trial) visible(ctx context.Context, topic string) error {
	for {
		topics, err := t.adm.ListTopics(ctx, topic)
		if err != nil || topics.Has(topic) && len(topics[topic].Partitions) == int(t.Partitions) {
			return err
		}
		if err := t.Sleep(ctx, poll); err != nil {
			return err
		}
	}
}

// Remove deletes the topics and the group of the trial, whose app has stopped.
func (t *Trial) Remove(ctx context.Context) error {
	topics, err := t.adm.ListTopics(ctx)
	if err != nil {
		return fmt.Errorf("list topics: %w", err)
	}
	var own []string
	for _, topic := range topics.Names() {
		if strings.HasPrefix(topic, t.Application+"-") {
			own = append(own, topic)
		}
	}
	if _, err := t.adm.DeleteTopics(ctx, own...); err != nil {
		return fmt.Errorf("delete topics: %w", err)
	}
	if _, err := t.adm.DeleteGroups(ctx, t.Application); err != nil {
		return fmt.Errorf("delete group: %w", err)
	}
	return nil
}

// Close kills what still runs. The topics stay, so that they can be inspected, unless
// Remove was called before.
func (t *Trial) Close() {
	for _, i := range t.Instances {
		i.abandon()
	}
	t.client.Close()
}

// Run feeds the app, lets the events happen in turn, waits until everything is
// processed, calls ask (unless it is nil) while the app still runs, and stops
// the app.
func (t *Trial) Run(ctx context.Context, events []Event, ask func(context.Context) error) error {
	t.began, t.events = time.Now(), int64(len(events))
	t.feed = &Feed{Topic: t.Input, Log: t.Lines, JSON: t.JSON, Rate: t.Rate, Open: t.open}
	for n, i := range t.Instances {
		if n == 0 || !t.Late {
			if err := i.Start(); err != nil {
				return err
			}
		}
	}
	group, working := errgroup.WithContext(ctx)
	watching, unwatch := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { t.watch(watching) })
	defer watch.Wait()
	defer unwatch()
	group.Go(func() error { return t.feed.Run(working, t.Client) })
	group.Go(func() error { return t.run(working, events) })
	if err := group.Wait(); err != nil {
		return err
	}
	if err := t.settle(ctx); err != nil {
		return err
	}
	t.say("all is processed")
	t.Outcome.Records, t.Outcome.Duration = t.Lines.Records, time.Since(t.began)
	if ask != nil {
		if err := ask(ctx); err != nil {
			return err
		}
	}
	defer func() { t.say("all is stopped") }()
	return t.stop()
}

func (t *Trial) run(ctx context.Context, events []Event) error {
	for n, e := range events {
		t.say("%d/%d %v", n+1, len(events), e)
		if err := e.Do(ctx, t); err != nil {
			return fmt.Errorf("%v: %w", e, err)
		}
		t.done.Add(1)
		var err error
		if t.known, err = t.committed(ctx); err != nil {
			return err
		}
	}
	return nil
}

// open holds back the part of the input that belongs to later events, and what is
// more than a second ahead of the app, unless the feed is steady: the app would process it
// all at once after it was down, before the next event.
func (t *Trial) open() int64 {
	if t.Steady {
		return t.Lines.Records
	}
	return min(t.part(), t.taken.Load()+int64(t.Rate))
}

// part is how many records belong to the events until now.
func (t *Trial) part() int64 { return t.Lines.Records * (t.done.Load() + 1) / (t.events + 1) }

func (t *Trial) stop() error {
	var errs []error
	for _, i := range t.Instances {
		if i.Running() {
			errs = append(errs, i.Stop())
		}
	}
	return errors.Join(errs...)
}

// alive returns an error when an instance has ended by itself.
func (t *Trial) alive() error {
	for _, i := range t.Instances {
		if err := i.Alive(); err != nil {
			return err
		}
	}
	return nil
}

// Sleep waits for d, and returns an error when an instance has ended by itself.
func (t *Trial) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return t.alive()
	}
}

func (t *Trial) say(format string, args ...any) {
	fmt.Fprintf(t.Log, "%7.1fs %s\n", time.Since(t.began).Seconds(), fmt.Sprintf(format, args...))
}

// Stats asks all instances that run for their counts and adds them up.
func (t *Trial) Stats(ctx context.Context, path string) (verify.Stats, error) {
	return verify.AskStats(ctx, t.URLs(path)...)
}

// URLs returns where all instances that run answer for a path.
func (t *Trial) URLs(path string) (urls []string) {
	for _, i := range t.Instances {
		if i.Running() {
			urls = append(urls, "http://"+i.HTTP+path)
		}
	}
	return urls
}
