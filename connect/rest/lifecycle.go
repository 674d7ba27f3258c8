package rest

import "net/http"

func putPause(c *call) (answer, error) {
	return answer{status: http.StatusAccepted}, c.Pause(c.ctx, c.path("c"))
}

func putResume(c *call) (answer, error) {
	return answer{status: http.StatusAccepted}, c.Resume(c.ctx, c.path("c"))
}

func putStop(c *call) (answer, error) {
	return answer{status: http.StatusNoContent}, c.StopConnector(c.ctx, c.path("c"))
}

// postRestart answers with what is started again, unless it is the connector alone.
func postRestart(c *call) (answer, error) {
	name, tasks, failed := c.path("c"), c.is("includeTasks"), c.is("onlyFailed")
	if !tasks && !failed {
		return answer{status: http.StatusNoContent}, c.Restart(c.ctx, name)
	}
	status, err := c.RestartMany(c.ctx, name, tasks, failed)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusAccepted, body: status}, nil
}

func postTaskRestart(c *call) (answer, error) {
	id, err := taskID(c)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, c.RestartTask(c.ctx, id)
}
