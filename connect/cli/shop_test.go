package cli

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// shop is a list of plugins that stays as it is, so that what the commands print does
// not depend on the plugins that come along.
func shop() connect.Plugins {
	text := connect.Info{Class: "org.apache.kafka.connect.storage.StringConverter", Version: "1.0.0", Doc: "Text."}
	text.Def = config.New(config.Key{Name: "encoding", Type: config.String, Default: "UTF-8", Importance: config.Low,
		Doc: "Encoding of the text."})
	rename := config.New(config.Key{Name: "renames", Type: config.List, Required: true, Valid: config.NonEmpty(),
		Doc: "Pairs of an old and a new name, old:new."})
	newTransform := func(config.Values) (connect.Transform, error) { return nil, nil }
	return connect.Plugins{
		Sources: []connect.SourcePlugin{{Info: connect.Info{Class: "ShopSource", Version: "1.2.0",
			Aliases: []string{"com.example.shop.ShopSourceConnector"}, Doc: "Reads the orders of a shop. It needs an account.",
			Def: config.New(config.Key{Name: "topic", Type: config.String, Required: true, Doc: "Topic for orders."})},
			New: func() connect.SourceConnector { return nil }}},
		Sinks: []connect.SinkPlugin{{Info: connect.Info{Class: "ShopSink", Version: "1.2.0",
			Aliases: []string{"com.example.shop.ShopSinkConnector", "org.example.WareSink"},
			Doc: "Writes wares into a shop, one request for each record, in the order of the records, and waits for the " +
				"answer of the shop.", Def: config.New(sinkKeys()...)},
			New: func() connect.SinkConnector { return nil }}},
		Converters: []connect.ConverterPlugin{{Info: text,
			New: func(config.Values, bool) (connect.Converter, error) { return nil, nil }}},
		HeaderConverters: []connect.HeaderConverterPlugin{
			{Info: text, New: func(config.Values) (connect.HeaderConverter, error) { return nil, nil }},
			{Info: connect.Info{Class: "org.apache.kafka.connect.storage.SimpleHeaderConverter", Doc: "Text or numbers."},
				New: func(config.Values) (connect.HeaderConverter, error) { return nil, nil }},
		},
		Transforms: []connect.TransformPlugin{
			{Info: connect.Info{Class: "com.example.Rename$Key", Doc: "Renames fields of keys.", Def: rename}, New: newTransform},
			{Info: connect.Info{Class: "com.example.Rename$Value", Doc: "Renames fields of values.", Def: rename},
				New: newTransform},
		},
		Predicates: []connect.PredicatePlugin{{Info: connect.Info{Class: "com.example.IsTombstone", Version: "1.0.0",
			Doc: "True for tombstones."}, New: func(config.Values) (connect.Predicate, error) { return always{}, nil }}},
	}
}

// sinkKeys are one of each type.
func sinkKeys() []config.Key {
	return []config.Key{
		{Name: "url", Type: config.String, Required: true, Doc: "Address of the shop."},
		{Name: "password", Type: config.Password, Doc: "Password of the account."},
		{Name: "batch.size", Type: config.Int, Default: 500, Valid: config.Between(1, 1000), Importance: config.Medium,
			Doc: "Wares in a request. More of them make the shop slow, so that it may refuse other requests for some time, " +
				"until it is done with all of them."},
		{Name: "linger.ms", Type: config.Long, Default: 5000, Importance: config.Low, Doc: "How long to wait for more wares."},
		{Name: "buffer.bytes", Type: config.Long, Default: 1 << 20, Importance: config.Low, Doc: "Size of the buffer."},
		{Name: "refused", Type: config.String, Default: "fail", Valid: config.OneOf(false, "fail", "skip"), Group: "Errors",
			Doc: "What to do with a ware that the shop refuses."},
		{Name: "gzip", Type: config.Boolean, Default: false, Group: "Errors", Doc: "Whether to compress requests."},
	}
}

type always struct{}

func (always) Test(*connect.Record) (bool, error) { return true, nil }
