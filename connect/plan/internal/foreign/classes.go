package foreign

import "strings"

// Classes are classes of other parts of the ecosystem and what to do without them.
type Classes struct {
	names  []string // simple ones; one that ends with a full stop is a Java package and all that is in it
	remedy string
}

// Connectors are connectors that people run on Java workers.
var Connectors = []Classes{
	{[]string{"S3SinkConnector", "S3Sink", "GcsSinkConnector", "AzureBlobStorageSinkConnector",
		"AzureDataLakeGen2SinkConnector", "io.aiven.kafka.connect.s3.", "io.aiven.kafka.connect.gcs."},
		"there is no sink for object stores; HdfsSink writes such files to HDFS or to a folder"},
	{[]string{"io.debezium.connector.jdbc.", "JdbcSinkConnector", "JdbcSourceConnector"},
		"there are no connectors for databases"},
	{[]string{"io.debezium.connector."},
		"there are no connectors for databases; sinks and stream apps here can read the topics that Debezium writes"},
	{[]string{"org.apache.kafka.connect.mirror.", "ReplicatorSourceConnector"},
		"MirrorSource mirrors topics of another cluster"},
	{[]string{"com.github.jcustenborder.kafka.connect.spooldir.", "io.streamthoughts.kafka.connect.filepulse."},
		"FileStreamSource reads the lines of a file, one record each"},
	{[]string{"com.ibm.eventstreams.connect.elasticsink.", "ElasticSinkConnector", "ElasticsearchSinkV2Connector"},
		"ElasticsearchSink writes to the same system, with keys of its own, such as connection.url"},
	{[]string{"OpensearchSinkConnector", "OpenSearchSinkConnector"}, "there is no sink for OpenSearch"},
	{[]string{"com.cloudera.dim.kafka.connect.hdfs."},
		"HdfsSink writes to the same system, with keys of its own, such as store.url, topics.dir and format.class"},
	{[]string{"io.confluent.connect.hdfs2.", "io.confluent.connect.hdfs.HdfsSourceConnector", "Hdfs3SourceConnector"},
		"there is no source for HDFS"},
	{[]string{"VerifiableSourceConnector"}, "GeneratorSource makes up records"},
}

const app = "do this step in a stream app that writes a topic of its own"

// Transforms are transforms that people configure.
var Transforms = []Classes{
	{[]string{"MessageTimestampRouter"}, "TimestampRouter takes the timestamp of the record; of a time in " +
		"the value, HdfsSink makes folders with partitioner.class=TimeBasedPartitioner"},
	{[]string{"ExtractNewRecordState", "UnwrapFromEnvelope", "UnwrapMongoDbEnvelope", "EventRouter"},
		"set it in the Debezium connector that writes the topic, or " + app},
	{[]string{"ByLogicalTableRouter"}, "RegexRouter renames topics too: topic.regex is its regex, topic.replacement its " +
		"replacement"},
	{[]string{"TopicRegexRouter"}, "RegexRouter renames topics too, with regex and replacement"},
	{[]string{"NullFilter", "TombstoneHandler"}, "use Filter with the predicate RecordIsTombstone"},
	{[]string{"Filter$Key", "Filter$Value", "io.debezium.transforms.Filter"},
		"Filter drops the records for which a predicate holds; for conditions on fields, " + app},
	{[]string{"io.confluent.", "io.debezium.", "io.aiven.", "com.github.jcustenborder."}, "leave it out, or " + app},
}

// Converters are converters that people configure.
var Converters = []Classes{
	{[]string{"AWSKafkaAvroConverter"},
		"the Glue registry is not read; AvroConverter reads registries with Confluent's API"},
	{[]string{"io.apicurio.registry.utils.converter."}, "AvroConverter reads Apicurio's registry through its " +
		"Confluent API: schema.registry.url=http://HOST:8080/apis/ccompat/v7"},
	{[]string{"com.cloudera.dim.kafka.connect.", "com.hortonworks."},
		"AvroConverter reads registries with Confluent's API"},
	{[]string{"BinaryDataConverter", "ByteBufferConverter"}, "ByteArrayConverter passes bytes on as they are"},
	{[]string{"CloudEventsConverter"}, "JsonConverter with schemas.enable=false reads them as plain JSON"},
}

// Remedy says what to do without a class of the list, or is empty.
func Remedy(class string, list []Classes) string {
	simple := class[strings.LastIndexByte(class, '.')+1:]
	for _, c := range list {
		for _, name := range c.names {
			if name == simple || name == class || strings.HasSuffix(name, ".") && strings.HasPrefix(class, name) {
				return c.remedy
			}
		}
	}
	return ""
}

// namesakes are classes with the simple names of classes here, and other keys.
var namesakes = []string{"com.cloudera.dim.kafka.connect.", "io.apicurio.registry.utils.converter.",
	"io.debezium.transforms.", "com.hortonworks."}

// IsNamesake reports whether a class must not be taken for the one here that has
// the same simple name, because it does something else or reads other keys.
func IsNamesake(class string) bool {
	for _, p := range namesakes {
		if strings.HasPrefix(class, p) {
			return true
		}
	}
	return false
}
