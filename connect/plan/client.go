package plan

import (
	"errors"
	"maps"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/below"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kgo"
)

// role is what a Kafka client is for, and where its keys are written.
type role struct {
	kafka.Role
	prefix   string // of the worker's keys
	override string // of the connector's keys
}

// The roles of Kafka clients.
var (
	producerRole = role{kafka.Producer, "producer.", "producer.override."}
	consumerRole = role{kafka.Consumer, "consumer.", "consumer.override."}
	adminRole    = role{kafka.Admin, "admin.", "admin.override."}

	roles = []role{producerRole, consumerRole, adminRole}
)

// Client is the configuration of a Kafka client.
type Client struct {
	role   role
	values config.Values
	memory *memory.Budget
}

// Brokers are the bootstrap servers of the client.
func (c *Client) Brokers() []string { return c.values.List("bootstrap.servers") }

// Options returns the options to open the client with. They are made at each
// call, so that a certificate that was renewed since the last one is read. The
// error names a key whose file cannot be used now, as everything else was checked
// when the plan was made; it is not a [config.Errors], as the file may come back.
func (c *Client) Options() ([]kgo.Opt, error) {
	opts, err := c.role.Renewed(c.values, c.memory)
	if err != nil {
		return nil, errors.New(err.Error())
	}
	return opts, nil
}

// newClient layers the worker's keys and the connector's, which may be nil, and
// checks that a client can be opened with them. The budget is the process' one.
func newClient(r role, worker, connector map[string]string, b *memory.Budget) (Client, config.Errors) {
	props := map[string]string{}
	for _, name := range kafka.Admin.Def().Names() {
		if v, ok := worker[name]; ok {
			props[name] = v
		}
	}
	maps.Copy(props, below.Props(worker, r.prefix))
	maps.Copy(props, below.Props(connector, r.override))
	values, err := r.Def().Parse(props)
	if err != nil {
		return Client{}, asErrors(err)
	}
	c := Client{r, values, b}
	_, err = r.Options(values, b) // finds what can never work, which a task would otherwise run into at each start
	return c, asErrors(err)
}
