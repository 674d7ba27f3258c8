package elasticsearch

import "testing"

func TestConnectorGivesEveryTaskItsConfiguration(t *testing.T) {
	configs, err := Plugin().New().TaskConfigs(3)
	if err != nil || len(configs) != 3 || configs[2] != nil {
		t.Errorf("TaskConfigs = %v, %v, want three that change nothing", configs, err)
	}
}

func TestPluginHasTheNameOfTheJavaSink(t *testing.T) {
	for _, name := range []string{"ElasticsearchSink", "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector"} {
		if !Plugin().Is(name) {
			t.Errorf("the plugin is not found as %s", name)
		}
	}
}
