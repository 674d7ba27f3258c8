// Package letter reads dead letters: what they say of the record in them, of where it came
// from, and of why it could not be processed. It knows the headers of Kafka Connect,
// __connect.errors.*, and of Kafka Streams, __streams.errors.*, as Suiro and as Java write
// them.
package letter

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/topology"
)

// The prefixes of the headers that say what was wrong.
const (
	connectPrefix = "__connect.errors."
	streamsPrefix = "__streams.errors."
)

// ReplaysHeader is the name of the header that says how often a record was put back. It
// comes back with the record's own headers when the record fails again.
const ReplaysHeader = "__suiro.dlq.replays"

// Letter is a dead letter.
type Letter struct {
	// Record is the dead letter as it was read.
	Record *kgo.Record
	// Origin is the topic where the record was read, or where it would have been written;
	// "" when it is not known.
	Origin string
	// Partition and Offset are where in the topic, -1 when the record was not there.
	Partition int32
	Offset    int64
	// Connector and Task are whose record it was, "" for a stream app.
	Connector, Task string
	// Stage is where the record failed, "" when it is not known.
	Stage string
	// Class is the class of the converter, transform or task that failed.
	Class string
	// Exception is the class of the error, Reason its message and Trace its stack trace.
	Exception, Reason, Trace string
	// Facts are the further headers that say what was wrong, by names without the prefix.
	Facts []kgo.RecordHeader
	// Own are the headers of the record itself.
	Own []kgo.RecordHeader
	// Replays is how often the record had been put back when it failed.
	Replays int

	prefix  string            // of the headers that say what was wrong; "" when there are none
	errors  map[string]string // these headers, by names without the prefix
	instant time.Time         // the record's own time
}

// Parse reads a letter.
func Parse(r *kgo.Record) *Letter {
	l := &Letter{Record: r, Partition: -1, Offset: -1, errors: map[string]string{}, instant: r.Timestamp}
	first := 0
	l.prefix, first = begin(r.Headers)
	for i, h := range r.Headers {
		name, is := strings.CutPrefix(h.Key, l.prefix)
		switch {
		case h.Key == ReplaysHeader:
			l.Replays, _ = strconv.Atoi(string(h.Value))
		case l.prefix != "" && is && i >= first:
			l.errors[name] = string(h.Value)
		default:
			l.Own = append(l.Own, h)
		}
	}
	l.read()
	return l
}

// begin returns the prefix of the headers that say what was wrong, and where they begin. A
// record that was a dead letter before has such headers of its own, in front: they stay.
func begin(headers []kgo.RecordHeader) (prefix string, first int) {
	for i, h := range headers {
		for _, p := range []string{connectPrefix, streamsPrefix} {
			switch name, is := strings.CutPrefix(h.Key, p); {
			case is && name == "topic":
				prefix, first = p, i
			case is && prefix == "":
				prefix, first = p, i // a letter of a Java source has no topic
			}
		}
	}
	// Kafka Streams writes the topic behind these.
	for first > 0 && prefix == streamsPrefix && slices.Contains([]string{"exception", "message", "stacktrace"},
		strings.TrimPrefix(headers[first-1].Key, prefix)) && !named(headers[first:], headers[first-1].Key) {
		first--
	}
	return prefix, first
}

func named(headers []kgo.RecordHeader, name string) bool {
	return slices.ContainsFunc(headers, func(h kgo.RecordHeader) bool { return h.Key == name })
}

// take returns the value of a header that says what was wrong. What is left are facts.
func (l *Letter) take(left map[string]bool, name string) string {
	delete(left, name)
	return l.errors[name]
}

func (l *Letter) read() {
	left := map[string]bool{}
	for name := range l.errors {
		left[name] = true
	}
	l.Origin = l.take(left, "topic")
	if n, err := strconv.ParseInt(l.take(left, "partition"), 10, 32); err == nil {
		l.Partition = int32(n)
	}
	if n, err := strconv.ParseInt(l.take(left, "offset"), 10, 64); err == nil {
		l.Offset = n
	}
	if l.prefix == streamsPrefix {
		l.Reason, l.Trace = l.take(left, "message"), l.take(left, "stacktrace")
		if text := l.take(left, "exception"); slices.Contains(Stages(), text) {
			l.Stage = text
		} else {
			l.Exception = text
		}
	} else {
		l.Connector, l.Task = l.take(left, "connector.name"), l.take(left, "task.id")
		l.Stage, l.Class = l.take(left, "stage"), l.take(left, "class.name")
		l.Exception, l.Reason = l.take(left, "exception.class.name"), l.take(left, "exception.message")
		l.Trace = l.take(left, "exception.stacktrace")
	}
	if ms, err := strconv.ParseInt(l.take(left, "timestamp.changed.from"), 10, 64); err == nil {
		l.instant = time.UnixMilli(ms)
	}
	for _, h := range l.Record.Headers {
		if name, is := strings.CutPrefix(h.Key, l.prefix); is && left[name] {
			delete(left, name)
			l.Facts = append(l.Facts, kgo.RecordHeader{Key: name, Value: []byte(l.errors[name])})
		}
	}
}

// Stages are the places where a record can fail, first in a connector, then in a stream app.
func Stages() []string {
	return []string{"TASK_POLL", "TASK_PUT", "TRANSFORMATION", "KEY_CONVERTER", "VALUE_CONVERTER", "HEADER_CONVERTER",
		"KAFKA_PRODUCE", "KAFKA_CONSUME", topology.Deserialization, topology.Processing, topology.Production}
}

// Time is the record's own time. A topic with message.timestamp.type=LogAppendTime has
// given the letter another one, which then counts.
func (l *Letter) Time() time.Time { return l.instant }

// Explained reports whether the letter has headers that say what was wrong.
func (l *Letter) Explained() bool { return l.prefix != "" }

// Source reports whether the record is one of a source, which never was in a topic.
func (l *Letter) Source() bool { return l.Explained() && l.Offset < 0 }

// Cut reports whether the letter lacks a part of the record: it was too large for its topic,
// or the record was never read as its batch was too large.
func (l *Letter) Cut() bool {
	for _, name := range []string{"key.truncated.from", "value.truncated.from", "headers.truncated.from",
		"headers.removed", "offset.last"} {
		if _, is := l.errors[name]; is {
			return true
		}
	}
	return l.bare()
}

// bare reports whether nothing is left but where the record is, which no note says.
func (l *Letter) bare() bool {
	if len(l.Record.Key) > 0 || len(l.Record.Value) > 0 || !l.Explained() {
		return false
	}
	_, staged := l.errors["stage"]
	_, excepted := l.errors["exception"]
	return !staged && !excepted
}

// Obstacle says why the record cannot be put back, "" when it can be. elsewhere is that the
// topic to write it to is given.
func (l *Letter) Obstacle(elsewhere bool) string {
	switch {
	case l.Cut():
		return "the letter has only a part of the record: read the whole record at its origin"
	case elsewhere:
		return ""
	case l.Origin == "":
		return "the letter does not say where the record came from: give a topic with --to"
	case l.Source():
		return "the record is a source's and never was in a topic: give a topic with --to"
	}
	return ""
}

// Original returns the record as it was before it failed, for its origin or, if to is not
// "", for that topic. A header counts that it was put back.
func (l *Letter) Original(to string) *kgo.Record {
	r := &kgo.Record{Topic: l.Origin, Partition: l.Partition, Key: l.Record.Key, Value: l.Record.Value,
		Timestamp: l.instant, Headers: slices.Clone(l.Own)}
	if to != "" && to != l.Origin {
		r.Topic, r.Partition = to, -1
	}
	if l.errors["key.changed.from"] == "null" {
		r.Key = nil
	}
	r.Headers = append(r.Headers,
		kgo.RecordHeader{Key: ReplaysHeader, Value: strconv.AppendInt(nil, int64(l.Replays)+1, 10)})
	return r
}
