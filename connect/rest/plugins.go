package rest

import (
	"strings"

	"github.com/suiro/suiro/connect/herder"
)

func getPlugins(c *call) (answer, error) {
	return found(c.Plugins(c.request.Context(), c.query("connectorsOnly") != "false"))
}

func getPluginConfig(c *call) (answer, error) {
	return found(c.PluginConfig(c.request.Context(), c.path("p"), c.query("version")))
}

// putPluginValidate answers 200 for a configuration that is wrong: what is wrong
// with it is the answer. A configuration without a class that exists is 500, as
// in Kafka Connect.
func putPluginValidate(c *call) (answer, error) {
	config, err := c.config()
	if err != nil {
		return answer{}, err
	}
	class, given := config["connector.class"]
	if given && !strings.HasSuffix(withoutConnector(class), withoutConnector(c.path("p"))) {
		return answer{}, herder.Errorf(herder.ErrInvalid,
			"Included connector type %s does not match request type %s", class, c.path("p"))
	}
	infos, err := c.Validate(c.request.Context(), config)
	return found(infos, err)
}

// withoutConnector is the form in which Kafka Connect compares two names of a
// class.
func withoutConnector(class string) string { return strings.TrimSuffix(class, "Connector") }
