package suiro_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floor says what the packages of a folder may import of this module. Folders are relative to the module, "/..." means
// all below too. A package may always import what is below its own folder.
type floor struct {
	folder string
	may    []string // its code, and its tests
	tests  []string // its tests alone
}

// authors is what someone needs who writes a connector, converter, transform or predicate.
var authors = []string{"connect", "connect/config", "connect/data"}

// forTests is what every test may import.
var forTests = []string{"connect/connecttest", "internal/confine", "connect/connecttest/workertest", "internal/kafka/kafkatest", "internal/accesslog", "internal/kill/...",
	"internal/logtest", "internal/servicetest"}

// floors is the plan of the house. The first line that a folder fits is its floor; one that fits none is a complaint, so
// that a new room gets its place on purpose.
var floors = []floor{
	{"internal/kafka/...", []string{"connect/config", "internal/backoff", "internal/smallfile", "internal/kafka/...", "internal/memory", "internal/outage"}, nil},
	{"internal/kill/...", []string{"internal/kafka", "internal/kill/..."}, []string{"transforms/formats/ltsv"}},
	{"internal/configfiles", []string{"connect/config", "connect/herder/api", "internal/flags"}, nil},
	{"internal/procmetrics", []string{"internal/buildinfo", "internal/memory"}, nil},
	{"internal/accesslog", nil, []string{"transforms/formats/ltsv"}},
	{"internal/memory", []string{"connect/config"}, nil},
	{"internal/flags", []string{"connect/config", "internal/logs", "internal/smallfile"}, nil},
	{"internal/logs", []string{"internal/excerpt"}, nil},
	{"internal/rejections", []string{"internal/excerpt"}, nil},
	{"internal/...", nil, nil},

	{"stores/internal/...", nil, nil},
	{"stores/...", []string{"stores/..."}, nil},

	{"connect/config", nil, nil},
	{"connect/access", []string{"connect/config", "internal/smallfile"}, nil},
	{"connect/data", []string{"internal/jsontext"}, nil},
	{"connect", []string{"connect/config", "connect/data"}, nil},
	{"connect/internal/reports", []string{"connect"}, nil},
	{"connect/internal/...", nil, nil},
	{"connect/sinkkit", append(authors, "connect/internal/...", "internal/backoff", "internal/outage"), nil},
	{"connect/group/signing", []string{"connect/herder"}, nil},
	{"connect/group/...", []string{"connect/herder/api", "connect/group/internal/..."}, nil},
	{"connect/backing/...", []string{"connect/backing", "connect/backing/internal/...", "connect/herder/api", "internal/backoff",
		"internal/kafka/...", "internal/outage"}, nil},
	{"connect/connecttest/workertest", append(authors, "connect/connecttest", "connect/herder/api", "connect/herder/standalone",
		"connect/plan", "internal/kafka/kafkatest"), nil},
	{"connect/connecttest", append(authors, "connect/backing", "connect/internal/reports"), nil},
	{"connect/plan/internal/...", append(authors, "connect/access", "connect/plan/internal/...",
		"internal/smallfile", "internal/javaregex", "internal/kafka", "internal/kafka/tlsconfig", "internal/memory"),
		[]string{"connect/builtin"}},
	{"connect/plan", append(authors, "connect/access", "internal/javaregex", "internal/kafka", "internal/memory"),
		[]string{"connect/builtin", "connect/herder/api"}},
	{"connect/worker/...", append(authors, "connect/plan", "connect/backing", "connect/herder/api", "connect/internal/...",
		"connect/worker/...",
		"internal/backoff", "internal/deadletter", "internal/excerpt", "internal/kafka/...", "internal/logs",
		"internal/memory",
		"internal/outage", "internal/procmetrics", "internal/rejections"), nil},
	{"connect/herder", []string{"connect", "connect/config", "connect/herder/api"}, nil},
	{"connect/herder/api", nil, nil},
	{"connect/herder/...", append(authors, "connect/backing/...", "connect/group/...", "connect/plan", "connect/worker",
		"connect/herder/...", "internal/backoff", "internal/buildinfo", "internal/excerpt"),
		[]string{"connect/access", "connectors/file"}},
	{"connect/client", []string{"connect/herder/api", "internal/backoff", "internal/excerpt"}, nil},
	{"connect/rest", []string{"connect/access", "connect/herder", "connect/herder/api", "internal/backoff"},
		append(authors, "connect/herder/standalone", "connect/plan", "connectors/file")},
	{"connect/rest/...", nil, nil},
	{"connect/metrics", []string{"connect/herder", "connect/herder/api", "internal/procmetrics"},
		append(authors, "connect/group", "connect/herder/standalone", "connect/plan", "connect/worker")},

	{"transforms/formats/registry", append(authors, "internal/kafka/tlsconfig", "internal/memo",
		"internal/memory", "transforms/formats/..."), nil},
	{"transforms/formats/...", []string{"connect/config", "connect/data", "internal/smallfile", "internal/javatime",
		"internal/jsontext", "internal/memo", "internal/memory", "transforms/formats/..."}, []string{"connect"}},
	{"transforms/converters", append(authors, "transforms/formats/..."), nil},
	{"transforms/internal/smt/smttest", append(authors, "transforms/converters"), nil},
	{"transforms/parsers", append(authors, "transforms/formats/...", "transforms/internal/..."), nil},
	{"transforms/...", append(authors, "internal/javatime", "internal/javaregex", "internal/memo", "transforms/formats/text",
		"transforms/internal/..."), nil},

	{"connectors/filesets/...", append(authors, "connect/sinkkit", "connectors/filesets/...", "internal/backoff", "internal/memory",
		"transforms/formats/..."), nil},
	{"connectors/hdfs/...", append(authors, "connect/sinkkit", "connectors/filesets/...", "connectors/hdfs/..."),
		[]string{"transforms/routers"}},
	{"connectors/elasticsearch/...", append(authors, "connect/sinkkit", "connectors/elasticsearch/...", "internal/jsontext",
		"internal/kafka/tlsconfig", "internal/memory"), []string{"transforms/converters", "transforms/routers"}},
	{"connectors/mirror/...", append(authors, "connectors/mirror/...", "internal/backoff", "internal/javaregex", "internal/kafka",
		"internal/kafka/batches", "internal/kafka/compacted", "internal/kafka/lz4", "internal/kafka/rawbatch"),
		[]string{"transforms/converters"}},
	{"connectors/generator/...", append(authors, "connectors/generator/...", "internal/backoff", "internal/javaregex",
		"internal/smallfile", "transforms/formats/avro"), nil},
	{"connectors/...", append(authors, "connectors/file/..."), nil},

	{"streams/topology", []string{"stores/..."}, nil},
	{"streams/handlers", []string{"streams/topology"}, nil},
	{"streams/serdes/avro", []string{"connect/config", "connect/data", "streams/serdes", "streams/topology",
		"transforms/formats/avro/...", "transforms/formats/registry"}, nil},
	{"streams/serdes", []string{"stores/format", "streams/internal/node", "streams/topology", "transforms/formats/ltsv"}, nil},
	{"streams/internal/codec", []string{"streams/internal/node", "streams/serdes", "streams/topology"}, nil},
	{"streams/internal/properties", []string{"connect/config", "internal/kafka", "internal/memory", "streams/internal/...", "streams/topology"}, nil},
	{"streams/internal/localstores", []string{"stores/...", "streams/internal/...", "streams/query", "streams/topology"}, nil},
	{"streams/internal/takeover", []string{"streams"}, nil},
	{"streams/internal/...", []string{"connect/config", "internal/kafka/...", "internal/backoff", "internal/deadletter", "internal/excerpt",
		"internal/procmetrics", "internal/rejections", "stores/...", "streams/handlers", "streams/topology",
		"streams/internal/..."}, []string{"internal/memory"}},
	{"streams/cli", []string{"connect/config", "internal/memory", "internal/buildinfo", "internal/flags", "internal/httpserve", "internal/logs", "streams", "streams/app", "streams/handlers",
		"streams/topology"}, nil},
	{"streams/app", []string{"connect/config", "internal/buildinfo", "internal/kafka/...", "internal/memory", "internal/procmetrics", "internal/rejections", "stores/...",
		"streams/handlers", "streams/internal/...", "streams/query", "streams/topology"}, []string{"streams"}},
	{"streams", []string{"stores/...", "streams/internal/...", "streams/topology"}, []string{"streams/app", "streams/streamstest"}},
	{"streams/...", []string{"internal/kafka/...", "internal/memory", "stores/...", "streams/..."}, nil},

	{"examples/plugin/...", append(authors, "connect/builtin", "connect/cli"), nil},
	{"examples/pipeline", nil, []string{"connect/...", "connectors/...", "transforms/converters"}},
	{"examples", nil, nil},
	{"examples/...", []string{"connect/config", "examples/...", "streams", "streams/app", "streams/cli",
		"streams/topology", "transforms/formats/..."}, []string{"streams/streamstest"}},
	{"connect/builtin", []string{"connect", "connectors/...", "internal/buildinfo", "transforms/..."},
		[]string{"connect/herder/...", "connect/plan"}},
	{"connect/cli/...", append(authors, "connect/access", "connect/cli/internal/...", "connect/group", "connect/herder/...", "connect/metrics",
		"connect/plan", "connect/rest",
		"connect/worker/dryrun", "internal/buildinfo", "internal/configfiles", "internal/flags", "internal/httpserve", "internal/kafka",
		"internal/kafka/tlsconfig", "internal/memory"), []string{"connect/builtin"}},
	{"cmd/internal/operator", nil, []string{"connectors/hdfs/readback", "internal/rejections"}},
	{"cmd/...", []string{"cmd/...", "connect/...", "connectors/...", "examples/...", "internal/...", "streams/...",
		"transforms/..."}, nil},
	{"docs/guides", nil, []string{"docs/internal/guide"}},
	{"docs/internal/...", nil, nil},
	{"scripts/oracle-streams/...", []string{"scripts/internal/judged", "scripts/oracle-streams/...", "stores/format", "streams", "streams/app", "streams/serdes", "streams/streamstest", "streams/topology"}, nil},
	{"scripts/...", append(authors, "connect/builtin", "scripts/..."), nil},
	{".", nil, nil},
}

// checkFloors holds the imports of code and tests to the plan.
func checkFloors(t *tree) (complaints []string) {
	for _, f := range t.files {
		i := slices.IndexFunc(floors, func(l floor) bool { return under(f.dir(), l.folder) })
		if i < 0 {
			complaints = append(complaints, fmt.Sprintf("%s: the folder has no floor: give it one in structure_floors_test.go", f.dir()))
			continue
		}
		may := append(slices.Clone(floors[i].may), f.dir(), f.dir()+"/...")
		if f.isTest() {
			may = append(append(may, floors[i].tests...), forTests...)
		}
		for _, s := range f.syntax.Imports {
			p, _ := strconv.Unquote(s.Path.Value)
			ours, ok := strings.CutPrefix(p, module+"/")
			if ok && !underAny(ours, may) {
				complaints = append(complaints, fmt.Sprintf("%s imports %s: its floor (%s) does not reach there",
					f.path, ours, floors[i].folder))
			}
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(complaints)))
}

// A plan with lines that nothing needs says less than one without them.
func TestFloorsHaveNoEmptyLine(t *testing.T) {
	root, err := load(osDir())
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]map[string]bool{} // floor -> pattern -> used
	for _, f := range root.files {
		i := slices.IndexFunc(floors, func(l floor) bool { return under(f.dir(), l.folder) })
		if i < 0 {
			continue
		}
		l := floors[i]
		if used[l.folder] == nil {
			used[l.folder] = map[string]bool{}
		}
		for _, s := range f.syntax.Imports {
			p, _ := strconv.Unquote(s.Path.Value)
			ours, _ := strings.CutPrefix(p, module+"/")
			for _, pattern := range append(slices.Clone(l.may), l.tests...) {
				if under(ours, pattern) {
					used[l.folder][pattern] = true
				}
			}
		}
	}
	for _, l := range floors {
		if used[l.folder] == nil {
			t.Errorf("no folder is on floor %s", l.folder)
			continue
		}
		for _, pattern := range append(slices.Clone(l.may), l.tests...) {
			if !used[l.folder][pattern] && !slices.Contains(authors, pattern) {
				t.Errorf("nothing on floor %s imports %s: %v do", l.folder, pattern, slices.Sorted(maps.Keys(used[l.folder])))
			}
		}
	}
}
