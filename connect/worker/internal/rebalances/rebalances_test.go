package rebalances

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connect"
)

// quietLogger writes without times.
func quietLogger(out *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

func partitions(topic string, numbers ...int32) (out []connect.TopicPartition) {
	for _, n := range numbers {
		out = append(out, connect.TopicPartition{Topic: topic, Partition: n})
	}
	return out
}

func TestARebalanceIsOneLineForAllTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := New("connect-out", quietLogger(&out), nil)
		r.Because("tasks of this worker joined")
		r.Assigned(partitions("in", 0, 1))
		<-time.After(time.Second)
		r.Revoked(partitions("in", 1)) // the second task joins
		<-time.After(500 * time.Millisecond)
		r.Because("tasks of this worker joined")
		r.Assigned(partitions("in", 1))
		<-time.After(rebalanceQuiet)
		synctest.Wait()
		r.Revoked(partitions("in", 0)) // a member elsewhere joins
		<-time.After(rebalanceQuiet)
		synctest.Wait()
		r.Revoked(partitions("in", 1))
		r.Assigned(partitions("in", 1))
		<-time.After(rebalanceQuiet)
		synctest.Wait()
		want := `level=INFO msg="group rebalanced" group=connect-out why="tasks of this worker joined" came=in-0,in-1 went=none moved=none partitions=2 took=1.5s
level=INFO msg="group rebalanced" group=connect-out why="another member joined or left, or the partitions changed" came=none went=in-0 moved=none partitions=1 took=0s
level=INFO msg="group rebalanced" group=connect-out why="another member joined or left, or the partitions changed" came=none went=none moved=in-1 partitions=1 took=0s
`
		if got := out.String(); got != want {
			t.Errorf("logged\n%s\nwant\n%s", got, want)
		}
	})
}

func TestASessionIsJoinedAgainOnlyWhenItWasLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := New("connect-out", quietLogger(&out), nil)
		r.Assigned(partitions("in", 0))
		<-time.After(rebalanceQuiet)
		synctest.Wait()
		r.SessionLost(errors.New("unknown member"))
		r.SessionLost(errors.New("unknown member"))
		r.Revoked(partitions("in", 0))
		<-time.After(2 * time.Second)
		r.Assigned(partitions("in", 0))
		<-time.After(rebalanceQuiet)
		synctest.Wait()
		_, got, _ := strings.Cut(out.String(), "\n")
		want := `level=WARN msg="group session is lost, joining again" group=connect-out error="unknown member"
level=INFO msg="group session is joined again" group=connect-out away=2s
level=INFO msg="group rebalanced" group=connect-out why="the session of a task was lost" came=none went=none moved=in-0 partitions=1 took=2s
`
		if got != want {
			t.Errorf("logged\n%s\nwant\n%s", got, want)
		}
	})
}

func TestAStopIsNoRebalance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := New("connect-out", quietLogger(&out), nil)
		r.Assigned(partitions("in", 0))
		r.Close()
		r.Assigned(partitions("in", 1)) // those of a task that stopped first
		<-time.After(rebalanceQuiet)
		synctest.Wait()
		if got := out.String(); got != "" {
			t.Errorf("logged %s, want nothing", got)
		}
	})
}

func TestManyPartitionsAreShortened(t *testing.T) {
	set := map[connect.TopicPartition]bool{}
	for i := range int32(maxListed + 5) {
		set[connect.TopicPartition{Topic: "in", Partition: i}] = true
	}
	got := listed(set)
	if !strings.HasPrefix(got, "in-0,in-1,in-2,") || !strings.HasSuffix(got, ",in-19 and 5 more") {
		t.Errorf("listed = %s, want twenty of them in order", got)
	}
}
