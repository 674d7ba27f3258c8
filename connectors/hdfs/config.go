package hdfs

import (
	"fmt"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/transforms/formats/avro/ocf"
)

// The groups of keys, as the reference page shows them.
const (
	groupStorage   = "Storage"
	groupRotation  = "Rotation"
	groupPartition = "Partitions"
	groupHive      = "Hive"
	groupSecurity  = "Security"
)

const javaPackage = "io.confluent.connect."

// def declares every key of the sink, group by group.
var def = config.New(storageKeys()...).With(rotationKeys()...).With(partitionKeys()...).
	With(hiveKeys()...).With(securityKeys()...)

func storageKeys() []config.Key {
	return grouped(groupStorage,
		config.Key{Name: "store.url", Type: config.String, Valid: storeURL(),
			Doc: "Where to write: `hdfs://host:port`, `hdfs://nameservice` with `hadoop.conf.dir`, or " +
				"`file:///folder`."},
		config.Key{Name: "hdfs.url", Type: config.String, Valid: storeURL(), Importance: config.Low,
			Doc: "Older name of `store.url`."},
		config.Key{Name: "topics.dir", Type: config.String, Default: "topics", Valid: topicsDir(),
			Doc: "Folder below the store's for all topics; it also holds the commit logs, in `+commits` " +
				"and `+tmp`."},
		config.Key{Name: "hadoop.conf.dir", Type: config.String, Default: "", Importance: config.Medium,
			Doc: "Folder with `core-site.xml` and `hdfs-site.xml`, for name services with several name nodes."},
		config.Key{Name: "hdfs.user", Type: config.String, Default: "", Importance: config.Medium,
			Doc: "User to write as; default the user of the process. Not known to the Java sink."},
		config.Key{Name: "format.class", Type: config.Class, Default: formatAvro,
			Valid: classes(formatAvro, formatJSON, formatString),
			Doc: "File format: `AvroFormat`, `JsonFormat` (a line per record) or `StringFormat` (a line " +
				"per record)."},
		config.Key{Name: "avro.codec", Type: config.String, Default: ocf.CodecNull, Importance: config.Low,
			Valid: config.OneOf(false, ocf.CodecNull, ocf.CodecDeflate, ocf.CodecSnappy),
			Doc:   "Compression of Avro files."},
		config.Key{Name: "retry.backoff.ms", Type: config.Long, Default: 5000, Valid: config.AtLeast(1),
			Importance: config.Low,
			Doc: "Longest wait before a writer tries again after the storage failed; the first waits are " +
				"shorter. There is no last try."},
		config.Key{Name: "shutdown.timeout.ms", Type: config.Long, Default: 3000, Valid: config.AtLeast(1),
			Importance: config.Medium,
			Doc:        "How long closing waits for calls to the storage that are under way."},
		config.Key{Name: "max.buffered.bytes", Type: config.Long, Default: 64 << 20,
			Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "Bytes of records a task queues for its writers; above it partitions are paused. Not " +
				"known to the Java sink."},
		config.Key{Name: "max.open.files", Type: config.Int, Default: 64, Valid: config.AtLeast(1),
			Importance: config.Low,
			Doc: "Files kept open for each Kafka partition, in HDFS of about 0.4 MB of memory each; the one " +
				"unused for longest is closed for another. Not known to the Java sink."},
		config.Key{Name: "filename.offset.zero.pad.width", Type: config.Int, Default: 10,
			Valid: config.Between(0, 20), Importance: config.Low,
			Doc: "Digits of the offsets in file names, with leading zeros."},
		config.Key{Name: "directory.delim", Type: config.String, Default: "/",
			Valid: config.OneOf(false, "/"), Importance: config.Low,
			Doc: "What separates directories."},
		config.Key{Name: "file.delim", Type: config.String, Default: "+", Valid: fileDelim(),
			Importance: config.Low,
			Doc:        "What separates topic, partition and offsets in file names."},
		config.Key{Name: "schema.cache.size", Type: config.Int, Default: 1000, Valid: config.AtLeast(1),
			Importance: config.Low,
			Doc:        "Schemas a task remembers in compiled form."},
		config.Key{Name: "schema.compatibility", Type: config.String, Default: "NONE", Importance: config.Low,
			Valid: config.OneOf(true, "NONE"), Doc: "Records are written with the schema they have; files " +
				"of several schemas stand side by side."},
		config.Key{Name: "storage.class", Type: config.Class, Default: "HdfsStorage",
			Valid: classes("HdfsStorage"), Importance: config.Low,
			Doc: "Accepted for the Java sink's sake; `store.url` decides."},
		config.Key{Name: "logs.dir", Type: config.String, Default: "logs", Importance: config.Low,
			Doc: "Accepted and without effect: commits need no write-ahead log."},
		config.Key{Name: "hadoop.home", Type: config.String, Default: "", Importance: config.Low,
			Doc: "Accepted and without effect: no Java libraries are loaded."},
		refused("topic.capture.groups.regex", "use a RegexRouter transform to choose the topic's folder"),
		refused("parquet.codec", "Parquet is not written"),
		fixed("enhanced.avro.schema.support", true, "schemas are always written whole"),
		fixed("connect.meta.data", true, "schemas are always written whole"),
		fixed("allow.optional.map.keys", false, "maps have string keys"),
	)
}

func rotationKeys() []config.Key {
	return grouped(groupRotation,
		config.Key{Name: "flush.size", Type: config.Int, Required: true, Valid: config.AtLeast(1),
			Doc: "Records of one Kafka partition after which its files are committed."},
		config.Key{Name: "rotate.interval.ms", Type: config.Long, Default: -1, Valid: config.AtLeast(-1),
			Doc: "Span of record time after which files are committed, measured by `timestamp.extractor` " +
				"from the first record; -1 is never."},
		config.Key{Name: "rotate.schedule.interval.ms", Type: config.Long, Default: -1,
			Valid: config.AtLeast(-1), Importance: config.Medium,
			Doc: "Commit at these intervals by the clock, counted from midnight in `timezone`, also when " +
				"no record comes; -1 is never."},
		config.Key{Name: "rotate.bytes", Type: config.Long, Default: -1, Valid: config.AtLeast(-1),
			Importance: config.Medium,
			Doc: "Bytes written after which files are committed; -1 is no limit. Not known to the " +
				"Java sink."},
		config.Key{Name: "rotate.idle.ms", Type: config.Long, Default: -1, Valid: config.AtLeast(-1),
			Importance: config.Medium,
			Doc:        "Commit when no record came for this long; -1 is never. Not known to the Java sink."},
	)
}

func partitionKeys() []config.Key {
	return grouped(groupPartition,
		config.Key{Name: "partitioner.class", Type: config.Class, Default: partDefault,
			Valid: classes(partDefault, partField, partTime, partHourly, partDaily),
			Doc: "What decides a record's directory: `DefaultPartitioner` (the Kafka partition), " +
				"`FieldPartitioner`, `TimeBasedPartitioner`, `HourlyPartitioner` or `DailyPartitioner`."},
		config.Key{Name: "partition.field.name", Type: config.List, Default: "", Importance: config.Medium,
			Doc: "Fields of the FieldPartitioner, with dots between the names of nested ones."},
		config.Key{Name: "path.format", Type: config.String, Default: "", Valid: pathFormat(),
			Importance: config.Medium,
			Doc: "Directories of the TimeBasedPartitioner, as `'dt='YYYY-MM-dd/'hour='HH`: letters " +
				"y Y M d D H m s S, other text quoted."},
		config.Key{Name: "partition.duration.ms", Type: config.Long, Default: -1, Valid: config.AtLeast(-1),
			Importance: config.Medium,
			Doc: "How long a partition of the TimeBasedPartitioner lasts; -1 leaves it to " +
				"`path.format`."},
		config.Key{Name: "timezone", Type: config.String, Default: "UTC", Valid: zone(),
			Importance: config.Medium,
			Doc:        "Zone whose days and hours partitions are, as `Asia/Tokyo`."},
		config.Key{Name: "locale", Type: config.String, Default: "", Importance: config.Low,
			Doc: "Accepted and without effect: paths hold numbers only."},
		config.Key{Name: "timestamp.extractor", Type: config.String, Default: "Wallclock",
			Importance: config.Medium,
			Valid:      config.OneOf(true, "Wallclock", "Record", "RecordField"),
			Doc:        "Which time counts: the machine's, the Kafka record's or that of a field."},
		config.Key{Name: "timestamp.field", Type: config.String, Default: "timestamp",
			Valid: config.NonEmpty(), Importance: config.Medium,
			Doc: "Field of the RecordField extractor: a timestamp, epoch milliseconds or ISO 8601 text."},
	)
}

func hiveKeys() []config.Key {
	return grouped(groupHive,
		config.Key{Name: "hive.integration", Type: config.Boolean, Default: false,
			Doc: "Register the files as partitions of an external Hive table per topic."},
		config.Key{Name: "hive.metastore.uris", Type: config.List, Default: "", Valid: metastoreURIs(),
			Doc: "Metastores, as `thrift://host:9083`; the next is tried when one does not answer."},
		config.Key{Name: "hive.database", Type: config.String, Default: "default", Valid: config.NonEmpty(),
			Doc: "Database of the tables; it must exist."},
		config.Key{Name: "hive.table.name", Type: config.String, Default: "${topic}",
			Valid: config.NonEmpty(), Importance: config.Medium,
			Doc: "Name of a topic's table; `${topic}` is filled in, and what Hive does not allow becomes " +
				"an underscore."},
		refused("hive.conf.dir", "set hive.metastore.uris"),
		refused("hive.home", "no Java libraries are loaded"),
	)
}

func securityKeys() []config.Key {
	const why = "Kerberos is not supported"
	return grouped(groupSecurity,
		fixed("hdfs.authentication.kerberos", false, why),
		refused("connect.hdfs.principal", why), refused("connect.hdfs.keytab", why),
		refused("hdfs.namenode.principal", why), refused("kerberos.ticket.renew.period.ms", why),
	)
}

func grouped(group string, keys ...config.Key) []config.Key {
	for i := range keys {
		keys[i].Group, keys[i].OrderInGroup = group, i+1
	}
	return keys
}

// refused declares a key of the Java sink that means something this sink does
// not do: an error is better than files other than expected.
func refused(name, why string) config.Key {
	return config.Key{Name: name, Type: config.String, Importance: config.Low,
		Valid: config.Func("none", func(any) error { return fmt.Errorf("not supported: %s", why) }),
		Doc:   "Refused: " + why + "."}
}

// fixed declares a switch of the Java sink that has only one position here.
func fixed(name string, position bool, why string) config.Key {
	return config.Key{Name: name, Type: config.Boolean, Default: position, Importance: config.Low,
		Valid: config.Func(fmt.Sprintf("[%v]", position), func(v any) error {
			if v != position {
				return fmt.Errorf("not supported: %s", why)
			}
			return nil
		}), Doc: fmt.Sprintf("Only %v: %s.", position, why)}
}

// className strips the Java package of a class.
func className(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

// classes accepts the named classes, with or without a Java package.
func classes(names ...string) config.Validator {
	return config.Func("["+strings.Join(names, ", ")+"]", func(v any) error {
		for _, n := range names {
			if c := fmt.Sprint(v); c == n || strings.HasPrefix(c, javaPackage) && className(c) == n {
				return nil
			}
		}
		return fmt.Errorf("not supported: want one of %s", strings.Join(names, ", "))
	})
}

func zone() config.Validator {
	return config.Func("a zone of the IANA database", func(v any) error {
		_, err := time.LoadLocation(v.(string))
		return err
	})
}

func pathFormat() config.Validator {
	return config.Func("a path pattern", func(v any) error {
		if v == "" {
			return nil
		}
		_, err := layout.ParsePattern(v.(string))
		return err
	})
}

func topicsDir() config.Validator {
	return config.Func("a relative or absolute path", func(v any) error {
		s := v.(string)
		if strings.Contains(s, "${") {
			return fmt.Errorf("variables are not supported: use a RegexRouter transform to choose the " +
				"topic's folder")
		}
		if strings.Trim(s, "/") == "" {
			return fmt.Errorf("must name a folder")
		}
		return nil
	})
}

func fileDelim() config.Validator {
	return config.Func("a character that no topic's name has", func(v any) error {
		s := v.(string)
		legal := func(r rune) bool {
			return r == '.' || r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		}
		if s == "" || strings.ContainsRune(s, '/') || strings.IndexFunc(s, legal) >= 0 {
			return fmt.Errorf("must hold no slash and no character that topics may have")
		}
		return nil
	})
}
