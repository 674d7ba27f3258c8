package lookup

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
)

var plugins = connect.Plugins{
	Sources: []connect.SourcePlugin{{Info: connect.Info{Class: "FileStreamSource",
		Aliases: []string{"org.apache.kafka.connect.file.FileStreamSourceConnector"}}}},
	Sinks: []connect.SinkPlugin{{Info: connect.Info{Class: "FileStreamSink"}}, {Info: connect.Info{Class: "HdfsSink"}}},
	Transforms: []connect.TransformPlugin{
		{Info: connect.Info{Class: "org.apache.kafka.connect.transforms.Filter"}},
		{Info: connect.Info{Class: "org.apache.kafka.connect.transforms.InsertField$Key"}},
		{Info: connect.Info{Class: "org.apache.kafka.connect.transforms.InsertField$Value"}},
		{Info: connect.Info{Class: "org.apache.kafka.connect.transforms.RegexRouter"}},
	},
	Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "io.confluent.connect.avro.AvroConverter"}}},
}

const inserts = `did you mean "org.apache.kafka.connect.transforms.InsertField$Key" or ` +
	`"org.apache.kafka.connect.transforms.InsertField$Value"?`

func TestAMissingClassComesWithWhatToUseInstead(t *testing.T) {
	transforms, converters := Transformations(plugins), Converters(plugins)
	for class, c := range map[string]struct{ got, want string }{
		"slip":            {transforms.Missing("k", "RegxRouter").Message, `did you mean "org.apache.kafka.connect.transforms.RegexRouter"?`},
		"case":            {transforms.Missing("k", "regexrouter").Message, `did you mean "org.apache.kafka.connect.transforms.RegexRouter"?`},
		"no part":         {transforms.Missing("k", "org.apache.kafka.connect.transforms.InsertField").Message, inserts},
		"part with slip":  {transforms.Missing("k", "InsertField$Valeu").Message, `InsertField$Value"?`},
		"known elsewhere": {transforms.Missing("k", "io.debezium.transforms.ByLogicalTableRouter").Message, "; RegexRouter renames topics"},
		"a vendor's":      {transforms.Missing("k", "io.aiven.kafka.connect.transforms.Hash$Value").Message, "; leave it out, or do this step in a stream app"},
		"far from all": {transforms.Missing("k", "com.example.Enrich").Message,
			"available are: Filter, InsertField$Key, InsertField$Value, RegexRouter"},
		"converter": {converters.Missing("k", "com.example.AWSKafkaAvroConverter").Message, "the Glue registry is not read"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%s: %s, want it to hold %s", class, c.got, c.want)
		}
	}
}

func TestAMissingConnectorComesWithWhatToUseInstead(t *testing.T) {
	const all = "vailable connectors are: FileStreamSink, FileStreamSource, HdfsSink"
	for class, want := range map[string]string{
		"FileStreamSrouce":                        `did you mean "FileStreamSource"? A` + all,
		"filestreamsink":                          `did you mean "FileStreamSink"? A` + all,
		"FileStream":                              `did you mean "FileStreamSource" or "FileStreamSink"? A` + all,
		"org.example.HdfsSnkConnector":            `did you mean "HdfsSink"?`,
		"HdfsSnkConector":                         `did you mean "HdfsSink"?`,
		"io.confluent.connect.s3.S3SinkConnector": "a" + all + "; there is no sink for object stores",
		"com.example.CrmSourceConnector":          "a" + all + "; this connector needs a Java worker of Kafka Connect",
		"Nothing":                                 "a" + all,
	} {
		if got := Connectors(plugins).NoConnector(class).Error(); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want it to hold %s", class, got, want)
		}
	}
}

// Classes of others that only share a simple name do something else.
func TestNamesakesAreNotFound(t *testing.T) {
	for class, want := range map[string]bool{
		"Filter": true, "org.example.Filter": true, "org.apache.kafka.connect.transforms.Filter": true,
		"io.debezium.transforms.Filter": false,
	} {
		if _, _, got := Transformations(plugins).Find(class); got != want {
			t.Errorf("Find(%s) = %v, want %v", class, got, want)
		}
	}
	if _, _, ok := Converters(plugins).Find("io.apicurio.registry.utils.converter.AvroConverter"); ok {
		t.Error("Apicurio's AvroConverter is taken for Confluent's")
	}
}
