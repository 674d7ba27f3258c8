// Package builtin lists the connectors, converters, transforms and predicates that
// come with Suiro. The binary suiro runs them, a worker with plugins of its own
// adds to them, and scripts/oracle asks them what Kafka Connect's own classes are
// asked.
package builtin

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/elasticsearch"
	"github.com/suiro/suiro/connectors/file"
	"github.com/suiro/suiro/connectors/generator"
	"github.com/suiro/suiro/connectors/hdfs"
	"github.com/suiro/suiro/connectors/mirror"
	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/transforms"
	"github.com/suiro/suiro/transforms/computed"
	"github.com/suiro/suiro/transforms/converters"
	"github.com/suiro/suiro/transforms/headers"
	"github.com/suiro/suiro/transforms/parsers"
	"github.com/suiro/suiro/transforms/predicates"
	"github.com/suiro/suiro/transforms/redaction"
	"github.com/suiro/suiro/transforms/routers"
	"github.com/suiro/suiro/transforms/splitting"
)

// Plugins returns all of them, with the version that Suiro has in this program. Each
// call makes a new list.
func Plugins() connect.Plugins {
	p := list()
	set := func(i *connect.Info) { i.Version = buildinfo.Version() }
	for i := range p.Sources {
		set(&p.Sources[i].Info)
	}
	for i := range p.Sinks {
		set(&p.Sinks[i].Info)
	}
	for i := range p.Converters {
		set(&p.Converters[i].Info)
	}
	for i := range p.HeaderConverters {
		set(&p.HeaderConverters[i].Info)
	}
	for i := range p.Transforms {
		set(&p.Transforms[i].Info)
	}
	for i := range p.Predicates {
		set(&p.Predicates[i].Info)
	}
	return p
}

// list has one plugin a line.
func list() connect.Plugins {
	return connect.Plugins{
		Sources: []connect.SourcePlugin{
			file.SourcePlugin(),
			generator.SourcePlugin(),
			mirror.CheckpointPlugin(),
			mirror.HeartbeatPlugin(),
			mirror.SourcePlugin(),
		},
		Sinks: []connect.SinkPlugin{
			elasticsearch.Plugin(),
			file.SinkPlugin(),
			hdfs.Plugin(),
		},
		Converters: append(converters.NumberPlugins(),
			converters.AvroPlugin(),
			converters.JSONPlugin(),
			converters.JSONSchemaPlugin(),
			converters.LTSVPlugin(),
			converters.ProtobufPlugin(),
			converters.BytesPlugin(),
			converters.StringPlugin(),
		),
		HeaderConverters: converters.HeaderPlugins(),
		Transforms:       transformList(),
		Predicates: []connect.PredicatePlugin{
			predicates.HasHeaderKeyPlugin(),
			predicates.InSamplePlugin(),
			predicates.RecordMatchesPlugin(),
			predicates.RecordIsTombstonePlugin(),
			predicates.TopicNameMatchesPlugin(),
		},
	}
}

func transformList() []connect.TransformPlugin {
	return []connect.TransformPlugin{
		transforms.CastKeyPlugin(),
		transforms.CastValuePlugin(),
		headers.DropHeadersPlugin(),
		transforms.ExtractFieldKeyPlugin(),
		transforms.ExtractFieldValuePlugin(),
		transforms.FilterPlugin(),
		transforms.FlattenKeyPlugin(),
		transforms.FlattenValuePlugin(),
		parsers.GeoIPKeyPlugin(),
		parsers.GeoIPValuePlugin(),
		headers.HeaderFromKeyPlugin(),
		headers.HeaderFromValuePlugin(),
		transforms.HoistFieldKeyPlugin(),
		transforms.HoistFieldValuePlugin(),
		transforms.InsertFieldKeyPlugin(),
		transforms.InsertFieldValuePlugin(),
		headers.InsertHeaderPlugin(),
		transforms.MaskFieldKeyPlugin(),
		transforms.MaskFieldValuePlugin(),
		redaction.RedactKeyPlugin(),
		redaction.RedactValuePlugin(),
		parsers.ParseJSONKeyPlugin(),
		parsers.ParseJSONValuePlugin(),
		parsers.ParseLTSVKeyPlugin(),
		parsers.ParseLTSVValuePlugin(),
		parsers.ParseUserAgentKeyPlugin(),
		parsers.ParseUserAgentValuePlugin(),
		routers.ExpressionRouterPlugin(),
		routers.RegexRouterPlugin(),
		transforms.ReplaceFieldKeyPlugin(),
		transforms.ReplaceFieldValuePlugin(),
		computed.SetFieldKeyPlugin(),
		computed.SetFieldValuePlugin(),
		splitting.SplitPlugin(),
		transforms.SetSchemaMetadataKeyPlugin(),
		transforms.SetSchemaMetadataValuePlugin(),
		transforms.TimestampConverterKeyPlugin(),
		transforms.TimestampConverterValuePlugin(),
		routers.TimestampRouterPlugin(),
		parsers.UnpackCookieKeyPlugin(),
		parsers.UnpackCookieValuePlugin(),
		transforms.ValueToKeyPlugin(),
	}
}
