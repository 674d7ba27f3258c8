package thread

import "time"

// firstBudget is the budget before anything is known about the tasks.
const firstBudget = 500

// budget bounds the records of a poll and those that wait for tasks. It follows what the tasks
// can process in a commit interval, so that an epoch of slow tasks does not outlast its
// transaction.
type budget struct {
	records int // at a time, at least one
	most    int // of a poll, whatever the tasks can do
}

// newBudget returns the budget that a thread begins with, [firstBudget] for 0.
func newBudget(records, most int) budget {
	if records == 0 {
		records = firstBudget
	}
	return budget{min(records, most), most}
}

// adapt follows how long the tasks needed to finish after the commit interval was over.
func (b *budget) adapt(late, interval time.Duration) {
	switch {
	case late > interval/2:
		b.halve()
	case late < interval/8:
		b.records = min(2*b.records, b.most)
	}
}

// halve is for an epoch that was aborted: it may have been too long.
func (b *budget) halve() { b.records = max(1, b.records/2) }

// fit is for an epoch that had no room for more than so many records.
func (b *budget) fit(records int) { b.records = max(1, min(b.records, records)) }
