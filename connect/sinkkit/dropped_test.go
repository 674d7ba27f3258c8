package sinkkit_test

import (
	"bytes"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connect/sinkkit"
)

func TestFirstDroppedRecordOfAKindIsSeenAndTheOthersCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		d := &sinkkit.Dropped{Message: "dropped", Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}}))}
		d.Close() // nothing to tell
		for i := range 120 {
			d.Note("malformed", "record", "t-0@"+string(rune('0'+i%10)))
			if i%2 == 1 {
				d.Note("too_long", "record", "t-1@7")
			}
			time.Sleep(time.Second)
		}
		d.Close()
		want := `level=WARN msg="dropped; further ones are counted" kind=malformed record=t-0@0
level=WARN msg="dropped; further ones are counted" kind=too_long record=t-1@7
level=WARN msg="more records were dropped" count=89 kinds="malformed: 60, too_long: 29"
level=WARN msg="more records were dropped" count=89 kinds="malformed: 59, too_long: 30"
`
		if got := log.String(); got != want {
			t.Errorf("the log is\n%s\nwant\n%s", got, want)
		}
	})
}
