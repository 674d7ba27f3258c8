package rest

import (
	"slices"
	"strconv"
	"time"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
)

const (
	// mostTapped is how many records one answer has, and longestTap how long they are
	// waited for.
	mostTapped = 100
	longestTap = 30 * time.Second
)

// stages are those at which records are tapped.
var stages = []string{api.StagePolled, api.StageConsumed, api.StageConverted, api.StageTransformed}

func tapTable() []route {
	return []route{
		get("/connectors/{c}/tap", getTap,
			"Records on their way through a connector's tasks in the worker that answers: at each stage as JSON, without "+
				"secrets and the fields of rest.tap.mask.fields, a few records a second. It needs the role admin, and "+
				"rest.tap.enable=true; 403 without.", 200, 400, 403, 404).
			with("stage", "The only stage to show.", stages...).
			with("task", "The number of the only task to tap.").
			with("limit", "How many records are tapped at most, from 1 to 100; 10 when it is not there.").
			with("waitMs", "How long records are waited for, in milliseconds, from 1 to 30000; 5000 when it is not there. "+
				"When some have come the answer waits for half a second more at most.").
			returns(api.Tapped{}),
	}
}

// getTap shows records on their way.
func getTap(c *call) (answer, error) {
	tapper, ok := c.Herder.(herder.Tapper)
	if !ok {
		return answer{}, herder.ErrNoTap
	}
	r := api.TapRequest{Stage: c.query("stage"), Task: -1}
	if r.Stage != "" && !slices.Contains(stages, r.Stage) {
		return answer{}, herder.Errorf(herder.ErrInvalid,
			"stage=%.100s is not a stage: use polled, consumed, converted or transformed", r.Stage)
	}
	var err error
	if r.Task, err = c.number("task", -1, 0, 1<<31-1); err != nil {
		return answer{}, err
	}
	if r.Records, err = c.number("limit", 10, 1, mostTapped); err != nil {
		return answer{}, err
	}
	wait, err := c.number("waitMs", 5000, 1, int(longestTap.Milliseconds()))
	if err != nil {
		return answer{}, err
	}
	r.Wait = time.Duration(wait) * time.Millisecond
	return found(tapper.Tap(c.ctx, c.path("c"), r))
}

// number returns the value of a parameter, or another when it is not there.
func (c *call) number(name string, absent, least, most int) (int, error) {
	text := c.query(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, herder.Errorf(herder.ErrInvalid, "%s=%.100s: must be a number from %d to %d", name, text, least, most)
	}
	return n, nil
}
