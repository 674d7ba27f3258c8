package worker

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/twmb/franz-go/pkg/kgo"
)

const simpleHeaderConverter = "org.apache.kafka.connect.storage.SimpleHeaderConverter"

// headerConverter converts headers. Values read are text, or bytes where they
// are not text; the bytes as they came are kept beside.
type headerConverter struct{ bytes bool }

func headerConverters() config.Validator {
	return config.Func("[SimpleHeaderConverter, StringConverter, ByteArrayConverter]", func(v any) error {
		class := fmt.Sprint(v)
		switch class[strings.LastIndexByte(class, '.')+1:] {
		case "", "SimpleHeaderConverter", "StringConverter", "ByteArrayConverter":
			return nil
		}
		return fmt.Errorf("must be one of SimpleHeaderConverter, StringConverter, ByteArrayConverter")
	})
}

func newHeaderConverter(class string) headerConverter {
	return headerConverter{bytes: strings.HasSuffix(class, "ByteArrayConverter")}
}

func (c headerConverter) toConnect(in []kgo.RecordHeader) []connect.Header {
	if len(in) == 0 {
		return nil
	}
	out := make([]connect.Header, len(in))
	for i, h := range in {
		out[i] = connect.Header{Key: h.Key, Raw: h.Value}
		switch {
		case h.Value == nil:
		case c.bytes || !utf8.Valid(h.Value):
			out[i].Value = h.Value
		default:
			out[i].Value = string(h.Value)
		}
	}
	return out
}

func (c headerConverter) fromConnect(in []connect.Header) ([]kgo.RecordHeader, error) {
	if len(in) == 0 {
		return nil, nil
	}
	out := make([]kgo.RecordHeader, len(in))
	for i, h := range in {
		raw, err := headerBytes(h)
		if err != nil {
			return nil, at(HeaderConverter, simpleHeaderConverter, fmt.Errorf("header %s: %w", h.Key, err))
		}
		out[i] = kgo.RecordHeader{Key: h.Key, Value: raw}
	}
	return out, nil
}

func headerBytes(h connect.Header) ([]byte, error) {
	if h.Raw != nil {
		return h.Raw, nil
	}
	switch v := h.Value.(type) {
	case nil:
		return nil, nil
	case []byte:
		return v, nil
	case string:
		return []byte(v), nil
	}
	return json.Marshal(h.Value)
}
