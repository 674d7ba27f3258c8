package pipeline_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connectors/elasticsearch"
	"github.com/suiro/suiro/connectors/file"
	"github.com/suiro/suiro/connectors/hdfs"
	"github.com/suiro/suiro/transforms/converters"
)

// The configurations of this folder are valid.
func TestConfigurationsAreValid(t *testing.T) {
	f, err := os.Open("worker.properties")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	props, err := config.ReadProperties(f)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := plan.ParseConfig(props)
	if err != nil {
		t.Fatalf("worker.properties: %v", err)
	}
	worker, err := standalone.New(cfg, connect.Plugins{
		Sources:    []connect.SourcePlugin{file.SourcePlugin()},
		Sinks:      []connect.SinkPlugin{elasticsearch.Plugin(), hdfs.Plugin()},
		Converters: []connect.ConverterPlugin{converters.AvroPlugin(), converters.JSONPlugin(), converters.StringPlugin()},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.json")
	if err != nil || len(files) != 3 {
		t.Fatalf("connectors: %v, %v, want three files", files, err)
	}
	t.Chdir("../..") // where the commands of the README run
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join("examples/pipeline", name))
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			Name   string
			Config map[string]string
		}
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c.Config["name"] = c.Name
		if err := worker.Check(c.Config); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
