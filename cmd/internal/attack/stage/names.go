package stage

import (
	"regexp"
	"strings"
)

// Names are the names of what belongs to a run.
type Names struct {
	// Run begins the names of all topics, indices and folders of the run.
	Run string
}

// lanes are the topics in which honest records go beside hostile ones.
var lanes = []string{"ltsv", "json", "avro", "registry", "envelope"}

// partitions is how many each of them has.
const partitions = 2

// Topic is the name of a topic of the run.
func (n Names) Topic(name string) string { return n.Run + "-" + name }

// Wild is the name of a topic that the sinks with a pattern find when it is created.
func (n Names) Wild(name string) string { return n.Topic("wild-" + name) }

// Dead are the topics of dead letters.
func (n Names) Dead() []string {
	var out []string
	for _, of := range []string{"honest-log", "to-elasticsearch", "to-hdfs", "to-file", "to-ltsv", "to-registry",
		"to-envelope", "ltsv-json", "json-avro", "server-stats"} {
		out = append(out, n.dead(of))
	}
	return out
}

func (n Names) dead(of string) string { return n.Topic("dead-" + of) }

// VHost is the server of the honest records, whose name begins with the secret of the
// run.
func VHost(secret string) string { return secret + ".example" }

// Odd are names of topics that the run does not begin: the sink for HDFS finds them by
// its pattern.
var Odd = []string{".snapshot", ".reserved"}

// pattern is the expression of the topics that the sink for HDFS reads.
func (n Names) pattern() string {
	words := []string{regexp.QuoteMeta(n.Topic("json")), regexp.QuoteMeta(n.Topic("wild-")) + ".*"}
	for _, odd := range Odd {
		words = append(words, regexp.QuoteMeta(odd))
	}
	return strings.Join(words, "|")
}
