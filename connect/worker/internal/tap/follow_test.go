package tap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/herder/api"
)

func TestFollowShowsEveryRecord(t *testing.T) {
	var got []api.TappedRecord
	p := Follow(testMask(), func(s api.TappedRecord) { got = append(got, s) })
	const records = 30 // in far less time than a tap takes between two of them
	for i := range records {
		if !record(p, int64(i), "a") {
			t.Fatalf("record %d was not taken", i)
		}
	}
	want := ""
	for i := range records {
		want += fmt.Sprintf(`0/%[1]d:consumed="a" 0/%[1]d:converted="a" 0/%[1]d:transformedsameunchanged="a" `+
			`0/%[1]d:transformeddropdropped=null `, i+1)
	}
	if text := shown(got); text != want {
		t.Errorf("stages %s\nwant %s", strings.TrimSpace(text), want)
	}
}
