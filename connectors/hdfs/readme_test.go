package hdfs

import (
	"flag"
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
)

var update = flag.Bool("update", false, "rewrite the generated part of README.md")

func TestReadmeListsEveryKey(t *testing.T) { connecttest.Readme(t, def, *update) }

func TestExampleConfigurationsAreValid(t *testing.T) {
	parse := func(props map[string]string) error {
		_, err := connecttest.TryParse(Plugin().Info, props)
		return err
	}
	connecttest.ExampleConfigs(t, "../../examples/configs/hdfs-*.json", Plugin().Info, parse)
}
