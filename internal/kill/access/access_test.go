package access_test

import (
	"strconv"
	"testing"

	"github.com/suiro/suiro/internal/kill/access"
	"github.com/suiro/suiro/transforms/formats/ltsv"
)

func TestLinesAreStrictLTSVAndFollowFromTheSeed(t *testing.T) {
	log := access.Log{Seed: 7, Records: 1000}.WithDefaults()
	parser := ltsv.NewParser(nil)
	var record ltsv.Record
	for id := range log.Records {
		line := log.Request(id).AppendLTSV(nil)
		if again := log.Request(id).AppendLTSV(nil); string(again) != string(line) {
			t.Fatalf("line %d is %q and then %q", id, line, again)
		}
		if err := parser.Parse(&record, line); err != nil {
			t.Fatalf("line %d: %v", id, err)
		}
		if got, want := string(line[len(line)-len(strconv.FormatInt(id, 10)):]), strconv.FormatInt(id, 10); got != want {
			t.Errorf("line %d ends with id %s", id, got)
		}
	}
	if a, b := log.Request(1), (access.Log{Seed: 8, Records: 1000}).WithDefaults().Request(1); a == b {
		t.Errorf("seeds 7 and 8 make the same line: %v", a)
	}
}
