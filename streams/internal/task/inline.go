package task

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Inline returns a task that runs in its caller's goroutine, without goka and
// without a broker, for the driver of topology tests. It starts with the state in
// the DB and replays the records of changelogs on top. The driver calls only ProcessInline,
// WriteChangelog, Committed and Aborted; Options.Produce calls its promise before
// it returns.
func Inline(o Options, changelog []*kgo.Record) (*Task, error) {
	t := newTask(o)
	t.open()
	if err := t.replay(changelog); err != nil {
		return nil, err
	}
	return t, t.started()
}

// replay restores the task's state.
func (t *Task) replay(changelog []*kgo.Record) error {
	if t.DB == nil {
		return nil
	}
	for _, s := range t.Sub.Stores {
		if err := t.resegment(s); err != nil {
			return err
		}
	}
	r := &restorer{task: t, parts: map[string]*restoring{}}
	if err := r.load(); err != nil {
		return err
	}
	for _, l := range t.logs {
		r.parts[l.topic] = &restoring{log: l}
	}
	for _, record := range changelog {
		r.add(record)
	}
	return r.flush()
}

// ProcessInline processes the records of one source topic before it returns,
// with the error that Wait would return.
func (t *Task) ProcessInline(records []*kgo.Record) error {
	b := &batch{Context: context.Background(), task: t, records: records}
	b.open.Store(1)
	t.mu.Lock()
	t.pending++
	t.mu.Unlock()
	t.handle(b, func(error) {})
	return t.Err()
}
