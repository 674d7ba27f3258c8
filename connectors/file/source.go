package file

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"

	"github.com/suiro/suiro/connect"
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
	props map[string]string
	stdin io.Reader
	input *standardInput
}

// Start takes the configuration.
func (c *SourceConnector) Start(_ context.Context, props map[string]string) error {
	c.props = maps.Clone(props)
	c.input = newStandardInput(c.stdin)
	return nil
}

// TaskConfigs returns one configuration: a file has one reader.
func (c *SourceConnector) TaskConfigs(int) ([]map[string]string, error) {
	return []map[string]string{maps.Clone(c.props)}, nil
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

func parseSettings(props map[string]string) (settings, error) {
	v, err := sourceDef.Parse(props)
	if err != nil {
		return settings{}, err
	}
	s := settings{path: v.String("file"), topic: v.String("topic"), batchSize: v.Int("batch.size"),
		stop: v.String("file.end") == endStop, maxLine: v.Int("line.max.bytes")}
	if s.path == "" {
		s.path = "-"
	}
	return s, nil
}

func (s settings) String() string { return fmt.Sprintf("file %s", s.path) }
