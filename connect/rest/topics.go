package rest

import (
	"net/http"

	"github.com/suiro/suiro/connect/herder/api"
)

func getTopics(c *call) (answer, error) {
	topics, err := c.ActiveTopics(c.ctx, c.path("c"))
	return found(map[string]api.ActiveTopics{c.path("c"): topics}, err)
}

func putTopicsReset(c *call) (answer, error) {
	return answer{status: http.StatusAccepted}, c.ResetActiveTopics(c.ctx, c.path("c"))
}
