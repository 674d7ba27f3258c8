package hdfs

import (
	"fmt"
	"net"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/hdfs/internal/dfs"
)

// The classes of formats and partitioners, without their Java packages.
const (
	formatAvro   = "AvroFormat"
	formatJSON   = "JsonFormat"
	formatString = "StringFormat"

	partDefault = "DefaultPartitioner"
	partField   = "FieldPartitioner"
	partTime    = "TimeBasedPartitioner"
	partHourly  = "HourlyPartitioner"
	partDaily   = "DailyPartitioner"
)

const (
	hourlyFormat = "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH"
	dailyFormat  = "'year'=YYYY/'month'=MM/'day'=dd"
)

// settings is the configuration as the writers use it.
type settings struct {
	v    config.Values
	url  *url.URL
	root string // the topics' folder, an absolute path of the store
	// uri is root as Hive writes it, with the store before it.
	uri  string
	zone *time.Location

	format    string
	partition layout.Partitioner
	extractor layout.Extractor
	keys      []string // of the partitions, for Hive

	flushSize                                  int
	rotateBytes                                int64
	rotateInterval, rotateSchedule, rotateIdle time.Duration
	pad                                        int
	delim                                      string
	backoff, shutdown                          time.Duration
	maxBytes                                   int64
	maxFiles                                   int
}

// newSettings reads values that validate accepts.
func newSettings(v config.Values) (*settings, error) {
	s := &settings{v: v, format: className(v.String("format.class")), flushSize: v.Int("flush.size"),
		rotateBytes: v.Long("rotate.bytes"), rotateInterval: v.Millis("rotate.interval.ms"),
		rotateSchedule: v.Millis("rotate.schedule.interval.ms"), rotateIdle: v.Millis("rotate.idle.ms"),
		pad: v.Int("filename.offset.zero.pad.width"), delim: v.String("file.delim"),
		backoff: v.Millis("retry.backoff.ms"), shutdown: v.Millis("shutdown.timeout.ms"),
		maxBytes: v.Long("max.buffered.bytes"), maxFiles: v.Int("max.open.files")}
	var err error
	if s.url, err = url.Parse(storeOf(v)); err != nil {
		return nil, err
	}
	s.root = path.Join("/", s.url.Path, v.String("topics.dir"))
	s.uri = s.url.Scheme + "://" + s.url.Host + s.root
	if s.zone, err = time.LoadLocation(v.String("timezone")); err != nil {
		return nil, err
	}
	s.extractor = extractorOf(v)
	if s.partition, err = s.partitioner(); err != nil {
		return nil, err
	}
	s.keys, _ = s.partition.Keys()
	return s, nil
}

func storeOf(v config.Values) string {
	if u := v.String("store.url"); u != "" {
		return u
	}
	return v.String("hdfs.url")
}

func extractorOf(v config.Values) layout.Extractor {
	switch strings.ToLower(v.String("timestamp.extractor")) {
	case "record":
		return layout.RecordTime{}
	case "recordfield":
		return layout.FieldTime{Field: v.String("timestamp.field")}
	}
	return layout.Wallclock{}
}

func (s *settings) partitioner() (layout.Partitioner, error) {
	t := layout.Time{Zone: s.zone, Extractor: s.extractor}
	text := s.v.String("path.format")
	switch className(s.v.String("partitioner.class")) {
	case partField:
		return layout.Fields{Names: s.v.List("partition.field.name")}, nil
	case partTime:
		t.Duration = s.v.Millis("partition.duration.ms")
	case partHourly:
		text, t.Duration = hourlyFormat, time.Hour
	case partDaily:
		text, t.Duration = dailyFormat, 24*time.Hour
	default:
		return layout.Kafka{}, nil
	}
	var err error
	t.Pattern, err = layout.ParsePattern(text)
	return t, err
}

// open connects to nothing yet: the storage dials when it is used.
func (s *settings) open() (storage.Storage, error) {
	if s.url.Scheme == "file" {
		return storage.Local{}, nil
	}
	return dfs.New(s.url.Host, &dfs.Options{User: s.v.String("hdfs.user"),
		ConfDir: s.v.String("hadoop.conf.dir")})
}

// validate checks rules over several keys.
func validate(v config.Values) (errs config.Errors) {
	if storeOf(v) == "" {
		errs = append(errs, config.Errorf("store.url", "", "Missing required configuration which has no "+
			"default value."))
	}
	class := className(v.String("partitioner.class"))
	if class == partTime && v.String("path.format") == "" {
		errs = append(errs, config.Errorf("path.format", "", "The TimeBasedPartitioner needs it, as "+
			"'dt='YYYY-MM-dd/'hour='HH"))
	}
	if class == partField && len(v.List("partition.field.name")) == 0 {
		errs = append(errs, config.Errorf("partition.field.name", "", "The FieldPartitioner needs at "+
			"least one field"))
	}
	return append(errs, validateHive(v, errs)...)
}

func validateHive(v config.Values, before config.Errors) (errs config.Errors) {
	if !v.Bool("hive.integration") {
		return nil
	}
	if len(v.List("hive.metastore.uris")) == 0 {
		errs = append(errs, config.Errorf("hive.metastore.uris", "", "Hive integration needs a metastore, "+
			"as thrift://host:9083"))
	}
	if f := className(v.String("format.class")); f != formatAvro {
		errs = append(errs, config.Errorf("format.class", f, "Hive integration needs AvroFormat"))
	}
	if len(before) > 0 {
		return errs
	}
	s, err := newSettings(v)
	if err != nil {
		return errs // a key's own validator has said so
	}
	if _, ok := s.partition.Keys(); !ok {
		errs = append(errs, config.Errorf("path.format", v.String("path.format"),
			"Hive integration needs name=value directories, as 'dt='YYYY-MM-dd/'hour='HH"))
	}
	return errs
}

func storeURL() config.Validator {
	return config.Func("hdfs://host:port, hdfs://nameservice or file:///folder", func(v any) error {
		text := v.(string)
		u, err := url.Parse(text)
		switch {
		case err != nil:
			return err
		case u.Scheme == "file" && (u.Host != "" || u.Path == ""):
			return fmt.Errorf("write a folder with three slashes, as file:///data/topics")
		case u.Scheme == "hdfs" || u.Scheme == "file":
			return nil
		}
		return fmt.Errorf("want hdfs://host:port, hdfs://nameservice or file:///folder")
	})
}

func metastoreURIs() config.Validator {
	return config.Func("a list of thrift://host:port", func(v any) error {
		_, err := metastores(v.([]string))
		return err
	})
}

// metastores returns the addresses of a list of URIs.
func metastores(uris []string) (addrs []string, err error) {
	for _, text := range uris {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "thrift" || u.Hostname() == "" {
			return nil, fmt.Errorf("%q is no metastore: want thrift://host:9083", text)
		}
		port := u.Port()
		if port == "" {
			port = "9083"
		}
		addrs = append(addrs, net.JoinHostPort(u.Hostname(), port))
	}
	return addrs, nil
}
