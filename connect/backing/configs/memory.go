package configs

import (
	"context"
	"sync"
)

// Memory returns a store that forgets when the process ends, as a standalone worker
// has one. It needs no Run. Of the options Listener counts alone.
func Memory(o *Options) *Store {
	l := &memoryLog{machine: newMachine()}
	if o != nil {
		l.listener = o.Listener
	}
	return &Store{machine: l.machine, log: l}
}

// memoryLog hands what is written straight on.
type memoryLog struct {
	machine  *machine
	listener func(Update)

	mu   sync.Mutex // held while records are handed on, so that they have an order
	next int64
}

func (l *memoryLog) write(_ context.Context, records ...record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range records {
		u, err := l.machine.apply(l.next, r)
		if err != nil {
			return err
		}
		l.next++
		if u.Kind != 0 && l.listener != nil {
			l.listener(u)
		}
	}
	return nil
}

func (l *memoryLog) lead(ctx context.Context, records ...record) error {
	return l.write(ctx, records...)
}

func (*memoryLog) run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (*memoryLog) fences() bool                  { return true }
func (*memoryLog) refresh(context.Context) error { return nil }
func (*memoryLog) claim(context.Context) error   { return nil }
func (*memoryLog) release()                      {}
func (*memoryLog) close()                        {}
