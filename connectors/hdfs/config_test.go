package hdfs

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/filesets/layout"
)

func TestConfigurationErrorsNameTheKeyAndTheRemedy(t *testing.T) {
	for _, c := range []struct {
		set  map[string]string
		want string
	}{
		{map[string]string{"store.url": ""}, "store.url"},
		{map[string]string{"store.url": "s3://bucket"}, "want hdfs://host:port"},
		{map[string]string{"store.url": "file://data"}, "three slashes"},
		{map[string]string{"flush.size": "0"}, "at least 1"},
		{map[string]string{"format.class": "io.confluent.connect.hdfs.parquet.ParquetFormat"}, "one of AvroFormat"},
		{map[string]string{"partitioner.class": "com.example.Own"}, "want one of DefaultPartitioner"},
		{map[string]string{"path.format": ""}, "TimeBasedPartitioner needs a pattern"},
		{map[string]string{"path.format": "dt=YYYY"}, "quote the text"},
		{map[string]string{"partitioner.class": "FieldPartitioner"}, "partition.field.name"},
		{map[string]string{"timezone": "Mars"}, "timezone"},
		{map[string]string{"timezone": "Local"}, "want a zone of the IANA database"},
		{map[string]string{"topics.dir": "t/${topic}"}, "RegexRouter"},
		{map[string]string{"schema.compatibility": "FULL"}, "NONE"},
		{map[string]string{"avro.codec": "bzip2"}, "deflate"},
		{map[string]string{"hdfs.authentication.kerberos": "true"}, "Kerberos is not supported, hdfs.user says who writes"},
		{map[string]string{"connect.hdfs.keytab": "/k"}, "Kerberos is not supported, hdfs.user says who writes"},
		{map[string]string{"file.delim": "-"}, "topics may have"},
		{map[string]string{"hive.integration": "true"}, "hive.metastore.uris"},
		{map[string]string{"hive.integration": "true", "hive.metastore.uris": "host:9083"}, "want thrift://host:9083"},
		{map[string]string{"hive.integration": "true", "hive.metastore.uris": "thrift://h",
			"path.format": "YYYY"}, "name=value"},
		{map[string]string{"hive.integration": "true", "hive.metastore.uris": "thrift://h",
			"format.class": "JsonFormat"}, "needs AvroFormat"},
	} {
		props := testProps()
		maps.Copy(props, c.set)
		if _, err := connecttest.TryParse(Plugin().Info, props); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q in it", c.set, err, c.want)
		}
	}
}

// TestJavaConfigurationIsUnderstood parses what people have today.
func TestJavaConfigurationIsUnderstood(t *testing.T) {
	v, err := connecttest.TryParse(Plugin().Info, map[string]string{
		"connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector", "topics": "access",
		"hdfs.url": "hdfs://nn:9000/data", "flush.size": "3", "logs.dir": "logs", "hadoop.home": "/opt/hadoop",
		"storage.class":     "io.confluent.connect.hdfs.storage.HdfsStorage",
		"format.class":      "io.confluent.connect.hdfs.avro.AvroFormat",
		"partitioner.class": "io.confluent.connect.storage.partitioner.HourlyPartitioner",
		"locale":            "ja-JP", "timezone": "Asia/Tokyo",
		"timestamp.extractor": "RecordField", "timestamp.field": "time", "hive.integration": "true",
		"hive.metastore.uris": "thrift://a:9083,thrift://b", "rotate.schedule.interval.ms": "60000",
		"enhanced.avro.schema.support": "true",
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSettings(v)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.files.Root+" "+s.uri, "/data/topics hdfs://nn:9000/data/topics"; got != want {
		t.Errorf("root and URI are %s, want %s", got, want)
	}
	if got, want := strings.Join(s.keys, " "), "year month day hour"; got != want {
		t.Errorf("partition keys are %s, want %s", got, want)
	}
	bounded, ok := s.files.Layout.(*layout.Bounded)
	if !ok {
		t.Fatalf("the partitioner is %T, want a bounded one", s.files.Layout)
	}
	if p, ok := bounded.Partitioner.(layout.Time); !ok || p.Duration != time.Hour || p.Zone.String() != "Asia/Tokyo" {
		t.Errorf("the partitioner is %+v, want hours of Tokyo", bounded.Partitioner)
	}
	if got, want := strings.Join(s.metastores, " "), "a:9083 b:9083"; got != want {
		t.Errorf("metastores are %s, want %s", got, want)
	}
	for _, name := range []string{"HdfsSink", "io.confluent.connect.hdfs.HdfsSinkConnector",
		"io.confluent.connect.hdfs3.Hdfs3SinkConnector"} {
		if !Plugin().Is(name) {
			t.Errorf("%s is not this plugin", name)
		}
	}
}
