package task

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/restore"
)

// Inline returns a task that runs in its caller's goroutine, without goka and
// without a broker, for the driver of topology tests. It starts with the state in
// the DB and replays the records of changelogs on top. The driver calls only ProcessInline,
// WriteChangelog, Committed, Aborted and Close; Options.Produce calls its promise before
// it returns.
func Inline(o Options, changelog []*kgo.Record) (*Task, error) {
	t := newTask(o)
	t.open()
	if t.DB != nil {
		if err := restore.Replay(t.restoring(), changelog); err != nil {
			return nil, err
		}
	}
	return t, t.started()
}

// Close tells the nodes that there are no more records, and gives memory back. The driver calls it for tasks that
// it replaces.
func (t *Task) Close() {
	for _, f := range t.node.closers {
		f()
	}
	t.node.closers = nil
	if t.overlay != nil {
		t.overlay.Close()
	}
}

// ProcessInline processes the records of one source topic before it returns,
// with the error that Wait would return.
func (t *Task) ProcessInline(records []*kgo.Record) error {
	b := &batch{Context: context.Background(), task: t, records: records, from: from(records)}
	b.open.Store(1)
	t.mu.Lock()
	t.pending++
	t.mu.Unlock()
	t.handle(b, func(error) {})
	return t.Err()
}
