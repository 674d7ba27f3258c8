package crew

import (
	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/backing/statuses"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/worker"
)

// RestartPlan is what a request to restart a connector is about, here or on any worker.
type RestartPlan struct {
	// Connector is whether the connector itself is restarted.
	Connector bool
	// Tasks are those of its tasks that are, by number.
	Tasks []api.TaskID
}

// PlanRestart finds what a request restarts, as the statuses say now.
func PlanRestart(b *statuses.Store, s *configs.State, r configs.RestartRequest) RestartPlan {
	failed := func(state api.State) bool { return !r.OnlyFailed || state == api.Failed }
	var p RestartPlan
	if status, ok := b.Connector(r.Connector); ok {
		p.Connector = failed(status.State)
	}
	if !r.IncludeTasks {
		return p
	}
	states := b.Tasks(r.Connector)
	for _, id := range s.TaskIDs(r.Connector) {
		if status, ok := states[id.Task]; ok && failed(status.State) {
			p.Tasks = append(p.Tasks, id)
		}
	}
	return p
}

// Restart stops what a request is about and is here, so that the next Apply starts it
// again, and shows it as RESTARTING.
func (c *Crew) Restart(s *configs.State, r configs.RestartRequest) {
	p := PlanRestart(c.reports.statuses, s, r)
	var connectors []string
	if p.Connector && c.HasConnector(r.Connector) {
		connectors = append(connectors, r.Connector)
	}
	var tasks []api.TaskID
	for _, id := range p.Tasks {
		if c.HasTask(id) {
			tasks = append(tasks, id)
		}
	}
	c.Drop(connectors, tasks)
	for _, name := range connectors {
		c.reports.connector(name, "", worker.Status{State: worker.Restarting})
	}
	for _, id := range tasks {
		c.reports.task(id, "", worker.Status{State: worker.Restarting})
	}
}

// dropRenewed stops what is here of connectors that are due.
func (c *Crew) dropRenewed() {
	for _, name := range c.renewals.names() {
		c.log.Info("connector is restarted: a config provider has other values for it", "connector", name)
		c.Drop([]string{name}, c.TasksOf(name))
		c.renewals.done(name)
	}
}
