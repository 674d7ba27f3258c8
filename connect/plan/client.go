package plan

import (
	"maps"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// role is what a Kafka client is for.
type role struct {
	prefix   string // of the worker's keys
	override string // prefix of the connector's keys
	def      *config.Def
	options  func(config.Values) []kgo.Opt // of the role's own keys
}

// The roles of Kafka clients.
var (
	producerRole = role{"producer.", "producer.override.", clientDef(kafka.ProducerKeys()), kafka.ProducerOptions}
	consumerRole = role{"consumer.", "consumer.override.", clientDef(kafka.ConsumerKeys()), consumerOptions}
	adminRole    = role{"admin.", "admin.override.", clientDef(nil), func(config.Values) []kgo.Opt { return nil }}

	roles = []role{producerRole, consumerRole, adminRole}
)

func clientDef(own []config.Key) *config.Def { return config.New(append(kafka.Keys(), own...)...) }

func consumerOptions(v config.Values) []kgo.Opt {
	return append(kafka.ConsumerOptions(v), kafka.GroupOptions(v)...)
}

// Client is the configuration of a Kafka client.
type Client struct {
	role   role
	values config.Values
}

// Options returns the options to open the client with. They are made at each
// call, so that a certificate that was renewed since the last one is read; the
// error names the key whose file cannot be used any more.
func (c *Client) Options() ([]kgo.Opt, error) {
	opts, err := kafka.Options(c.values)
	if err != nil {
		return nil, err
	}
	return append(opts, c.role.options(c.values)...), nil
}

// newClient layers the worker's keys and the connector's, which may be nil, and
// checks that a client can be opened with them.
func newClient(r role, worker, connector map[string]string) (Client, config.Errors) {
	props := map[string]string{}
	for _, k := range kafka.Keys() {
		if v, ok := worker[k.Name]; ok {
			props[k.Name] = v
		}
	}
	maps.Copy(props, under(worker, r.prefix))
	maps.Copy(props, under(connector, r.override))
	values, err := r.def.Parse(props)
	if err != nil {
		return Client{}, asErrors(err)
	}
	c := Client{r, values}
	return c, c.check()
}

// check finds what can never work, which a task would otherwise run into at
// each start.
func (c *Client) check() config.Errors {
	opts, err := c.Options()
	if err == nil && c.role.prefix == consumerRole.prefix {
		opts = append(opts, kgo.ConsumerGroup("check")) // some limits hold for members of a group only
	}
	if err == nil {
		err = kgo.ValidateOpts(opts...)
	}
	return asErrors(err)
}

// under returns the properties below a prefix, without it.
func under(props map[string]string, prefix string) map[string]string {
	out := map[string]string{}
	for k, v := range props {
		if rest, ok := strings.CutPrefix(k, prefix); ok {
			out[rest] = v
		}
	}
	return out
}
