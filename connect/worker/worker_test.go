package worker_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

func TestStartSaysWhyTheBrokerCannotBeUsed(t *testing.T) {
	for name, c := range map[string]struct {
		props map[string]string
		want  string
	}{
		"nobody there": {map[string]string{"bootstrap.servers": "127.0.0.1:1"}, "nothing listens there"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := plan.ParseConfig(workerProps(t, "", c.props))
			if err != nil {
				t.Fatal(err)
			}
			err = worker.New(cfg, connect.Plugins{}, nil).Start(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.props["bootstrap.servers"]) {
				t.Errorf("Start = %v, want %q and the address", err, c.want)
			}
		})
	}
}
