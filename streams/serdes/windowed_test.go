package serdes_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/serdes"
)

// parseWindowed reads a key, start and end.
func parseWindowed(text string) (w node.Windowed[string], err error) {
	parts := strings.Split(text, ",")
	if len(parts) != 3 {
		return w, fmt.Errorf("%q has not three parts", text)
	}
	start, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return w, err
	}
	end, err := strconv.ParseInt(parts[2], 10, 64)
	return node.Windowed[string]{Key: parts[0], Start: time.UnixMilli(start).UTC(), End: time.UnixMilli(end).UTC()}, err
}

func TestEndOfAWindowIsBeforeTheEndOfTime(t *testing.T) {
	s := serdes.TimeWindowed(serdes.String(), time.Hour)
	data := "k\x7f\xff\xff\xff\xff\xff\xff\xff"
	w, err := s.Deserialize([]byte(data))
	if err != nil || w.End.UnixMilli() != math.MaxInt64 {
		t.Errorf("the window that begins at the end of time ends at %d (%v), want %d", w.End.UnixMilli(), err,
			int64(math.MaxInt64))
	}
}
