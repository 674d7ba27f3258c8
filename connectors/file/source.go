package file

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// Version is shown by the REST API.
const Version = "0.1.0"

// SourcePlugin returns the source for the list of plugins.
func SourcePlugin() connect.SourcePlugin {
	return connect.SourcePlugin{
		Info: connect.Info{
			Class:   "FileStreamSource",
			Aliases: []string{"org.apache.kafka.connect.file.FileStreamSourceConnector"},
			Version: Version, Def: sourceDef,
		},
		New: func() connect.SourceConnector { return &SourceConnector{stdin: os.Stdin} },
	}
}

var _ connect.SourceConnector = (*SourceConnector)(nil)

// SourceConnector reads one file with one task.
type SourceConnector struct {
	stdin io.Reader
	input *standardInput
}

// Start gets the standard input ready for the task.
func (c *SourceConnector) Start(context.Context, config.Values) error {
	c.input = newStandardInput(c.stdin)
	return nil
}

// TaskConfigs returns one configuration: a file has one reader.
func (c *SourceConnector) TaskConfigs(int) ([]map[string]string, error) {
	return connect.SameConfig(1), nil
}

// NewTask returns a task that has not been started.
func (c *SourceConnector) NewTask() connect.SourceTask { return &SourceTask{stdin: c.input} }

// Stop has nothing to free.
func (c *SourceConnector) Stop() error { return nil }

// settings are the parsed keys of a source.
type settings struct {
	path, topic string
	batchSize   int
	stop        bool
	maxLine     int
}

func newSettings(v config.Values) settings {
	s := settings{path: v.String("file"), topic: v.String("topic"), batchSize: v.Int("batch.size"),
		stop: v.String("file.end") == endStop, maxLine: v.Int("line.max.bytes")}
	if s.path == "" {
		s.path = "-"
	}
	return s
}

func (s settings) String() string { return fmt.Sprintf("file %s", s.path) }
