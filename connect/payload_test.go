package connect_test

import (
	"errors"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// countingConverter decodes to the text's length and counts how often.
type countingConverter struct {
	connect.Converter
	calls *int
	err   error
}

func (c countingConverter) Format() string { return connect.FormatJSON }
func (c countingConverter) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	*c.calls++
	return nil, len(raw), c.err
}

func TestPayloadDecodesOnceAndOnFirstTouch(t *testing.T) {
	calls := 0
	p := connect.Undecoded("t", []byte("abc"), countingConverter{calls: &calls})
	raw, ok := p.Raw(connect.FormatJSON)
	if !ok || string(raw) != "abc" || p.IsNull() || calls != 0 {
		t.Fatalf("Raw = %q, %v after %d calls, want the bytes and no call", raw, ok, calls)
	}
	if _, ok := p.Raw(connect.FormatAvro); ok {
		t.Error("Raw gave json bytes as avro")
	}
	for range 2 {
		if _, v, err := p.Decode(); v != 3 || err != nil || calls != 1 {
			t.Errorf("Decode = %v, %v after %d calls, want 3 after 1", v, err, calls)
		}
	}
}

func TestPayloadErrorComesAgain(t *testing.T) {
	calls, want := 0, errors.New("broken")
	p := connect.Undecoded("t", []byte("abc"), countingConverter{calls: &calls, err: want})
	for range 2 {
		if _, _, err := p.Decode(); !errors.Is(err, want) || calls != 1 {
			t.Errorf("Decode = %v after %d calls, want %v after 1", err, calls, want)
		}
	}
}

func TestPayloadDecodesAgainAfterARetriableError(t *testing.T) {
	calls := 0
	conv := &countingConverter{calls: &calls, err: connect.Retriable(errors.New("registry is away"))}
	p := connect.Undecoded("t", []byte("abc"), conv)
	for want := 1; want <= 2; want++ {
		if _, _, err := p.Decode(); !connect.IsRetriable(err) || calls != want {
			t.Errorf("Decode = %v after %d calls, want the retriable error after %d", err, calls, want)
		}
	}
	conv.err = nil
	if _, v, err := p.Decode(); v != 3 || err != nil {
		t.Errorf("Decode = %v, %v, want 3 once the error is gone", v, err)
	}
}

func TestPayloadNull(t *testing.T) {
	calls := 0
	undecoded := connect.Undecoded("t", nil, countingConverter{calls: &calls})
	decoded := connect.Decoded(nil, nil)
	for _, p := range []*connect.Payload{{}, &undecoded, &decoded} {
		if !p.IsNull() || p.Bytes() != nil {
			t.Errorf("%+v is not null", p)
		}
		if _, ok := p.Raw(connect.FormatJSON); ok {
			t.Errorf("Raw of %+v gave bytes", p)
		}
	}
}

func TestIsFindsPluginsAsKafkaConnectDoes(t *testing.T) {
	info := connect.Info{Class: "github.com/x/FileSource",
		Aliases: []string{"org.apache.kafka.connect.file.FileStreamSourceConnector"}}
	for name, want := range map[string]bool{
		"github.com/x/FileSource":                                 true,
		"org.apache.kafka.connect.file.FileStreamSourceConnector": true,
		"FileStreamSource":                                        true,
		"FileStreamSourceConnector":                               true,
		"FileStreamSink":                                          false,
		"":                                                        false,
	} {
		if got := info.Is(name); got != want {
			t.Errorf("Is(%q) = %v, want %v", name, got, want)
		}
	}
}
