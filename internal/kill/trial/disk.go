package trial

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// FullDisk leaves an instance no room: its files may not grow any further. It must end by
// itself and name its folder, and is started again when there is room. It needs
// Linux, and an app that ignores SIGXFSZ.
type FullDisk struct {
	// Instance is the number of the instance, from 1.
	Instance int
	// After is the time to wait first.
	After time.Duration
}

// room is what a file may have, beside what is in the log of the instance, which is one of
// the files.
const room = 192 << 10

// patience is how long an instance may find room. One that has little to store does not
// fill it.
const patience = 15 * time.Second

// String says what happens.
func (f FullDisk) String() string {
	return fmt.Sprintf("fill the disk of instance %d after %v", f.Instance, f.After.Round(time.Millisecond))
}

// Do fills the disk.
func (f FullDisk) Do(ctx context.Context, t *Trial) error {
	if err := t.Working(ctx); err != nil {
		return err
	}
	if err := t.Sleep(ctx, f.After); err != nil {
		return err
	}
	i := t.Instances[f.Instance-1]
	if err := i.Alive(); err != nil {
		return err
	}
	from, err := size(i.Log)
	if err == nil {
		err = limitFiles(i.cmd.Process.Pid, uint64(from)+room)
	}
	if err != nil {
		return err
	}
	select {
	case <-i.done:
		t.Outcome.FullDisks++
		err = i.endedFull(from)
	case <-time.After(patience):
		t.say("  there is room for what it does")
		return i.again(i.Kill())
	case <-ctx.Done():
		return ctx.Err()
	}
	i.cmd = nil
	return i.again(err)
}

// again starts an instance that has ended, unless it should not have.
func (i *Instance) again(err error) error {
	if err != nil {
		return err
	}
	return i.Start()
}

// endedFull returns an error unless the instance, which has ended, has failed and named the
// folder of its state since its log was that long.
func (i *Instance) endedFull(from int64) error {
	log, err := os.ReadFile(i.Log)
	switch {
	case err != nil:
		return err
	case i.err == nil:
		return errors.New("the instance ended without an error on a full disk")
	case !strings.Contains(string(log[from:]), i.State):
		return fmt.Errorf("the instance ended with %w on a full disk and did not name %s; its output is in %s", i.err,
			i.State, i.Log)
	}
	return nil
}

func size(file string) (int64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
