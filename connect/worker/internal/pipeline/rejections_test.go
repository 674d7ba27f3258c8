package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheFirstOfEachKindIsToldAndTheOthersAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
		r := &rejections{logger: logger, to: "topic bad", kinds: map[kind]*count{}}
		for i := range 5 {
			r.tell(fmt.Sprintf("record in-0@%d", i), ValueConverter, "JSON", fmt.Errorf("offset %d: %w", i, errors.ErrUnsupported))
		}
		r.tell("record in-0@5", ValueConverter, "JSON", &fs.PathError{Op: "open", Path: "schema", Err: fs.ErrNotExist})
		<-time.After(rejectionsInterval + time.Second)
		r.tell("record in-0@6", ValueConverter, "JSON", errors.ErrUnsupported)
		r.end()
		want := `level=WARN msg="bad record, the first of its kind" record=in-0@0 stage=VALUE_CONVERTER class=JSON to="topic bad" error="offset 0: unsupported operation"
level=WARN msg="more bad records of a kind" records=5 last=in-0@5 stage=VALUE_CONVERTER class=JSON to="topic bad"
level=WARN msg="more bad records of a kind" records=1 last=in-0@6 stage=VALUE_CONVERTER class=JSON to="topic bad"
`
		if got := out.String(); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("logged\n%s\nwant\n%s", got, want)
		}
	})
}
