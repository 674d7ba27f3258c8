package header

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

const javaPackage = "org.apache.kafka.connect."

// Plugins returns the header converters that every Kafka Connect worker has.
func Plugins() []connect.HeaderConverterPlugin {
	return []connect.HeaderConverterPlugin{
		plugin("storage.SimpleHeaderConverter", Simple{}),
		plugin("storage.StringConverter", String{}),
		plugin("converters.ByteArrayConverter", Bytes{}),
	}
}

func plugin(class string, c connect.HeaderConverter) connect.HeaderConverterPlugin {
	return connect.HeaderConverterPlugin{Info: connect.Info{Class: javaPackage + class, Version: "1"},
		New: func(config.Values) (connect.HeaderConverter, error) { return c, nil }}
}
