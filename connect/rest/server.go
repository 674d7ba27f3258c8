package rest

import (
	"errors"
	"net/http"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
)

func getServer(c *call) (answer, error) { return ok(c.Server()) }

// getHealth has a body of its own shape for errors too.
func getHealth(c *call) (answer, error) {
	switch err := c.Health(c.request.Context()); {
	case err == nil:
		return ok(api.HealthStatus{Status: api.Healthy,
			Message: "Worker has completed startup and is ready to handle requests."})
	case errors.Is(err, herder.ErrStarting):
		return answer{http.StatusServiceUnavailable, api.HealthStatus{Status: api.Starting,
			Message: "Worker is still starting up."}}, nil
	default:
		return answer{http.StatusInternalServerError, api.HealthStatus{Status: api.Unhealthy,
			Message: "Worker was unable to handle this request and may be unable to handle other requests. " +
				err.Error()}}, nil
	}
}
