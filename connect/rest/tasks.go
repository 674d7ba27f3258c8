package rest

import (
	"strconv"

	"github.com/suiro/suiro/connect/herder/api"
)

func getTasks(c *call) (answer, error) {
	return found(c.Tasks(c.ctx, c.path("c")))
}

func getTaskStatus(c *call) (answer, error) {
	number, err := strconv.ParseInt(c.path("t"), 10, 32)
	if err != nil {
		return answer{}, errNoPath // Kafka Connect's router takes numbers alone
	}
	return found(c.TaskStatus(c.ctx, api.TaskID{Connector: c.path("c"), Task: int(number)}))
}
