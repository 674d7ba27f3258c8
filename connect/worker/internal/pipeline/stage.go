package pipeline

import (
	"errors"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// Stage is where a record failed.
type Stage int

// The stages, by Kafka Connect's names.
const (
	TaskPoll Stage = iota
	TaskPut
	Transformation
	KeyConverter
	ValueConverter
	HeaderConverter
	KafkaProduce
	KafkaConsume
)

var stageNames = [...]string{"TASK_POLL", "TASK_PUT", "TRANSFORMATION", "KEY_CONVERTER",
	"VALUE_CONVERTER", "HEADER_CONVERTER", "KAFKA_PRODUCE", "KAFKA_CONSUME"}

// String returns the name in a dead letter's headers.
func (s Stage) String() string { return stageNames[s] }

// stageError remembers where an error came from.
type stageError struct {
	stage Stage
	class string // of the converter, transform or task
	err   error
}

func (e *stageError) Error() string { return e.err.Error() }
func (e *stageError) Unwrap() error { return e.err }

// MarkStage marks err with a stage and the class that failed, unless it is nil
// or has a mark already.
func MarkStage(stage Stage, class string, err error) error {
	if err == nil || isMarked(err) {
		return err
	}
	return &stageError{stage, class, err}
}

func isMarked(err error) bool {
	var marked *stageError
	return errors.As(err, &marked)
}

// StageOf returns the mark of err, or the given one when it has none.
func StageOf(err error, stage Stage, class string) (Stage, string) {
	var marked *stageError
	if errors.As(err, &marked) {
		return marked.stage, marked.class
	}
	return stage, class
}

// stagedConverter marks the errors of a converter.
type stagedConverter struct {
	connect.Converter
	stage Stage
	class string
}

func (c stagedConverter) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	raw, err := c.Converter.FromConnect(topic, schema, value)
	return raw, MarkStage(c.stage, c.class, err)
}

func (c stagedConverter) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	schema, value, err := c.Converter.ToConnect(topic, raw)
	return schema, value, MarkStage(c.stage, c.class, err)
}
