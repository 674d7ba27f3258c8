package rest

import (
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
)

func getPlugins(c *call) (answer, error) {
	connectorsOnly := !c.request.URL.Query().Has("connectorsOnly") || c.is("connectorsOnly")
	return found(c.Plugins(c.ctx, connectorsOnly))
}

func getPluginConfig(c *call) (answer, error) {
	return found(c.PluginConfig(c.ctx, c.path("p"), c.query("version")))
}

// putPluginValidate answers 200 for a configuration that is wrong: what is wrong
// with it is the answer.
func putPluginValidate(c *call) (answer, error) {
	var sent api.ConfigPatch
	if err := c.read(&sent); err != nil {
		return answer{}, err
	}
	config, null := map[string]string{}, []string{}
	for key, value := range sent {
		if value == nil {
			null = append(null, key)
			continue
		}
		config[key] = *value
	}
	class, given := config["connector.class"]
	if given && !strings.HasSuffix(withoutConnector(class), withoutConnector(c.path("p"))) {
		return answer{}, herder.Errorf(herder.ErrInvalid,
			"Included connector type %s does not match request type %s", class, c.path("p"))
	}
	// What a connector of this name hides is put in place of [hidden].
	if err := mayAdmin(c, config["name"]); err != nil {
		return answer{}, err
	}
	infos, err := c.Validate(c.ctx, config)
	if err == nil {
		slices.Sort(null)
		refuseNull(&infos, null)
	}
	return found(infos, err)
}

// refuseNull adds what is wrong with keys whose value is null.
func refuseNull(infos *api.ConfigInfos, null []string) {
	for _, key := range null {
		i := slices.IndexFunc(infos.Configs, func(info api.ConfigInfo) bool { return info.Value.Name == key })
		if i < 0 {
			i = len(infos.Configs)
			infos.Configs = append(infos.Configs, api.ConfigInfo{Value: api.ConfigValueInfo{Name: key,
				RecommendedValues: []string{}, Visible: true}})
		}
		value := &infos.Configs[i].Value
		value.Errors = append(value.Errors, "Null value can not be supplied as the configuration value.")
		infos.ErrorCount++
	}
}

// withoutConnector is the form in which Kafka Connect compares two names of a
// class.
func withoutConnector(class string) string { return strings.TrimSuffix(class, "Connector") }
