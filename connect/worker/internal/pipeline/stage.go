package pipeline

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connect/worker/internal/counts"
)

// Stage is where a record failed.
type Stage int

// The stages, in the order of [counts.Stages].
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

// String returns the name in a dead letter's headers.
func (s Stage) String() string { return counts.Stages[s] }

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

// stagedConverter marks the errors of a converter, and measures it.
type stagedConverter struct {
	connect.Converter
	stage Stage
	class string
	meter *counts.Meter
}

func (c stagedConverter) FromConnect(topic string, schema *data.Schema, value any) (raw []byte, err error) {
	defer recovered(c.stage, c.class, &err)
	defer c.meter.Begin().End()
	raw, err = c.Converter.FromConnect(topic, schema, value)
	return raw, MarkStage(c.stage, c.class, err)
}

func (c stagedConverter) ToConnect(topic string, raw []byte) (schema *data.Schema, value any, err error) {
	defer recovered(c.stage, c.class, &err)
	defer c.meter.Begin().End()
	schema, value, err = c.Converter.ToConnect(topic, raw)
	return schema, value, MarkStage(c.stage, c.class, err)
}

// panicError is a panic of a converter or transform. As an exception of a Java
// class does, it makes the record a bad one instead of ending the process.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprint("panic: ", e.value) }

// recovered turns a panic into an error with its stage. It is deferred.
func recovered(stage Stage, class string, err *error) {
	if p := recover(); p != nil {
		*err = &stageError{stage, class, &panicError{p, debug.Stack()}}
	}
}

// stackOf returns the stack of the panic that err is, "" for other errors.
func stackOf(err error) string {
	var p *panicError
	if !errors.As(err, &p) {
		return ""
	}
	return string(p.stack)
}
