package registry

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// The strategies that name subjects, without Confluent's Java package.
const (
	topicName       = "TopicNameStrategy"
	recordName      = "RecordNameStrategy"
	topicRecordName = "TopicRecordNameStrategy"
)

// strategies accepts the names of Confluent's strategies with or without their
// Java package.
func strategies() config.Validator {
	all := []string{topicName, recordName, topicRecordName}
	return config.Func("["+strings.Join(all, ", ")+"]", func(v any) error {
		return config.OneOf(false, all...).Check(shortClass(fmt.Sprint(v)))
	})
}

func shortClass(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// subject names the registry's subject of the keys or values of a topic.
func (m *Messages) subject(topic string, schema *data.Schema) (string, error) {
	if m.strategy == topicName {
		if m.isKey {
			return topic + "-key", nil
		}
		return topic + "-value", nil
	}
	if schema == nil || schema.Name == "" {
		return "", fmt.Errorf("%w: %s needs data whose schema has a name: use %s, or a converter or transform that "+
			"gives one", m.client.format.ErrSchema, m.strategy, topicName)
	}
	if m.strategy == recordName {
		return schema.Name, nil
	}
	return topic + "-" + schema.Name, nil
}
