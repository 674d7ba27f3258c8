// Package builtin lists the connectors, converters, transforms and predicates that
// come with Suiro. The binary suiro runs them, a worker with parts of its own
// adds to them, and scripts/oracle asks them what Kafka Connect's own classes are
// asked.
package builtin

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/elasticsearch"
	"github.com/suiro/suiro/connectors/file"
	"github.com/suiro/suiro/connectors/hdfs"
	"github.com/suiro/suiro/transforms"
	"github.com/suiro/suiro/transforms/converters"
	"github.com/suiro/suiro/transforms/predicates"
)

// Plugins returns all of them, one a line. Each call makes a new list.
func Plugins() connect.Plugins {
	return connect.Plugins{
		Sources: []connect.SourcePlugin{
			file.SourcePlugin(),
		},
		Sinks: []connect.SinkPlugin{
			elasticsearch.Plugin(),
			file.SinkPlugin(),
			hdfs.Plugin(),
		},
		Converters: append(converters.NumberPlugins(),
			converters.AvroPlugin(),
			converters.JSONPlugin(),
			converters.LTSVPlugin(),
			converters.BytesPlugin(),
			converters.StringPlugin(),
		),
		HeaderConverters: converters.HeaderPlugins(),
		Transforms: []connect.TransformPlugin{
			transforms.FilterPlugin(),
			transforms.InsertFieldKeyPlugin(),
			transforms.InsertFieldValuePlugin(),
			transforms.RegexRouterPlugin(),
			transforms.ReplaceFieldKeyPlugin(),
			transforms.ReplaceFieldValuePlugin(),
			transforms.TimestampConverterKeyPlugin(),
			transforms.TimestampConverterValuePlugin(),
		},
		Predicates: []connect.PredicatePlugin{
			predicates.HasHeaderKeyPlugin(),
			predicates.RecordIsTombstonePlugin(),
			predicates.TopicNameMatchesPlugin(),
		},
	}
}
