package footprint

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func TestAllOfARecordCounts(t *testing.T) {
	tp := connect.TopicPartition{Topic: "t"}
	base := Of(connecttest.Records(tp, 0, `{}`)[0])
	headers := connecttest.Records(tp, 0, `{}`)[0]
	for range 1000 {
		headers.Headers = append(headers.Headers, connect.Header{})
	}
	if got, want := Of(headers)-base, int64(1000*40); got < want {
		t.Errorf("1,000 empty headers count %d bytes, want at least %d", got, want)
	}
	value := `{"a":[` + strings.Repeat("1,", 10_000) + `1]}`
	undecoded, decoded := connecttest.Records(tp, 0, value)[0], connecttest.Records(tp, 0, value)[0]
	if _, _, err := decoded.Value.Decode(); err != nil {
		t.Fatal(err)
	}
	if got, want := Of(decoded)-Of(undecoded), int64(10_000*16); got < want {
		t.Errorf("the decoded list counts %d bytes more, want at least %d", got, want)
	}
}
