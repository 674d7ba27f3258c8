package task

import "maps"

// kept is what the nodes of a task keep with the offsets that are committed.
type kept struct {
	now, committed map[string]int64
}

func (k *kept) set(key string, value int64) {
	if k.now == nil {
		k.now = map[string]int64{}
	}
	k.now[key] = value
}

// keep notes that all is committed, or forgets what is not.
func (k *kept) keep(committed bool) {
	switch {
	case maps.Equal(k.now, k.committed):
	case committed:
		k.committed = maps.Clone(k.now)
	default:
		k.now = maps.Clone(k.committed)
	}
}

// Kept returns what nodes keep with the offsets, with what the open epoch has changed. The
// caller does not change it. It is called as [Task.PartitionTime] is.
func (t *Task) Kept() map[string]int64 { return t.node.kept.now }
