package filesets

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/connectors/filesets/names"
)

// The groups of keys, as the reference pages show them.
const (
	groupFiles     = "Files"
	groupRotation  = "Rotation"
	groupPartition = "Partitions"
)

// Keys returns the keys that every connector has that writes files, by the names
// of Confluent's sinks. [NewOptions] reads their values.
func Keys() []config.Key {
	var all []config.Key
	all = append(all, Grouped(groupFiles, append(fileKeys(), codecKeys()...)...)...)
	all = append(all, rotationKeys()...)
	return append(all, partitionKeys()...)
}

// parquetCodec is a key of the Java sinks, refused while no format claims it.
const parquetCodec = "parquet.codec"

// codecKeys are those of the formats that pack their files: avro.codec.
func codecKeys() (keys []config.Key) {
	for _, f := range format.All() {
		if codecs := f.Codecs(); len(codecs) > 0 {
			keys = append(keys, config.Key{Name: codecKey(f), Type: config.String, Default: codecs[0],
				Valid: config.OneOf(false, codecs...), Importance: config.Low,
				Doc: "Compression of the files of `" + f.Class() + "`."})
		}
	}
	if !slices.ContainsFunc(keys, func(k config.Key) bool { return k.Name == parquetCodec }) {
		keys = append(keys, Refused(parquetCodec, "Parquet is not written"))
	}
	return keys
}

// codecKey is avro.codec for AvroFormat.
func codecKey(f format.Format) string {
	return strings.ToLower(strings.TrimSuffix(f.Class(), "Format")) + ".codec"
}

func fileKeys() []config.Key {
	return []config.Key{
		{Name: "topics.dir", Type: config.String, Default: "topics", Valid: topicsDir(),
			Doc: "Folder below the store's for all topics; it also holds the commit logs, in `+commits` " +
				"and `+tmp`."},
		{Name: "format.class", Type: config.Class, Default: format.Classes()[0],
			Valid: Classes(format.Classes()...),
			Doc:   "Format of the files; names with a Java package before them are accepted too."},
		{Name: "filename.offset.zero.pad.width", Type: config.Int, Default: 10,
			Valid: config.Between(0, 20), Importance: config.Low,
			Doc: "Digits of the offsets in file names, with leading zeros."},
		{Name: "directory.delim", Type: config.String, Default: "/",
			Valid: config.OneOf(false, "/"), Importance: config.Low,
			Doc: "What separates directories."},
		{Name: "file.delim", Type: config.String, Default: "+", Valid: fileDelim(),
			Importance: config.Low,
			Doc:        "What separates topic, partition and offsets in file names."},
		{Name: "max.open.files", Type: config.Int, Default: 128, Valid: config.AtLeast(1),
			Importance: config.Low,
			Doc: "Files a task keeps open, but at least one for each Kafka partition; of a partition the one unused for " +
				"longest is closed for another. Not known to the Java sinks."},
		{Name: "max.buffered.bytes", Type: config.Long, Default: 0,
			Valid: config.AtLeast(0), Importance: config.Low,
			Doc: "Bytes of records a task queues for its writers, with their headers and what transforms decoded of " +
				"them; above it partitions are paused. 0 is an eighth of the process' memory budget, at most 64 MiB. Not " +
				"known to the Java sinks."},
		{Name: "retry.backoff.ms", Type: config.Long, Default: 5000, Valid: config.AtLeast(1),
			Importance: config.Low,
			Doc: "Longest wait before a writer tries again after the storage failed; the first waits are " +
				"shorter. There is no last try."},
		{Name: "shutdown.timeout.ms", Type: config.Long, Default: 3000, Valid: config.AtLeast(1),
			Importance: config.Medium,
			Doc:        "How long closing waits for calls to the storage that are under way."},
		{Name: "schema.cache.size", Type: config.Int, Default: 1000, Valid: config.AtLeast(1),
			Importance: config.Low,
			Doc:        "Schemas a task remembers in compiled form."},
		{Name: "schema.compatibility", Type: config.String, Default: "NONE", Importance: config.Low,
			Valid: config.Func("[NONE]", compatibility), Doc: "Records are written with the schema they have; files " +
				"of several schemas stand side by side."},
		Refused("topic.capture.groups.regex", "use a RegexRouter transform to choose the topic's folder"),
		Fixed("enhanced.avro.schema.support", true, "schemas are always written whole"),
		Fixed("connect.meta.data", true, "schemas are always written whole"),
		Fixed("allow.optional.map.keys", false, "maps have string keys"),
	}
}

func compatibility(v any) error {
	if strings.EqualFold(fmt.Sprint(v), "NONE") {
		return nil
	}
	return errors.New("only NONE is supported: each record is written with the schema it has, and files of several " +
		"schemas stand side by side")
}

func rotationKeys() []config.Key {
	return Grouped(groupRotation,
		config.Key{Name: "flush.size", Type: config.Int, Required: true, Valid: config.AtLeast(1),
			Doc: "Records of one Kafka partition after which its files are committed."},
		config.Key{Name: "rotate.interval.ms", Type: config.Long, Default: -1, Valid: config.AtLeast(-1),
			Doc: "Span of record time after which files are committed, measured by `timestamp.extractor` " +
				"from the first record; -1 is never. A first record with a time in the future puts it off: set " +
				"`rotate.schedule.interval.ms` or `rotate.idle.ms` too where producers choose the time."},
		config.Key{Name: "rotate.schedule.interval.ms", Type: config.Long, Default: -1,
			Valid: config.AtLeast(-1), Importance: config.Medium,
			Doc: "Commit at these intervals by the clock, counted from midnight in `timezone`, also when " +
				"no record comes; -1 is never."},
		config.Key{Name: "rotate.bytes", Type: config.Long, Default: -1, Valid: config.AtLeast(-1),
			Importance: config.Medium,
			Doc: "Bytes written after which files are committed; -1 is no limit. Not known to the " +
				"Java sinks."},
		config.Key{Name: "rotate.idle.ms", Type: config.Long, Default: -1, Valid: config.AtLeast(-1),
			Importance: config.Medium,
			Doc:        "Commit when no record came for this long; -1 is never. Not known to the Java sinks."},
	)
}

func partitionKeys() []config.Key {
	return Grouped(groupPartition,
		config.Key{Name: "partitioner.class", Type: config.Class, Default: partDefault,
			Valid: Classes(partDefault, partField, partTime, partHourly, partDaily),
			Doc: "What decides a record's directory: `DefaultPartitioner` (the Kafka partition), " +
				"`FieldPartitioner`, `TimeBasedPartitioner`, `HourlyPartitioner` or `DailyPartitioner`."},
		config.Key{Name: "partition.field.name", Type: config.List, Default: "", Importance: config.Medium,
			Doc: "Fields of the FieldPartitioner, with dots between the names of nested ones. Whoever chooses a field's " +
				"value chooses a directory: take fields with few values, and see `max.directories`."},
		config.Key{Name: "max.directories", Type: config.Int, Default: 100_000, Valid: config.AtLeast(1),
			Importance: config.Medium,
			Doc: "Directories that a task may write to within 24 hours, of all topics together; a record for another one " +
				"is rejected, and the others go on. Not known to the Java sinks."},
		config.Key{Name: "path.format", Type: config.String, Default: "", Valid: pathFormat(),
			Importance: config.Medium,
			Doc: "Directories of the TimeBasedPartitioner, such as `'dt='YYYY-MM-dd/'hour='HH`: letters " +
				"y Y M d D H m s S, other text quoted."},
		config.Key{Name: "partition.duration.ms", Type: config.Long, Default: -1, Valid: config.AtLeast(-1),
			Importance: config.Medium,
			Doc: "How long a partition of the TimeBasedPartitioner lasts; -1 leaves it to " +
				"`path.format`."},
		config.Key{Name: "timezone", Type: config.String, Default: "UTC", Valid: zone(),
			Importance: config.Medium,
			Doc:        "Zone whose days and hours partitions are, such as `Asia/Tokyo` or `+09:00`."},
		config.Key{Name: "locale", Type: config.String, Default: "", Importance: config.Low,
			NoEffect: "paths hold numbers only",
			Doc:      "Accepted and without effect: paths hold numbers only."},
		config.Key{Name: "timestamp.extractor", Type: config.String, Default: "Wallclock",
			Importance: config.Medium,
			Valid:      config.OneOf(true, "Wallclock", "Record", "RecordField"),
			Doc:        "Which time counts: the machine's, the Kafka record's or that of a field."},
		config.Key{Name: "timestamp.field", Type: config.String, Default: "timestamp",
			Valid: config.NonEmpty(), Importance: config.Medium,
			Doc: "Field of the RecordField extractor: a timestamp, epoch milliseconds or ISO 8601 text."},
	)
}

const javaPackage = "io.confluent.connect."

// Grouped puts keys in a group of the reference page, in their order.
func Grouped(group string, keys ...config.Key) []config.Key {
	for i := range keys {
		keys[i].Group, keys[i].OrderInGroup = group, i+1
	}
	return keys
}

// Refused declares a key of a Java sink that means something this sink does
// not do: an error is better than files other than expected.
func Refused(name, why string) config.Key {
	return config.Key{Name: name, Type: config.String, Importance: config.Low,
		Valid: config.Func("none", func(any) error { return fmt.Errorf("not supported: %s", why) }),
		Doc:   "Refused: " + why + "."}
}

// Fixed declares a switch of a Java sink that has only one position here.
func Fixed(name string, position bool, why string) config.Key {
	return config.Key{Name: name, Type: config.Boolean, Default: position, Importance: config.Low,
		Valid: config.Func(fmt.Sprintf("[%v]", position), func(v any) error {
			if v != position {
				return fmt.Errorf("not supported: %s", why)
			}
			return nil
		}), Doc: fmt.Sprintf("Only %v: %s.", position, why)}
}

// ClassName strips the Java package of a class.
func ClassName(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

// Classes accepts the named classes, with or without a Java package.
func Classes(names ...string) config.Validator {
	return config.Func("["+strings.Join(names, ", ")+"]", func(v any) error {
		for _, n := range names {
			if c := fmt.Sprint(v); c == n || strings.HasPrefix(c, javaPackage) && ClassName(c) == n {
				return nil
			}
		}
		return fmt.Errorf("not supported: want one of %s", strings.Join(names, ", "))
	})
}

func zone() config.Validator {
	return config.Func("a zone of the IANA database or an offset", func(v any) error {
		_, err := layout.Zone(v.(string))
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
			return errors.New("variables are not supported: use a RegexRouter transform to choose the topic's folder")
		}
		if strings.Trim(s, "/") == "" {
			return errors.New("must name a folder")
		}
		for name := range strings.SplitSeq(s, "/") {
			if err := layout.CheckName(name); err != nil && name != "" {
				return err
			}
		}
		return nil
	})
}

func fileDelim() config.Validator {
	return config.Func("a character that no topic's name has", func(v any) error { return names.CheckDelim(v.(string)) })
}
