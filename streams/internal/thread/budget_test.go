package thread

import (
	"testing"
	"time"
)

// The budget follows the tasks between one record and the most of a poll.
func TestBudgetFollowsTheTasks(t *testing.T) {
	const interval = 100 * time.Millisecond
	for name, tt := range map[string]struct {
		first, most int
		do          func(*budget)
		want        int
	}{
		"at first":                     {0, 4000, func(*budget) {}, firstBudget},
		"no more than a poll":          {0, 100, func(*budget) {}, 100},
		"of the thread before":         {7, 4000, func(*budget) {}, 7},
		"tasks that are done in time":  {500, 4000, func(b *budget) { b.adapt(interval/10, interval) }, 1000},
		"up to the most":               {3000, 4000, func(b *budget) { b.adapt(0, interval) }, 4000},
		"tasks that are nearly late":   {500, 4000, func(b *budget) { b.adapt(interval/4, interval) }, 500},
		"tasks that are late":          {500, 4000, func(b *budget) { b.adapt(interval, interval) }, 250},
		"an epoch that is aborted":     {500, 4000, (*budget).halve, 250},
		"at least one record":          {1, 4000, (*budget).halve, 1},
		"an epoch that is full":        {500, 4000, func(b *budget) { b.fit(30) }, 30},
		"full before its first record": {500, 4000, func(b *budget) { b.fit(0) }, 1},
		"full of more than the budget": {500, 4000, func(b *budget) { b.fit(900) }, 500},
	} {
		b := newBudget(tt.first, tt.most)
		if tt.do(&b); b.records != tt.want {
			t.Errorf("%s: %d records, want %d", name, b.records, tt.want)
		}
	}
}
