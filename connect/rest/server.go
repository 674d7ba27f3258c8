package rest

import (
	"net/http"

	"github.com/suiro/suiro/connect/access"
	"github.com/suiro/suiro/connect/herder/api"
)

func getServer(c *call) (answer, error) { return ok(c.Server()) }

// getHealth has Kafka Connect's status codes.
func getHealth(c *call) (answer, error) {
	health := c.Health()
	if !seesAll(c) {
		health.FailedConnectors, health.FailedTasks, health.Brokers.Error = []string{}, []api.TaskID{}, ""
	}
	return answer{status: map[string]int{api.Healthy: http.StatusOK, api.Starting: http.StatusServiceUnavailable,
		api.Unhealthy: http.StatusInternalServerError}[health.Status], body: health}, nil
}

// seesAll reports whether the caller may see the names of all connectors. A probe that has
// not logged in sees none.
func seesAll(c *call) bool { return access.CallerOf(c.ctx).MayAll(access.Read) }

func getReady(c *call) (answer, error) {
	ready := c.Ready()
	if !seesAll(c) && len(ready.Reasons) > 0 {
		ready.Reasons = []string{"log in with the role read to see why"}
	}
	if !ready.Ready {
		return answer{status: http.StatusServiceUnavailable, body: ready}, nil
	}
	return ok(ready)
}
