package bulk

import (
	"strings"
	"testing"
)

func TestIndexNames(t *testing.T) {
	for in, want := range map[string]string{
		"Access": "access", "_a": "a", "-a": "a", ".": "dot", "..": "dotdot", "a.b-c_d": "a.b-c_d",
		strings.Repeat("a", 255): strings.Repeat("a", 255), strings.Repeat("é", 128): "",
		".kibana": "", ".security-7": "", "_all": "all", "__all": "", "_.kibana": "", "<a-{now/d}>": "", "a*": "", "*": "",
		"a,b": "", "../a": "", "a\n": "", "a\xff": "", "a%2fb": "a%2fb",
		"": "", "_": "", "--a": "", "a b": "", "a/b": "", "a#b": "", "+a": "",
	} {
		got, err := indexName("${topic}", in, "")
		if got != want || (err == nil) != (want != "") {
			t.Errorf("indexName(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestDataStreamNames(t *testing.T) {
	for _, c := range []struct{ dataset, namespace, want string }{
		{"web", "${topic}", "logs-web-access"}, {"${topic}", "default", "logs-access-default"},
	} {
		got, err := dataStreamName("LOGS", c.dataset, c.namespace, "Access")
		if got != c.want || err != nil {
			t.Errorf("dataStreamName(%+v) = %q, %v", c, got, err)
		}
	}
}

// The format is the operator's.
func TestOnlyTheFormatAsksForADotInFront(t *testing.T) {
	for format, want := range map[string]string{".own-${topic}": ".own-a", "${topic}.b": "a.b", "x${topic}": "xa"} {
		if got, err := indexName(format, "a", ""); got != want || err != nil {
			t.Errorf("name of format %s = %q, %v, want %q", format, got, err, want)
		}
	}
	if got, err := indexName("${topic}x", ".", ""); err == nil {
		t.Errorf("a topic made the name %q, want an error", got)
	}
}
