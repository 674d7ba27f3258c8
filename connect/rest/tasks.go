package rest

import (
	"strconv"

	"github.com/suiro/suiro/connect/herder/api"
)

func getTasks(c *call) (answer, error) {
	return found(c.Tasks(c.ctx, c.path("c")))
}

func getTaskStatus(c *call) (answer, error) {
	id, err := taskID(c)
	if err != nil {
		return answer{}, err
	}
	return found(c.TaskStatus(c.ctx, id))
}

// taskID is the task that the path names.
func taskID(c *call) (api.TaskID, error) {
	number, err := strconv.ParseInt(c.path("t"), 10, 32)
	if err != nil {
		return api.TaskID{}, errNoPath // Kafka Connect's router takes numbers alone
	}
	return api.TaskID{Connector: c.path("c"), Task: int(number)}, nil
}
