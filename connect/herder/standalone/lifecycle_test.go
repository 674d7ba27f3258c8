package standalone_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// stage is a source connector of two tasks, which write down when they begin and end.
// Its zero value is ready.
type stage struct {
	connect.SourceConnector

	mu     sync.Mutex // guards the rest
	events []string
	broken map[string]error // what starts with an error, by the names in events
}

func (s *stage) plugin() connect.SourcePlugin {
	return connect.SourcePlugin{Info: connect.Info{Class: "Stage", Version: "1.0", Def: config.New(
		config.Key{Name: "color", Type: config.String, Default: "red"},
		config.Key{Name: "shard", Type: config.Int, Default: "0"})},
		New: func() connect.SourceConnector { return &stagedConnector{stage: s} }}
}

func (s *stage) note(what string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.broken[what]; err != nil {
		return err
	}
	s.events = append(s.events, what)
	return nil
}

// breaks makes starts with an error from now on; nil mends it.
func (s *stage) breaks(what string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken == nil {
		s.broken = map[string]error{}
	}
	s.broken[what] = err
}

// take returns what was written down since the last time, sorted.
func (s *stage) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.events
	s.events = nil
	slices.Sort(out)
	return out
}

type stagedConnector struct{ *stage }

func (c *stagedConnector) Start(context.Context, config.Values) error { return c.note("+connector") }
func (c *stagedConnector) Stop() error                                { return c.note("-connector") }
func (c *stagedConnector) NewTask() connect.SourceTask                { return &stagedTask{stage: c.stage} }
func (c *stagedConnector) TaskConfigs(int) ([]map[string]string, error) {
	return []map[string]string{{"shard": "0"}, {"shard": "1"}}, nil
}

type stagedTask struct {
	connect.SourceTask
	*stage
	id int
}

func (t *stagedTask) Start(_ context.Context, _ connect.SourceContext, v config.Values) error {
	t.id = v.Int("shard")
	return t.note(fmt.Sprintf("+%d", t.id))
}
func (t *stagedTask) Stop() error { return t.note(fmt.Sprintf("-%d", t.id)) }
func (t *stagedTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Millisecond):
	}
	return nil, nil
}

// staged starts a herder with one connector over a stage, whose tasks run.
func staged(t *testing.T) (*standalone.Herder, *stage) {
	t.Helper()
	s := &stage{}
	h := start(t, s.plugin())
	_, err := h.Create(t.Context(), api.CreateConnectorRequest{Name: "src", Config: api.Config{"connector.class": "Stage",
		"tasks.max": "2", "errors.restart.max": "0"}})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, h, "RUNNING RUNNING RUNNING")
	if got, want := s.take(), []string{"+0", "+1", "+connector"}; !slices.Equal(got, want) {
		t.Fatalf("a new connector did %v, want %v", got, want)
	}
	return h, s
}

// states are those of the connector src and of its tasks.
func states(s api.ConnectorStatus) string {
	out := []string{string(s.Connector.State)}
	for _, task := range s.Tasks {
		out = append(out, string(task.State))
	}
	return strings.Join(out, " ")
}

func waitFor(t *testing.T, h *standalone.Herder, want string) {
	t.Helper()
	kafkatest.Eventually(t, want, func() bool {
		s, err := h.Status(t.Context(), "src")
		return err == nil && states(s) == want
	})
}

func TestPauseKeepsTasksAndResumeLetsThemGoOn(t *testing.T) {
	h, s := staged(t)
	for range 2 { // the second time changes nothing
		if err := h.Pause(t.Context(), "src"); err != nil {
			t.Fatal(err)
		}
		waitFor(t, h, "PAUSED PAUSED PAUSED")
	}
	if got := h.Metrics(); got.Connectors[0].State != api.Paused || got.Tasks[1].State != api.Paused {
		t.Errorf("Metrics = %+v, want PAUSED", got)
	}
	if got := s.take(); len(got) != 0 {
		t.Errorf("Pause did %v, want nothing started or stopped", got)
	}
	for range 2 {
		if err := h.Resume(t.Context(), "src"); err != nil {
			t.Fatal(err)
		}
		waitFor(t, h, "RUNNING RUNNING RUNNING")
	}
	if got := s.take(); len(got) != 0 {
		t.Errorf("Resume did %v, want nothing started or stopped", got)
	}
}

func TestStopConnectorHasNoTasksUntilItIsResumed(t *testing.T) {
	h, s := staged(t)
	for range 2 {
		if err := h.StopConnector(t.Context(), "src"); err != nil {
			t.Fatal(err)
		}
		waitFor(t, h, "STOPPED")
	}
	if got, want := s.take(), []string{"-0", "-1", "-connector"}; !slices.Equal(got, want) {
		t.Errorf("StopConnector did %v, want %v", got, want)
	}
	if tasks, err := h.Tasks(t.Context(), "src"); err != nil || len(tasks) != 0 {
		t.Errorf("Tasks = %v, %v, want none", tasks, err)
	}
	if err := h.Pause(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, h, "PAUSED")
	if err := h.Restart(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	if got := s.take(); len(got) != 0 {
		t.Errorf("Restart of what is not meant to run did %v, want nothing", got)
	}
	if err := h.Resume(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, h, "RUNNING RUNNING RUNNING")
}

func TestRestartLeavesTasksOfTheSameConfiguration(t *testing.T) {
	h, s := staged(t)
	if err := h.Restart(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, h, "RUNNING RUNNING RUNNING")
	if got, want := s.take(), []string{"+connector", "-connector"}; !slices.Equal(got, want) {
		t.Errorf("Restart did %v, want %v", got, want)
	}
}

func TestRestartOfAPausedConnectorStaysPaused(t *testing.T) {
	h, s := staged(t)
	if err := h.Pause(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, h, "PAUSED PAUSED PAUSED")
	if _, err := h.RestartMany(t.Context(), "src", true, false); err != nil {
		t.Fatal(err)
	}
	waitFor(t, h, "PAUSED PAUSED PAUSED")
	if got, want := s.take(), []string{"+connector", "-0", "-1", "-connector"}; !slices.Equal(got, want) {
		t.Errorf("RestartMany did %v, want %v: tasks that are paused wait before they start", got, want)
	}
}

func TestRestartManyTakesWhatWasAskedFor(t *testing.T) {
	down := errors.New("the database is down")
	for _, c := range []struct {
		tasks, onlyFailed bool
		planned           string
		did               []string
	}{
		{true, false, "RESTARTING RESTARTING RESTARTING", []string{"+0", "+1", "+connector", "-0", "-connector"}},
		{true, true, "RUNNING RUNNING RESTARTING", []string{"+1"}},
		{false, true, "RUNNING RUNNING FAILED", nil},
		{false, false, "RESTARTING RUNNING FAILED", []string{"+connector", "-connector"}},
	} {
		t.Run(fmt.Sprintf("tasks=%v,failed=%v", c.tasks, c.onlyFailed), func(t *testing.T) {
			h, s := staged(t)
			s.breaks("+1", down)
			if err := h.RestartTask(t.Context(), api.TaskID{Connector: "src", Task: 1}); err != nil {
				t.Fatal(err)
			}
			waitFor(t, h, "RUNNING RUNNING FAILED")
			s.breaks("+1", nil)
			s.take()
			plan, err := h.RestartMany(t.Context(), "src", c.tasks, c.onlyFailed)
			if err != nil || states(plan) != c.planned {
				t.Fatalf("RestartMany = %s, %v, want %s", states(plan), err, c.planned)
			}
			if want := "RUNNING RUNNING RUNNING"; c.tasks {
				waitFor(t, h, want)
			}
			got := slices.DeleteFunc(s.take(), func(e string) bool { return e == "-1" }) // of the failed life
			if !slices.Equal(got, c.did) {
				t.Errorf("RestartMany did %v, want %v", got, c.did)
			}
		})
	}
}

func TestRestartStartsAFailedConnector(t *testing.T) {
	h, s := staged(t)
	s.breaks("+connector", errors.New("the database is down"))
	if err := h.Restart(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, h, "FAILED RUNNING RUNNING")
	if err := h.Pause(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, h, "FAILED PAUSED PAUSED")
	s.breaks("+connector", nil)
	if err := h.Resume(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, h, "RUNNING RUNNING RUNNING")
}

func TestLifecycleOfWhatIsNotThereIsNotFound(t *testing.T) {
	h, _ := staged(t)
	ctx := t.Context()
	many := func(name string) error { _, err := h.RestartMany(ctx, name, true, true); return err }
	patch := func(name string) error { _, err := h.Patch(ctx, name, nil); return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{h.Pause(ctx, "no"), "Unknown connector no"},
		{h.Resume(ctx, "no"), "Unknown connector no"},
		{h.StopConnector(ctx, "no"), "Unknown connector no"},
		{h.Restart(ctx, "no"), "Unknown connector: no"},
		{many("no"), "Unknown connector: no"},
		{h.RestartTask(ctx, api.TaskID{Connector: "no"}), "Unknown connector: no"},
		{h.RestartTask(ctx, api.TaskID{Connector: "src", Task: 2}), "Unknown task: src-2"},
		{h.RestartTask(ctx, api.TaskID{Connector: "src", Task: -1}), "Unknown task: src--1"},
		{patch("no"), "Connector no not found"},
	} {
		if !errors.Is(c.err, herder.ErrNotFound) || c.err.Error() != c.want {
			t.Errorf("error = %v, want not found: %s", c.err, c.want)
		}
	}
}

func TestCreateRefusesANameThatIsTaken(t *testing.T) {
	h, s := staged(t)
	_, err := h.Create(t.Context(), api.CreateConnectorRequest{Name: "src", Config: api.Config{"connector.class": "Stage"}})
	if !errors.Is(err, herder.ErrExists) || err.Error() != "Connector src already exists" {
		t.Errorf("Create = %v, want that it exists", err)
	}
	if got := s.take(); len(got) != 0 {
		t.Errorf("Create did %v, want nothing", got)
	}
}

func TestPatchChangesSomeKeys(t *testing.T) {
	h, _ := staged(t)
	blue, none := "blue", "none"
	info, err := h.Patch(t.Context(), "src", map[string]*string{"color": &blue, "errors.tolerance": &none})
	if err != nil || info.Config["color"] != "blue" || info.Config["tasks.max"] != "2" {
		t.Fatalf("Patch = %+v, %v, want another color and the other keys as they were", info, err)
	}
	if info, err = h.Patch(t.Context(), "src", map[string]*string{"color": nil}); err != nil {
		t.Fatal(err)
	}
	if got, ok := info.Config["color"]; ok || info.Config["errors.tolerance"] != "none" {
		t.Errorf("color = %q after it was removed, errors.tolerance = %q", got, info.Config["errors.tolerance"])
	}
	bad := "0"
	if _, err = h.Patch(t.Context(), "src", map[string]*string{"tasks.max": &bad}); !errors.Is(err, herder.ErrInvalid) {
		t.Errorf("Patch = %v, want that the configuration is invalid", err)
	}
	if info, err := h.Connector(t.Context(), "src"); err != nil || info.Config["tasks.max"] != "2" {
		t.Errorf("Connector = %+v, %v, want it as it was", info, err)
	}
	waitFor(t, h, "RUNNING RUNNING RUNNING")
}
