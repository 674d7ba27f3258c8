package join

import (
	"errors"
	"fmt"
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/topology"
)

// task is a task with stores and nothing else.
type task struct {
	db      *mem.DB
	overlay *stores.Overlay
	stores  *kinds.Stores
	dropped int
	refused []string
}

func newTask(t *testing.T, db *mem.DB, specs ...kinds.Spec) *task {
	t.Helper()
	overlay := stores.NewOverlay(db, stores.TaskPrefix("0_0"))
	opened, err := kinds.Open(overlay, specs...)
	if err != nil {
		t.Fatal(err)
	}
	return &task{db: db, overlay: overlay, stores: opened}
}

func (t *task) Stores() *kinds.Stores    { return t.stores }
func (t *task) Overlay() *stores.Overlay { return t.overlay }
func (t *task) Drop()                    { t.dropped++ }
func (t *task) Task() topology.TaskID    { return topology.TaskID{Partition: 3} }

func (t *task) Position() topology.Position {
	return topology.Position{Topic: "in", Partition: 3, Offset: 17}
}

func (t *task) Hold() int   { return 0 }
func (t *task) Release(int) {}

func (t *task) Refuse(_ int, u topology.Update, why error) error {
	var rejected *topology.Rejection
	if !errors.As(why, &rejected) {
		return why
	}
	t.refused = append(t.refused, fmt.Sprintf("%s %s=%s@%d: %v", u.Store, u.Key, u.Value, u.Timestamp.UnixMilli(), why))
	return nil
}

func (t *task) commit(tb testing.TB) {
	tb.Helper()
	var b stores.Batch
	t.overlay.CommitTo(&b)
	if err := t.db.Apply(&b); err != nil {
		tb.Fatal(err)
	}
	t.overlay.Clear()
}

// text is the Serde of strings.
type text struct{}

func (text) Serialize(s string) ([]byte, error)      { return []byte(s), nil }
func (text) Deserialize(data []byte) (string, error) { return string(data), nil }

func shown(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}
