package elasticsearch

import (
	"flag"
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

var update = flag.Bool("update", false, "rewrite the generated part of README.md")

func TestReadmeListsEveryKey(t *testing.T) { connecttest.Readme(t, settings.Def, *update) }

func TestExampleConfigurationsAreValid(t *testing.T) {
	const examples = "../../examples/configs/elasticsearch-*.json"
	connecttest.ExampleConfigs(t, examples, Plugin().Info, func(props map[string]string) error {
		_, err := connecttest.TryParse(Plugin().Info, props)
		return err
	})
}
