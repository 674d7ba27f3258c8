package trial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kill/verify"
)

// poll is how often progress is checked.
const poll = 100 * time.Millisecond

// committed returns the sum of the offsets that the group has committed, which grows
// while the app works. It tries again while brokers may be away.
func (t *Trial) committed(ctx context.Context) (sum int64, err error) {
	for end := time.Now().Add(t.Stall); ; {
		offsets, err := t.offsets(ctx)
		if err == nil {
			offsets.Each(func(o kadm.OffsetResponse) { sum += max(o.At, 0) })
			return sum, nil
		}
		if time.Now().After(end) {
			return 0, err
		}
		if err := t.Sleep(ctx, poll); err != nil {
			return 0, err
		}
	}
}

// watch follows what the group has committed of the input.
func (t *Trial) watch(ctx context.Context) {
	for ctx.Err() == nil {
		if offsets, err := t.offsets(ctx); err == nil {
			taken := int64(0)
			for _, o := range offsets[t.Input] {
				taken += max(o.At, 0)
			}
			t.taken.Store(taken)
		}
		select {
		case <-ctx.Done():
		case <-time.After(poll):
		}
	}
}

func (t *Trial) offsets(ctx context.Context) (kadm.OffsetResponses, error) {
	offsets, err := t.adm.FetchOffsets(ctx, t.Application)
	if err != nil {
		return nil, fmt.Errorf("fetch offsets of group %s: %w", t.Application, err)
	}
	return offsets, nil
}

// Working waits until the app has committed something since the last event.
func (t *Trial) Working(ctx context.Context) error {
	return t.until(ctx, func() (bool, error) {
		now, err := t.committed(ctx)
		return now > t.known, err
	})
}

// settle waits until the group has committed everything there is to process.
func (t *Trial) settle(ctx context.Context) error {
	return t.until(ctx, func() (bool, error) { return t.settled(ctx) })
}

// until waits for a condition as long as the app lives and makes progress. When
// brokers are away and the condition cannot be checked, it is not met yet.
func (t *Trial) until(ctx context.Context, ok func() (bool, error)) error {
	last, moved := int64(-1), time.Now()
	for {
		done, unknown := ok()
		if done && unknown == nil {
			return nil
		}
		now, err := t.committed(ctx)
		if err != nil {
			return err
		}
		if now != last {
			last, moved = now, time.Now()
		}
		if stalled := time.Since(moved); stalled > t.Stall {
			t.dump()
			return errors.Join(unknown, fmt.Errorf("%s has committed nothing for %v and is not at the end of its input; "+
				"its output is in %s", t.Application, stalled.Round(time.Second), t.Dir))
		}
		if err := t.Sleep(ctx, poll); err != nil {
			return err
		}
	}
}

// dump makes the instances, if they are Go programs, write where they hang.
func (t *Trial) dump() {
	for _, i := range t.Instances {
		if i.Running() && i.Alive() == nil && i.Signal(syscall.SIGQUIT) == nil {
			<-i.done
		}
	}
}

// settled reports whether nothing is left in the input and in the internal topics that the
// app reads, while nothing is committed: what is committed of one topic is in another one.
func (t *Trial) settled(ctx context.Context) (bool, error) {
	before, err := t.committed(ctx)
	if err != nil {
		return false, err
	}
	read, err := t.reads(ctx)
	if err != nil {
		return false, err
	}
	for _, topic := range read {
		left, err := t.left(ctx, topic)
		if left || err != nil {
			return false, err
		}
	}
	after, err := t.committed(ctx)
	return after == before, err
}

// reads returns the topics that the app reads. The input comes first, as most is left there.
func (t *Trial) reads(ctx context.Context) ([]string, error) {
	topics, err := t.adm.ListTopics(ctx)
	if err != nil {
		return nil, fmt.Errorf("list topics: %w", err)
	}
	read := []string{t.Input}
	for _, topic := range topics.Names() {
		ofJoin := strings.HasSuffix(topic, "-topic") // by a foreign key
		if strings.HasPrefix(topic, t.Application+"-") && (ofJoin || strings.HasSuffix(topic, "-repartition")) {
			read = append(read, topic)
		}
	}
	return read, nil
}

// caughtUp reports whether the app has processed all that may be fed now.
func (t *Trial) caughtUp(ctx context.Context) (bool, error) {
	ranges, err := verify.Ends(ctx, t.adm, t.Input)
	if err != nil {
		return false, err
	}
	fed := int64(0)
	for _, r := range ranges {
		fed += r.End - r.Start
	}
	if fed < t.part() {
		return false, nil
	}
	return t.settled(ctx)
}

// left reports whether there is a committed record after the group's offsets.
func (t *Trial) left(ctx context.Context, topic string) (bool, error) {
	ranges, err := verify.Ends(ctx, t.adm, topic)
	if err != nil {
		return false, err
	}
	offsets, err := t.offsets(ctx)
	if err != nil {
		return false, err
	}
	far := false
	for p, r := range ranges {
		if o, ok := offsets.Lookup(topic, p); ok && o.At > r.Start {
			r.Start = o.At
			ranges[p] = r
		}
		// After the last record there are only a few markers.
		far = far || r.End-r.Start > 1000
	}
	if far {
		return true, nil
	}
	records := 0
	err = verify.Read(ctx, t.Client, topic, ranges, kgo.ReadCommitted(), func(*kgo.Record) { records++ })
	return records > 0, err
}

// inTransaction reports whether the instance, which no longer runs, is known to
// have left a transaction open.
func (t *Trial) inTransaction(ctx context.Context, i *Instance) bool {
	open, err := t.adm.ListTransactions(ctx, nil, []string{"Ongoing"})
	if err != nil {
		return false
	}
	process := i.Process(t.Application)
	if process == "" { // whose transactions there are cannot be told
		return false
	}
	return slices.ContainsFunc(open.TransactionalIDs(), func(id string) bool {
		return strings.HasPrefix(id, t.Application+"-") && strings.Contains(id, process)
	})
}
