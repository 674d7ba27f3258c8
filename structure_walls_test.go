package suiro_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// wall says which folders may not import something. Tests may.
type wall struct {
	imports string   // an import path; "/..." at its end means all below it too
	from    []string // folders that may not, not even through other packages of this module; nil: all folders, directly
	except  []string // folders that may
	allow   []string // import paths below imports that are fine
	why     string
}

// walls are the dependency rules of DESIGN.md. Folders are relative to the module, "/..." means all below too.
var walls = []wall{
	{imports: "github.com/twmb/franz-go/...", from: []string{"stores/..."},
		why: "a store is a key-value engine: it knows no Kafka client"},
	{imports: "github.com/IBM/sarama", from: []string{"stores/..."},
		why: "a store is a key-value engine: it knows no Kafka client"},
	{imports: module + "/transforms/...", from: []string{"connect/worker/..."},
		why: "the binary hands the worker a list of plugins; it knows none of them"},
	{imports: module + "/connectors/...", from: []string{"connect/worker/..."},
		why: "the binary hands the worker a list of plugins; it knows none of them"},
	{imports: "github.com/twmb/franz-go/...", from: []string{"transforms/..."}, allow: []string{"github.com/twmb/franz-go/pkg/sr"},
		why: "a transform is pure and never sees a broker; the schema registry is HTTP"},
	{imports: "github.com/lovoo/goka/...", except: []string{"streams/internal/..."},
		why: "goka is the engine behind streams, not part of anyone's API"},
	{imports: "github.com/twmb/franz-go/...", from: []string{"connectors/...", "connect/sinkkit", "connect/data", "connect/config",
		"connect/rest", "connect/metrics"}, except: []string{"connectors/mirror/..."},
		why: "a connector moves records; the runtime alone talks to Kafka, but where the outside system is a Kafka"},
	{imports: "github.com/IBM/sarama/...", except: []string{"streams/internal/..."},
		why: "franz-go is the only client; Sarama's types are named only where goka's builders want them"},
	{imports: "github.com/cockroachdb/pebble/...", except: []string{"stores/pebble/..."},
		why: "each big dependency is imported in the one package named for it"},
	{imports: "github.com/linkedin/goavro/...", except: []string{"transforms/formats/internal/avrotest"},
		why: "it judges what the codec writes, in tests; the codec reads schemas that it refuses"},
	{imports: "github.com/colinmarc/hdfs/...", except: []string{"connectors/hdfs/..."},
		why: "each big dependency is imported in the one package named for it"},
	{imports: "github.com/dlclark/regexp2/...", except: []string{"internal/javaregex"},
		why: "each big dependency is imported in the one package named for it"},
	{imports: "github.com/expr-lang/...", except: []string{"transforms/internal/expression"},
		why: "each big dependency is imported in the one package named for it"},
	{imports: "github.com/oschwald/...", except: []string{"transforms/formats/mmdb"},
		why: "each big dependency is imported in the one package named for it"},
	{imports: "github.com/ua-parser/...", except: []string{"transforms/formats/useragent"},
		why: "each big dependency is imported in the one package named for it"},
	{imports: "github.com/elastic/...", except: []string{"connectors/elasticsearch/..."},
		why: "each big dependency is imported in the one package named for it"},
	{imports: "github.com/beltran/...", except: []string{"connectors/hdfs/..."},
		why: "Hive is part of the HDFS connector"},
	{imports: "github.com/apache/thrift/...", except: []string{"connectors/hdfs/..."},
		why: "Hive is part of the HDFS connector"},
	{imports: "github.com/spf13/cobra", except: []string{"cmd/...", "connect/cli/...", "examples/...", "internal/flags", "streams/cli"},
		why: "a library has options, a command has flags; streams/cli and connect/cli are the commands that programs share"},
	{imports: module + "/cmd/...", except: []string{"cmd/..."},
		why: "a command is the outermost layer"},
	{imports: module + "/examples/...", except: []string{"examples/...", "cmd/..."},
		why: "an example uses the library, never the other way round; the demo runs the examples"},
}

// under reports whether path is pattern, or below it where pattern ends in "/...".
func under(path, pattern string) bool {
	base, all := strings.CutSuffix(pattern, "/...")
	return path == base || all && strings.HasPrefix(path, base+"/")
}

func underAny(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return under(path, p) })
}

// imports maps each folder with Go files to what its files that are not tests import.
func (t *tree) imports() map[string][]string {
	byFolder := map[string][]string{}
	for _, f := range t.files {
		if f.isTest() {
			continue
		}
		for _, s := range f.syntax.Imports {
			p, _ := strconv.Unquote(s.Path.Value)
			if !slices.Contains(byFolder[f.dir()], p) {
				byFolder[f.dir()] = append(byFolder[f.dir()], p)
			}
		}
	}
	return byFolder
}

func checkWalls(t *tree) (complaints []string) {
	for _, w := range walls {
		complaints = append(complaints, w.check(t)...)
	}
	return complaints
}

func (w wall) check(t *tree) (complaints []string) {
	graph := t.imports()
	for folder := range graph {
		if underAny(folder, w.except) || len(w.from) > 0 && !underAny(folder, w.from) {
			continue
		}
		if chain := w.find(graph, folder, map[string]bool{}); chain != nil {
			complaints = append(complaints, fmt.Sprintf("%s imports %s: %s", folder, strings.Join(chain, ", which imports "), w.why))
		}
	}
	slices.Sort(complaints)
	return complaints
}

// find returns the imports that lead from folder to what the wall forbids, or nil.
func (w wall) find(graph map[string][]string, folder string, seen map[string]bool) []string {
	seen[folder] = true
	for _, p := range graph[folder] {
		if under(p, w.imports) && !underAny(p, w.allow) {
			return []string{p}
		}
	}
	if len(w.from) == 0 {
		return nil
	}
	for _, p := range graph[folder] {
		next, ours := strings.CutPrefix(p, module+"/")
		if !ours || seen[next] {
			continue
		}
		if chain := w.find(graph, next, seen); chain != nil {
			return append([]string{p}, chain...)
		}
	}
	return nil
}

// checkConnectors: what two connectors share belongs in connect.
func checkConnectors(t *tree) (complaints []string) {
	const connectors = module + "/connectors/"
	for folder, imports := range t.imports() {
		own, ok := strings.CutPrefix(folder, "connectors/")
		if !ok {
			continue
		}
		own, _, _ = strings.Cut(own, "/")
		for _, p := range imports {
			rest, ok := strings.CutPrefix(p, connectors)
			if other, _, _ := strings.Cut(rest, "/"); ok && other != own && other != "filesets" {
				complaints = append(complaints, fmt.Sprintf("%s imports %s: connectors do not know each other", folder, p))
			}
		}
	}
	slices.Sort(complaints)
	return complaints
}
