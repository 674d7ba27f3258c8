package renewal

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakePlan is a plan whose values the test changes.
type fakePlan struct {
	ttl     time.Duration
	renewed atomic.Bool
}

func (p *fakePlan) TTL() time.Duration { return p.ttl }
func (p *fakePlan) Renewed() bool      { return p.renewed.Load() }

func TestAConnectorIsRenewedOnceAfterItsValuesChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		w := New(func(name string) { got = append(got, name) })
		defer w.Forget("x")
		old, young := &fakePlan{ttl: time.Minute}, &fakePlan{ttl: time.Second}
		w.Watch("x", old)
		w.Watch("x", young) // a task that was restarted: its values are newer
		w.Watch("y", &fakePlan{ttl: 0})
		young.renewed.Store(true)
		time.Sleep(59 * time.Second)
		synctest.Wait()
		if len(got) != 0 {
			t.Fatalf("renewed %v before the values of the first plan changed", got)
		}
		old.renewed.Store(true)
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(got) != 1 || got[0] != "x" {
			t.Fatalf("renewed %v, want x once", got)
		}
		w.Watch("x", old) // it was started again
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(got) != 2 {
			t.Errorf("renewed %v after a further change, want x twice", got)
		}
	})
}

func TestAConnectorThatIsForgottenIsNotRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(func(name string) { t.Errorf("renewed %s", name) })
		p := &fakePlan{ttl: time.Second}
		w.Watch("x", p)
		w.Forget("x")
		w.Forget("x")
		p.renewed.Store(true)
		time.Sleep(time.Hour)
	})
}
