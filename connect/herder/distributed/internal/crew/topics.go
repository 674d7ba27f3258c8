package crew

import (
	"context"
	"time"

	"github.com/suiro/suiro/connect/backing/statuses"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/backoff"
)

// topicsEvery is how often the topics that tasks use are looked at.
const topicsEvery = time.Second

// usedTopics tells all workers which topics the tasks of this one use.
type usedTopics struct {
	statuses *statuses.Store
	seen     map[topicOf]bool // told, and true once it was read back
}

// topicOf is a topic that a connector uses.
type topicOf struct{ connector, topic string }

// TrackTopics tells all workers which topics the tasks of a crew use, until ctx is done.
func TrackTopics(ctx context.Context, c *Crew) {
	u := usedTopics{c.reports.statuses, map[topicOf]bool{}}
	for backoff.Sleep(ctx, topicsEvery) == nil {
		for id, t := range c.Running() {
			u.look(id, t)
		}
	}
}

// look tells which topics a task has begun to use. When one that was told is gone, a
// client has reset the topics of the connector: only what is used from then on counts.
func (u *usedTopics) look(id api.TaskID, t Task) {
	for _, name := range t.Topics() {
		key := topicOf{id.Connector, name}
		_, there := u.statuses.Topic(id.Connector, name)
		back, told := u.seen[key]
		switch {
		case there:
			u.seen[key] = true
		case !told:
			u.seen[key] = false
			u.statuses.PutTopic(statuses.Topic{Name: name, Connector: id.Connector, Task: id.Task, Discovered: time.Now()})
		case back:
			delete(u.seen, key)
			t.ResetTopics()
			return
		}
	}
}
