package elasticsearch

import (
	"sync"
	"testing"
	"time"
)

// Small requests, many at a time, are what costs Elasticsearch most.
func TestABatchThatIsNotFullWaitsWhileARequestIsUnderWay(t *testing.T) {
	const linger = 5 * time.Millisecond
	for name, c := range map[string]struct {
		sending, full int
		waited        time.Duration
		want          bool
	}{
		"nothing under way, before linger.ms":      {0, 0, linger - 1, false},
		"nothing under way, after linger.ms":       {0, 0, linger, true},
		"a request under way, after linger.ms":     {1, 0, linger, false},
		"a request under way for long":             {1, 0, linger + gather, true},
		"a request under way, and a batch is full": {1, 1, 0, true},
	} {
		now := time.Now()
		l := &lane{sending: c.sending, filling: &batch{items: make([]item, 1), born: now}}
		for range c.full {
			l.full = append(l.full, &batch{})
		}
		if got := l.take(now.Add(c.waited), linger) != nil; got != c.want {
			t.Errorf("%s: a sender has something to send: %v, want %v", name, got, c.want)
		}
	}
}

func TestASenderThatIsDoneSendsWhatHasGathered(t *testing.T) {
	l := &lanes{linger: time.Hour}
	one := &lane{wake: sync.NewCond(&l.mu), full: []*batch{{}}}
	l.list = []*lane{one}
	l.next(one)
	now := time.Now()
	one.filling = &batch{items: make([]item, 1), born: now.Add(-time.Hour)}
	if b := one.take(now, l.linger); b != nil {
		t.Error("what gathers is sent while a request is under way")
	}
	l.sent(one)
	if b := l.next(one); len(b.items) != 1 {
		t.Errorf("%d items are sent when the request is over, want 1", len(b.items))
	}
}

// A batch refers to records of Kafka, whose memory counts until nothing refers to them: a
// queue that kept those sent would let a client wait for ever for room to read on.
func TestAQueueForgetsWhatItGaveAway(t *testing.T) {
	queue := []*batch{{}, {}}
	l := &lane{full: queue}
	for range queue {
		l.take(time.Now(), 0)
	}
	for i, b := range queue {
		if b != nil {
			t.Errorf("batch %d is kept", i)
		}
	}
}
