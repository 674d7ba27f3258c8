package admin

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// Counts knows how many partitions topics have. It asks the brokers for each topic at first
// and again when what it knows is too old. It may be used from any goroutine.
type Counts struct {
	adm *kadm.Client
	age time.Duration

	mu    sync.Mutex
	known map[string]count
}

type count struct {
	partitions int
	at         time.Time
}

// NewCounts returns Counts whose knowledge is not older than age.
func NewCounts(adm *kadm.Client, age time.Duration) *Counts {
	return &Counts{adm: adm, age: age, known: map[string]count{}}
}

// countPatience is how long brokers may take to answer.
const countPatience = 10 * time.Second

// Of returns how many partitions a topic has. The error says that there is no such topic, or
// that no broker has answered; then what was known before counts.
func (c *Counts) Of(topic string) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.known[topic]
	if ok && time.Since(known.at) < c.age {
		return known.partitions, nil
	}
	n, err := c.ask(topic)
	if err != nil && ok {
		n, err = known.partitions, nil
	}
	if err != nil {
		return 0, fmt.Errorf("ask for the partitions of topic %s: %w", topic, err)
	}
	c.known[topic] = count{n, time.Now()}
	return n, nil
}

func (c *Counts) ask(topic string) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), countPatience)
	defer cancel()
	found, err := c.adm.ListTopics(ctx, topic)
	if err != nil {
		return 0, err
	}
	d, ok := found[topic]
	if !ok {
		return 0, kerr.UnknownTopicOrPartition
	}
	return len(d.Partitions), d.Err
}
