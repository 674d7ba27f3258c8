package bulk

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

// maxNameBytes is the longest name of an index.
const maxNameBytes = 255

// indexName fills in the format of an index's name and repairs it as the Java sink
// does: lower case, without the first hyphen or underscore, and with words for names
// that are only dots. What cannot be repaired is an error, and so is a name that is
// too long: two that are cut could become one. Names that begin with a dot are those
// of Elasticsearch and Kibana themselves, so that only the format may ask for one, and
// never a topic.
func indexName(format, topic, timestamp string) (string, error) {
	text := strings.ReplaceAll(format, settings.TimestampPlaceholder, timestamp)
	text = strings.ReplaceAll(text, settings.TopicPlaceholder, topic)
	name, err := legal(text)
	switch {
	case err != nil:
		return "", err
	case len(name) > maxNameBytes:
		return "", fmt.Errorf("%.40q... has %d bytes; as the name of an index it may have %d", name, len(name), maxNameBytes)
	case name[0] == '.' && format[0] != '.':
		return "", fmt.Errorf("%q is a name for Elasticsearch's own indices: put another word in front of it in "+
			"index.name.format, or route the topic to another name", name)
	}
	return name, nil
}

// legal makes a name that Elasticsearch takes, however long it is.
func legal(text string) (string, error) {
	name := strings.ToLower(text)
	if strings.HasPrefix(name, "-") || strings.HasPrefix(name, "_") {
		name = name[1:]
	}
	switch name {
	case "":
		return "", fmt.Errorf("%q makes an empty index name", text)
	case ".":
		return "dot", nil
	case "..":
		return "dotdot", nil
	}
	control := func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }
	if strings.ContainsAny(name, settings.ForbiddenInNames) || strings.ContainsAny(name[:1], "-_+") ||
		strings.ContainsFunc(name, control) {
		return "", fmt.Errorf("%q is not a legal index name: none of %s and no control characters anywhere, "+
			"no - _ + in front", name, settings.ForbiddenInNames)
	}
	return name, nil
}

// dataStreamName joins the parts of a data stream's name.
func dataStreamName(kind, dataset, namespace, topic string) (string, error) {
	fill := func(s string) string {
		return cluster.Cut(strings.ToLower(strings.ReplaceAll(s, settings.TopicPlaceholder, topic)), 100)
	}
	return legal(strings.ToLower(kind) + "-" + fill(dataset) + "-" + fill(namespace))
}
