package away_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connect/worker/internal/away"
	"github.com/twmb/franz-go/pkg/kerr"
)

func TestWhatBrokersAreBehindIsSaidOnlyWhenItGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		n := away.New(slog.New(slog.NewTextHandler(&out, nil)), nil, "commit failed", "commit succeeded")
		n.Failed(kerr.CoordinatorNotAvailable)
		n.Over()
		n.Failed(kerr.CoordinatorNotAvailable)
		if out.Len() > 0 {
			t.Errorf("logged %s, want nothing of what is over soon", out.String())
		}
		<-time.After(11 * time.Second)
		n.Failed(kerr.CoordinatorNotAvailable)
		n.Failed(kerr.CoordinatorNotAvailable)
		n.Over()
		if got := out.String(); strings.Count(got, "commit failed") != 1 || strings.Count(got, "commit succeeded") != 1 {
			t.Errorf("logged %s, want that it failed and that it is over", got)
		}
	})
}

func TestOtherFailuresAreSaidAtOnce(t *testing.T) {
	var out bytes.Buffer
	n := away.New(slog.New(slog.NewTextHandler(&out, nil)), nil, "put failed", "put succeeded")
	n.Failed(errors.New("disk full"), "records", 3)
	n.Failed(errors.New("disk full"), "records", 3)
	if got := out.String(); strings.Count(got, "put failed") != 1 || !strings.Contains(got, `records=3 error="disk full"`) {
		t.Errorf("logged %s, want one line", got)
	}
}
