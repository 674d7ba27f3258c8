package rest

import (
	"net/http"

	"github.com/suiro/suiro/connect/herder/api"
)

func getServer(c *call) (answer, error) { return ok(c.Server()) }

// getHealth has Kafka Connect's status codes.
func getHealth(c *call) (answer, error) {
	health := c.Health()
	return answer{status: map[string]int{api.Healthy: http.StatusOK, api.Starting: http.StatusServiceUnavailable,
		api.Unhealthy: http.StatusInternalServerError}[health.Status], body: health}, nil
}

func getReady(c *call) (answer, error) {
	ready := c.Ready()
	if !ready.Ready {
		return answer{status: http.StatusServiceUnavailable, body: ready}, nil
	}
	return ok(ready)
}
