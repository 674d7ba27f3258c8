package workertest

import (
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Record is a record in Kafka.
type Record struct {
	// Topic is the topic's name.
	Topic string
	// Partition is where the record was read. A record that is produced without a
	// key goes there; one with a key goes where the key belongs.
	Partition int32
	// Offset is where the record was read; producing ignores it.
	Offset int64
	// Key and Value are bytes, nil for null.
	Key, Value []byte
	// Headers are the headers, the last of each name.
	Headers map[string]string
	// Timestamp is the record's time. Producing replaces the zero time by now.
	Timestamp time.Time
}

func recordOf(r *kgo.Record) Record {
	out := Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Key: r.Key, Value: r.Value,
		Timestamp: r.Timestamp, Headers: map[string]string{}}
	for _, h := range r.Headers {
		out.Headers[h.Key] = string(h.Value)
	}
	return out
}

func (r Record) toKafka() *kgo.Record {
	out := &kgo.Record{Topic: r.Topic, Partition: r.Partition, Key: r.Key, Value: r.Value, Timestamp: r.Timestamp}
	for name, value := range r.Headers {
		out.Headers = append(out.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
	}
	return out
}

// Values returns the values of records as text.
func Values(records []Record) []string {
	out := make([]string, len(records))
	for i, r := range records {
		out[i] = string(r.Value)
	}
	return out
}

// DeadLetter is a dead letter with what its headers say.
type DeadLetter struct {
	// Record is the dead letter: the key and value of the record that was rejected.
	Record
	// Reason is why, Stage where, such as TASK_PUT or VALUE_CONVERTER, and Class the
	// class that refused the record.
	Reason, Stage, Class string
	// OriginalTopic, OriginalPartition and OriginalOffset say where a sink read the
	// record; they are "" and -1 for a source.
	OriginalTopic     string
	OriginalPartition int32
	OriginalOffset    int64
}

func deadLetterOf(r Record) DeadLetter {
	const prefix = "__connect.errors."
	number := func(name string, bits int) int64 {
		n, err := strconv.ParseInt(r.Headers[prefix+name], 10, bits)
		if err != nil {
			return -1
		}
		return n
	}
	return DeadLetter{Record: r, Reason: r.Headers[prefix+"exception.message"], Stage: r.Headers[prefix+"stage"],
		Class: r.Headers[prefix+"class.name"], OriginalTopic: r.Headers[prefix+"topic"],
		OriginalPartition: int32(number("partition", 32)), OriginalOffset: number("offset", 64)}
}
