package filesets

import (
	"path"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/connectors/filesets/rotation"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

// The classes of partitioners, without their Java packages.
const (
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

// Config is the values of [Keys], each field that of the key in its tag. A
// connector embeds it in its own settings and decodes both at once.
type Config struct {
	TopicsDir   string `config:"topics.dir"`
	Format      string `config:"format.class"`
	AvroCodec   string `config:"avro.codec"`
	SchemaCache int    `config:"schema.cache.size"`

	OffsetPad        int           `config:"filename.offset.zero.pad.width"`
	FileDelim        string        `config:"file.delim"`
	MaxOpenFiles     int           `config:"max.open.files"`
	MaxBufferedBytes int64         `config:"max.buffered.bytes"`
	RetryBackoff     time.Duration `config:"retry.backoff.ms"`
	ShutdownTimeout  time.Duration `config:"shutdown.timeout.ms"`

	FlushSize      int64         `config:"flush.size"`
	RotateBytes    int64         `config:"rotate.bytes"`
	RotateInterval time.Duration `config:"rotate.interval.ms"`
	RotateSchedule time.Duration `config:"rotate.schedule.interval.ms"`
	RotateIdle     time.Duration `config:"rotate.idle.ms"`

	Partitioner       string        `config:"partitioner.class"`
	PartitionFields   []string      `config:"partition.field.name"`
	PathFormat        string        `config:"path.format"`
	PartitionDuration time.Duration `config:"partition.duration.ms"`
	Timezone          string        `config:"timezone"`
	TimestampFrom     string        `config:"timestamp.extractor"`
	TimestampField    string        `config:"timestamp.field"`
}

// Validate checks rules over several of [Keys].
func Validate(v config.Values) (errs config.Errors) {
	class := ClassName(v.String("partitioner.class"))
	if class == partTime && v.String("path.format") == "" {
		errs = append(errs, config.Errorf("path.format", "", "The TimeBasedPartitioner needs it, as "+
			"'dt='YYYY-MM-dd/'hour='HH"))
	}
	if class == partField && len(v.List("partition.field.name")) == 0 {
		errs = append(errs, config.Errorf("partition.field.name", "", "The FieldPartitioner needs at "+
			"least one field"))
	}
	return errs
}

// Root is the folder of all topics in a store whose own folder is base.
func (c *Config) Root(base string) string { return path.Join("/", base, c.TopicsDir) }

// Options are those of a sink with this configuration, which [Validate] accepts,
// in a storage. What the configuration does not say is left to the caller:
// Registry and Counters.
func (c *Config) Options(st storage.Storage, root string) (Options, error) {
	zone, err := layout.Zone(c.Timezone)
	if err != nil {
		return Options{}, err
	}
	partitioner, err := c.Layout()
	if err != nil {
		return Options{}, err
	}
	extractor := c.extractor()
	_, wallclock := extractor.(layout.Wallclock)
	return Options{
		Storage: st, Root: root,
		Format: format.ByClass(c.Format), Codec: c.AvroCodec, Schemas: c.SchemaCache,
		Layout: partitioner, Time: extractor,
		Rotation: rotation.Policy{Records: c.FlushSize, Bytes: c.RotateBytes, Interval: c.RotateInterval,
			Wallclock: wallclock, Schedule: c.RotateSchedule, Zone: zone, Idle: c.RotateIdle},
		Names:        Names{Delim: c.FileDelim, Pad: c.OffsetPad},
		MaxOpenFiles: c.MaxOpenFiles, MaxBufferedBytes: c.MaxBufferedBytes,
		Backoff: c.RetryBackoff, Shutdown: c.ShutdownTimeout,
	}, nil
}

// Layout is the partitioner that the configuration asks for.
func (c *Config) Layout() (layout.Partitioner, error) {
	zone, err := layout.Zone(c.Timezone)
	if err != nil {
		return nil, err
	}
	t, text := layout.Time{Zone: zone, Extractor: c.extractor()}, c.PathFormat
	switch ClassName(c.Partitioner) {
	case partField:
		return layout.Fields{Names: c.PartitionFields}, nil
	case partTime:
		t.Duration = c.PartitionDuration
	case partHourly:
		text, t.Duration = hourlyFormat, time.Hour
	case partDaily:
		text, t.Duration = dailyFormat, 24*time.Hour
	default:
		return layout.Kafka{}, nil
	}
	t.Pattern, err = layout.ParsePattern(text)
	return t, err
}

func (c *Config) extractor() layout.Extractor {
	switch strings.ToLower(c.TimestampFrom) {
	case "record":
		return layout.RecordTime{}
	case "recordfield":
		return layout.FieldTime{Field: c.TimestampField}
	}
	return layout.Wallclock{}
}
