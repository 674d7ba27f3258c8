package serdes_test

import (
	"errors"
	"reflect"
	"strconv"
	"testing"

	"github.com/suiro/suiro/streams/serdes"
	"github.com/suiro/suiro/streams/topology"
)

// named writes the topic in front of the text, and a header.
type named struct{ serdes.Serde[string] }

func (named) SerializeRecord(topic string, headers []topology.Header, v string) ([]byte, []topology.Header, error) {
	return []byte(topic + ":" + v), append(headers[:len(headers):len(headers)], topology.Header{Key: "by"}), nil
}

func (named) DeserializeRecord(topic string, headers []topology.Header, data []byte) (string, error) {
	return topic + ":" + string(data) + strconv.Itoa(len(headers)), nil
}

func TestSerdeOfRecordsSeesTopicAndHeaders(t *testing.T) {
	one := []topology.Header{{Key: "one"}}
	data, headers, err := serdes.Writer[string](named{serdes.String()})("t", one, "x")
	if err != nil || string(data) != "t:x" || len(headers) != 2 || len(one) != 1 {
		t.Errorf("writes %q with headers %v (%v), want t:x with one more", data, headers, err)
	}
	v, err := serdes.Reader[string](named{serdes.String()})("t", one, []byte("y"))
	if err != nil || v != "t:y1" {
		t.Errorf("reads %q (%v), want t:y1", v, err)
	}
}

func TestOtherSerdesPassHeadersOn(t *testing.T) {
	one := []topology.Header{{Key: "one"}}
	data, headers, err := serdes.Writer(serdes.String())("t", one, "x")
	if err != nil || string(data) != "x" || !reflect.DeepEqual(headers, one) {
		t.Errorf("writes %q with headers %v (%v), want x with those that came", data, headers, err)
	}
	if v, err := serdes.Reader(serdes.String())("t", one, []byte("y")); err != nil || v != "y" {
		t.Errorf("reads %q (%v), want y", v, err)
	}
}

func TestConvertedSerdeHasBothErrors(t *testing.T) {
	odd := errors.New("odd")
	s := serdes.Converted(serdes.Int64(),
		func(n int64) (string, error) { return strconv.FormatInt(n, 10), nil },
		func(s string) (int64, error) {
			if s == "" {
				return 0, odd
			}
			return strconv.ParseInt(s, 10, 64)
		})
	data, err := s.Serialize("258")
	if err != nil || string(data) != "\x00\x00\x00\x00\x00\x00\x01\x02" {
		t.Errorf("258 is written as %x (%v)", data, err)
	}
	if got, err := s.Deserialize(data); err != nil || got != "258" {
		t.Errorf("258 comes back as %q (%v)", got, err)
	}
	if _, err := s.Serialize(""); !errors.Is(err, odd) {
		t.Errorf("error %v, want that of the function", err)
	}
	if _, err := s.Deserialize([]byte("1")); err == nil {
		t.Error("one byte is read, want the error of Int64")
	}
}
