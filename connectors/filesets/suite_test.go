package filesets

import (
	"context"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

// connector is the least connector over a [Sink]. The suite brings its tasks.
type connector struct{ connect.SinkConnector }

func (connector) Start(context.Context, config.Values) error { return nil }
func (connector) Stop() error                                { return nil }
func (connector) TaskConfigs(maxTasks int) ([]map[string]string, error) {
	return connect.SameConfig(maxTasks), nil
}

func TestSinkKeepsItsPromises(t *testing.T) {
	plugin := connect.SinkPlugin{Info: info, New: func() connect.SinkConnector { return connector{} }}
	connecttest.RunSink(t, plugin, func(t *testing.T) connecttest.SinkCase {
		mem := storagetest.NewMem()
		return connecttest.SinkCase{
			Props:       testProps("flush.size", "5", "format.class", "JsonFormat", "timestamp.extractor", "Record"),
			NewTask:     func() connect.SinkTask { return &task{storage: mem} },
			ExactlyOnce: true,
			Written: func(testing.TB) (lines []string) {
				for name, content := range mem.Files("/root/suite") {
					if !strings.Contains(name, "/+") {
						lines = append(lines, strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")...)
					}
				}
				return lines
			},
		}
	})
}
