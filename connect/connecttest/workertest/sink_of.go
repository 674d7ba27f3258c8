package workertest

import (
	"context"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// sinkOf is a sink connector of tasks that a test makes.
type sinkOf struct{ create func() connect.SinkTask }

// Start implements [connect.Connector].
func (sinkOf) Start(context.Context, config.Values) error { return nil }

// TaskConfigs implements [connect.Connector].
func (sinkOf) TaskConfigs(maxTasks int) ([]map[string]string, error) {
	return connect.SameConfig(maxTasks), nil
}

// NewTask implements [connect.SinkConnector].
func (s sinkOf) NewTask() connect.SinkTask { return s.create() }

// Stop implements [connect.Connector].
func (sinkOf) Stop() error { return nil }
