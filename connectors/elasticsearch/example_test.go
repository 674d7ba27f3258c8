package elasticsearch_test

import (
	"fmt"

	"github.com/suiro/suiro/connectors/elasticsearch"
)

// A configuration is checked by the plugin's definition; each error names the
// key and what would be accepted.
func ExamplePlugin() {
	plugin := elasticsearch.Plugin()
	fmt.Println(plugin.Is("io.confluent.connect.elasticsearch.ElasticsearchSinkConnector"))

	values, err := plugin.Def.Parse(map[string]string{
		"connection.url": "http://127.0.0.1:9200",
		"write.method":   "replace",
	})
	fmt.Println(err)
	fmt.Println(values.Int("batch.size"))
	// Output:
	// true
	// Invalid value replace for configuration write.method: String must be one of: insert, upsert
	// 2000
}
