package filesets

import (
	"path"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/connectors/filesets/names"
	"github.com/suiro/suiro/connectors/filesets/rotation"
	"github.com/suiro/suiro/internal/memory"
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

// settings are the values of [Keys].
type settings struct {
	TopicsDir   string `config:"topics.dir"`
	Format      string `config:"format.class"`
	SchemaCache int    `config:"schema.cache.size"`

	OffsetPad        int           `config:"filename.offset.zero.pad.width"`
	FileDelim        string        `config:"file.delim"`
	MaxOpenFiles     int           `config:"max.open.files"`
	MaxDirectories   int           `config:"max.directories"`
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
		errs = append(errs, config.Errorf("path.format", "", "The TimeBasedPartitioner needs a pattern, such as "+
			"'dt='YYYY-MM-dd/'hour='HH"))
	}
	if class == partField && len(v.List("partition.field.name")) == 0 {
		errs = append(errs, config.Errorf("partition.field.name", "", "The FieldPartitioner needs at "+
			"least one field"))
	}
	return errs
}

// NewOptions returns the options that the values of [Keys], which [Validate]
// accepts, ask for, in a store whose own folder is base. The caller adds what the
// keys do not say: Storage, Counters and perhaps a Registry.
func NewOptions(v config.Values, base string) (Options, error) {
	var s settings
	v.Decode(&s)
	zone, err := layout.Zone(s.Timezone)
	if err != nil {
		return Options{}, err
	}
	extractor := s.extractor()
	partitioner, err := s.partitioner(zone, extractor)
	if err != nil {
		return Options{}, err
	}
	_, wallclock := extractor.(layout.Wallclock)
	if s.MaxBufferedBytes == 0 {
		s.MaxBufferedBytes = (*memory.Budget)(nil).Of(memory.SinkBuffer)
	}
	kind, codec := format.ByClass(s.Format), ""
	if len(kind.Codecs()) > 0 {
		codec = v.String(codecKey(kind))
	}
	return Options{
		Root:   path.Join("/", base, s.TopicsDir),
		Format: kind, Codec: codec, Schemas: s.SchemaCache,
		Layout: layout.NewBounded(partitioner, s.MaxDirectories, nil), Time: extractor,
		Rotation: rotation.Policy{Records: s.FlushSize, Bytes: s.RotateBytes, Interval: s.RotateInterval,
			Wallclock: wallclock, Schedule: s.RotateSchedule, Zone: zone, Idle: s.RotateIdle},
		Names:        names.Names{Delim: s.FileDelim, Pad: s.OffsetPad},
		MaxOpenFiles: s.MaxOpenFiles, MaxBufferedBytes: s.MaxBufferedBytes,
		Backoff: s.RetryBackoff, Shutdown: s.ShutdownTimeout,
	}, nil
}

func (s *settings) partitioner(zone *time.Location, extractor layout.Extractor) (layout.Partitioner, error) {
	t, text := layout.Time{Zone: zone, Extractor: extractor}, s.PathFormat
	switch ClassName(s.Partitioner) {
	case partField:
		return layout.Fields{Names: s.PartitionFields}, nil
	case partTime:
		t.Duration = s.PartitionDuration
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

func (s *settings) extractor() layout.Extractor {
	switch strings.ToLower(s.TimestampFrom) {
	case "record":
		return layout.RecordTime{}
	case "recordfield":
		return layout.FieldTime{Field: s.TimestampField}
	}
	return layout.Wallclock{}
}
