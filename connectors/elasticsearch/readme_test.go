package elasticsearch

import (
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
)

func TestExampleConfigurationsAreValid(t *testing.T) {
	const examples = "../../examples/configs/elasticsearch-*.json"
	connecttest.ExampleConfigs(t, examples, Plugin().Info, func(props map[string]string) error {
		_, err := connecttest.TryParse(Plugin().Info, props)
		return err
	})
}
