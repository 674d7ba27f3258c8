package hdfs

import (
	"path"
	"slices"
	"strings"

	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/layout"
)

// pendingTable is what is to be registered of a topic.
type pendingTable struct {
	dirs    map[string]bool
	schemas []string // their texts, in the order they were met
}

// meet takes schemas in that are new.
func (p *pendingTable) meet(schemas ...string) {
	for _, schema := range schemas {
		if !slices.Contains(p.schemas, schema) {
			p.schemas = append(p.schemas, schema)
		}
	}
}

// schemaKey is a schema of a topic among the known.
func schemaKey(topic, schema string) string { return topic + "\x00" + schema }

// place splits a file's path into topic and directory.
func place(f claim.File) (topic, dir string) {
	folder, rest, _ := strings.Cut(f.Path, "/")
	return layout.Unescape(folder), path.Dir(rest)
}

// location is the URI of a topic's folder. The topic has one: its files are there.
func location(uri, topic string) string {
	folder, err := layout.Folder(topic)
	if err != nil {
		folder = topic // an older program's
	}
	return uri + "/" + folder
}

// schemaOf is the text of a file's schema, "" when its format has none.
func schemaOf(set claim.Set, f claim.File) string {
	if f.Schema < len(set.Schemas) {
		return set.Schemas[f.Schema]
	}
	return ""
}
