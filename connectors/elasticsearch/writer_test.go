package elasticsearch

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

// idleWriter returns a writer of one lane whose senders are not started.
func idleWriter(t *testing.T, more ...string) *writer {
	t.Helper()
	s, values, err := parse(quickly("http://h:1", more...))
	if err != nil {
		t.Fatal(err)
	}
	c, err := newClient(s, values)
	if err != nil {
		t.Fatal(err)
	}
	w := newWriter(s, c, connecttest.NewSinkContext())
	w.open([]connect.TopicPartition{p0})
	return w
}

func TestLingerCountsFromTheFirstDocument(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := idleWriter(t, "linger.ms", "1000")
		got := make(chan *batch, 1)
		go func() { got <- w.next(w.lanes[0]) }()
		w.put(connecttest.Records(p0, 0, `oops`))
		time.Sleep(5 * time.Second)
		w.put(connecttest.Records(p0, 1, `{"n":1}`))
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		if len(got) > 0 {
			t.Error("the batch is sent before linger.ms is over")
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if len(got) == 0 {
			t.Error("a bad record in front keeps the document from being sent")
		}
		w.mu.Lock()
		w.stopped = true
		w.wakeAll()
		w.mu.Unlock()
	})
}
