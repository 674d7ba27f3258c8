package bulk

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

// maxNameBytes is the longest name of an index.
const maxNameBytes = 255

// indexName makes the name of an index of text, as the Java sink does: lower
// case, cut at 255 bytes, without the first hyphen or underscore, and with
// words for the names that are only dots. What cannot be repaired is an error.
func indexName(text string) (string, error) {
	name := cluster.Cut(strings.ToLower(text), maxNameBytes)
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
	if strings.ContainsAny(name, settings.ForbiddenInNames) || strings.ContainsAny(name[:1], "-_+") {
		return "", fmt.Errorf("%q is not a legal index name: none of %s anywhere, no - _ + in front",
			name, settings.ForbiddenInNames)
	}
	return name, nil
}

// dataStreamName joins the parts of a data stream's name.
func dataStreamName(kind, dataset, namespace, topic string) (string, error) {
	fill := func(s string) string {
		return cluster.Cut(strings.ToLower(strings.ReplaceAll(s, settings.TopicPlaceholder, topic)), 100)
	}
	return indexName(strings.ToLower(kind) + "-" + fill(dataset) + "-" + fill(namespace))
}
