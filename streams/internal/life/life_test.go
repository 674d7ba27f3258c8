package life_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/streams/internal/life"
)

// told returns the states that somebody hears of while do changes a Life.
func told(do func(*life.Life)) (states []life.State) {
	l := life.New()
	end := l.Tell(func(now, was life.State) {
		if len(states) == 0 {
			states = append(states, was)
		}
		if was != states[len(states)-1] {
			now = -1 // one is missing between
		}
		states = append(states, now)
	})
	do(l)
	end()
	return states
}

// Each state is told once, in order, however fast they follow each other; a state does not go back.
func TestStatesAreToldInOrder(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(*life.Life)
		want []life.State
	}{
		"an app that is told to stop": {func(l *life.Life) {
			l.Begin()
			l.Enter(life.PendingShutdown)
			l.End(nil)
		}, []life.State{life.Created, life.Rebalancing, life.PendingShutdown, life.NotRunning}},
		"an app whose thread fails while it stops": {func(l *life.Life) {
			l.Begin()
			l.Enter(life.PendingShutdown)
			l.Fails()
			l.Enter(life.PendingShutdown) // which is over
			l.End(errors.New("no"))
		}, []life.State{life.Created, life.Rebalancing, life.PendingShutdown, life.PendingError, life.Error}},
	} {
		got := told(tt.do)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: told %v, want %v", name, got, tt.want)
		}
	}
}

func TestAnAppBeginsOnce(t *testing.T) {
	l := life.New()
	if !l.Begin() || l.Begin() {
		t.Error("an app begins at the first time, and only then")
	}
}

// An app runs when the threads that it wants are there, and no sooner.
func TestRunningIsFoundOutByLooking(t *testing.T) {
	l := life.New()
	steps := []struct {
		do   func()
		want life.State
		says string
	}{
		{func() {}, life.Created, "has not been started"},
		{func() { l.Begin() }, life.Rebalancing, "group is rebalancing"},
		{func() { l.Wants(1) }, life.Rebalancing, "joining its group"}, // the thread is not there yet
		{func() { l.Wants(-1) }, life.Running, "global stores are kept: 0"},
		{func() { l.End(errors.New("why")) }, life.Error, "ended with an error: why"},
	}
	for i, s := range steps {
		s.do()
		v := l.Now()
		if v.State != s.want || !strings.Contains(v.Describe(), s.says) {
			t.Errorf("step %d: %v, %q; want %v, %q", i, v.State, v.Describe(), s.want, s.says)
		}
		if alive := s.want == life.Rebalancing || s.want == life.Running; v.Alive() != alive {
			t.Errorf("step %d: alive is %v, want %v", i, v.Alive(), alive)
		}
	}
}
