package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/file/internal/asked"
	"github.com/suiro/suiro/connectors/file/internal/presence"
	"github.com/suiro/suiro/connectors/file/internal/regular"
)

// SourcePlugin describes the source connector as a worker loads it.
func SourcePlugin() connect.SourcePlugin {
	return connect.SourcePlugin{
		Info: connect.Info{
			Class:   "FileStreamSource",
			Aliases: []string{"org.apache.kafka.connect.file.FileStreamSourceConnector"},
			Def:     sourceDef,
			Doc: "Reads the lines of a file, plain or gzip, of a named pipe or of standard input, and follows a file " +
				"through rotations.",
		},
		New:     func() connect.SourceConnector { return &SourceConnector{stdin: os.Stdin} },
		Metrics: func(r prometheus.Registerer) { newCounts(r) },
	}
}

var (
	_ connect.SourceConnector     = (*SourceConnector)(nil)
	_ connect.SourceOffsetAlterer = (*SourceConnector)(nil)
)

// SourceConnector reads one file with one task.
type SourceConnector struct {
	stdin  io.Reader
	stream *stream // nil when the input is a file, which can be read again
}

// Start opens a named pipe, and prepares the standard input for the task. A file
// is opened by the task.
func (c *SourceConnector) Start(_ context.Context, v config.Values) error {
	s := newSettings(v)
	if s.Path == standard {
		c.stream = &stream{name: "standard input", source: newPump(c.stdin)}
		return nil
	}
	info, err := os.Stat(s.Path)
	if err != nil {
		return nil // the task reports it, or waits for the file
	}
	if info.Mode()&os.ModeNamedPipe == 0 {
		return regular.Check(s.Path, info)
	}
	p, err := openPipe(s.Path, !s.stop())
	if err != nil {
		return fmt.Errorf("open the named pipe: %w", err)
	}
	c.stream = &stream{name: "named pipe " + s.Path, source: p}
	return nil
}

// Check implements [connect.Checker]: it looks for the file, on this machine.
func (c *SourceConnector) Check(_ context.Context, v config.Values) (found string, err error) {
	s := newSettings(v)
	if s.Path == standard {
		return "the standard input of the worker", nil
	}
	return presence.OfSource(s.Path, !s.stop())
}

// TaskConfigs plans one task: a file has one reader.
func (c *SourceConnector) TaskConfigs(int) ([]map[string]string, error) {
	return connect.SameConfig(1), nil
}

// NewTask returns a task that has not been started.
func (c *SourceConnector) NewTask() connect.SourceTask { return &SourceTask{stream: c.stream} }

// AlterOffsets refuses what the task could not continue from. Whether the file is that
// long is seen when the task opens it.
func (c *SourceConnector) AlterOffsets(_ context.Context, v config.Values, offsets []connect.SourceOffset) error {
	if newSettings(v).Path == standard {
		return errors.New("Offsets cannot be modified if the 'file' configuration is unspecified. This is because stdin " +
			"is used for input and offsets are not tracked.")
	}
	return asked.Check(offsets, func(offset map[string]any) error { _, err := placeOf(offset); return err })
}

// Stop closes a named pipe.
func (c *SourceConnector) Stop() error {
	if c.stream == nil {
		return nil
	}
	return c.stream.free()
}

// standard is the path that means the standard input or the standard output.
const standard = "-"

// settings are the keys of a source.
type settings struct {
	Path      string        `config:"file"`
	Topic     string        `config:"topic"`
	BatchSize int           `config:"batch.size"`
	MaxLine   int           `config:"line.max.bytes"`
	Interval  time.Duration `config:"poll.interval.ms"`
	End       string        `config:"file.end"`
}

func newSettings(v config.Values) (s settings) {
	v.Decode(&s)
	if s.Path == "" {
		s.Path = standard
	}
	return s
}

// stop is whether to end at the end of the file instead of following it.
func (s *settings) stop() bool { return s.End == endStop }
