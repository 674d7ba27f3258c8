package hdfs

import (
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
)

func TestExampleConfigurationsAreValid(t *testing.T) {
	parse := func(props map[string]string) error {
		_, err := connecttest.TryParse(Plugin().Info, props)
		return err
	}
	connecttest.ExampleConfigs(t, "../../examples/configs/hdfs-*.json", Plugin().Info, parse)
}
