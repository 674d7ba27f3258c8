package exchanges_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// deviation is a kind of request that our worker answers otherwise than Kafka Connect's.
// Scripts name it where it occurs.
type deviation struct{ name, request, java, ours, why string }

var deviations = []deviation{
	{"body", "a body that is missing, null, no JSON, or of another type or with other fields than expected",
		"500 and a message of Java's", "400 and what is wrong", "clients may try again what was answered with 500"},
	{"null", "a configuration with null for a key", "400 without the key's name, or 201 with null among the configuration",
		"400 with the keys", "a key without a value is left out"},
	{"no class", "a configuration without connector.class", "400, or 500 from validate, with all keys and values",
		"400 with the keys alone", "a value may be a password"},
	{"no such class", "a connector.class that nobody knows", "400, or 500 from validate, with Java's descriptions of plugins",
		"400 with the classes that there are", "the other text says nothing that a client could use"},
	{"unknown key", "a configuration with a key that nobody reads", "is accepted", "400, and an error in validate",
		"a key with a slip would have no effect"},
	{"one error", "a value that cannot be parsed, or a rule over two keys", "an error for each check and key",
		"one error, with the key that is to be changed", "one mistake is one error"},
	{"other words", "a class, an alias, a choice or a regular expression in a configuration that is wrong",
		"in Java's words, or with a part of the key", "what is there instead, and the whole key",
		"the classes are others, and regular expressions are Go's"},
	{"strict", "a value that Kafka Connect takes and that cannot work", "is accepted", "400, and an error in validate",
		"the connector would fail, or do something else than it is told"},
	{"override", "a wrong value of a client's key, such as consumer.override.max.poll.records", "500 from validate",
		"200 with an error for each key", "it is a mistake of the client"},
	{"initial offsets", "POST of a connector with initial_offsets", "500", "201, and the connector begins there",
		"an addition, without which it takes three requests"},
	{"rename", "PATCH of a connector's configuration with another name or null for the name",
		"200 for another name, 400 for null", "400 for another name, and null has no effect",
		"the connector would have two names"},
	{"path", "a path with an empty segment, an escaped slash, percent sign, dot or control character, or with ;",
		"400 with a page of HTML, or without what follows ;", "404, or the connector of this name",
		"names may have any character"},
	{"charset", "a charset in Accept", "the charset in Content-Type", "application/json alone", "JSON has one charset"},
	{"version", "version= of a plugin's keys", "its own versions, and empty is none", "other versions, and empty is any",
		"plugins have the version of the worker"},
	{"plugin", "the keys of a transform by a short name with $Key or $Value", "404", "200",
		"configurations may name it so"},
	{"partition only", "an offset to alter with neither offset nor null", "takes it for null and forgets the offset", "400",
		"an offset with a slip in the key would be lost"},
	{"refused offset", "offsets that the plugin of a source, or Kafka, refuses", "500", "400", "it is a mistake of the client"},
	{"stopped task", "restart of a task of a stopped connector", "409", "404", "there is no such task before it is resumed"},
	{"empty level", "an empty level for a logger", "500", "404, as for every other unknown level",
		"it is a mistake of the client"},
	{"algorithm", "a request between workers that is signed with an unknown algorithm", "400 in Java's words",
		"400 with the algorithms that are known", "it says what to change"},
	{"preflight", "a browser's question whether a page may send a request (OPTIONS with Access-Control-Request-Method)",
		"with the methods of the path, or 404; the page may set Content-Type",
		"200 without a body; the page may set Authorization, too", "a page that could not log in could not do anything"},
	{"page", "a change that a page of another site asks for, or with a method that its site may not use",
		"is made, and the page cannot read the answer", "403", "it would be made without anybody's knowledge"},
}

// place is a part of answers that differs wherever it is, as the path of a value.
type place struct{ path, what, why string }

var places = []place{
	{`(.*\.)?(worker_id|version|commit)`, "worker_id, version, commit", "they are those of the worker"},
	{`(.*\.)?last_modified`, "last_modified", "it is a time"},
	{`(.*\.)?trace`, "trace", "it is an error of Go and not of Java"},
	{`(.*\.)?documentation`, "documentation", "keys are described in words of their own"},
	{`(.*\.)?(width|display_name|order_in_group|group|importance)`, "width, display_name, order_in_group, group, importance",
		"user interfaces lay out keys by them, and ours has other keys"},
	{`(.*\.)?recommended_values`, "recommended_values", "they name the plugins of the worker"},
	{`(configs\.)?errors\.deadletterqueue\.context\.headers\.enable(\.definition)?\.default_value|` +
		`configs\.errors\.deadletterqueue\.context\.headers\.enable\.value\.value`,
		"the default of errors.deadletterqueue.context.headers.enable", "dead letters say why they are there"},
	{`(.*\.)?converter\.type\.(definition\.)?required|configs\..*\.converter\.type\.value\.value`, "converter.type",
		"the worker knows what a converter is for"},
	{`configs\.value\.converter\.definition\.default_value`, "the default of value.converter",
		"a connector that names a converter has no default of the worker"},
	{`source org\.apache\.kafka\.connect\.mirror\..*`, "lists of plugins", "the worker has other plugins"},
	{`org\.[a-z]+(\..*)?`, "names of loggers", "loggers are not named for Java's classes"},
}

// additions are places of ours alone.
var additions = []place{
	{`hoisted|(configs\.)?[a-z]+(\.[a-z]+)+|configs\.[a-z.]+|groups\.Dead letter queue`, "more keys", "ours has keys of its own"},
	{`(sink|source|converter|header_converter|predicate|transformation) .*`, "more plugins", "ours has plugins of its own"},
	{`backing|herder|kafka|worker|connector\..*`, "more loggers", "they are those of this worker"},
	{`brokers|failed_connectors|failed_tasks`, "brokers, failed_connectors, failed_tasks of GET /health",
		"monitoring sees what has failed"},
	{`offsets\..*\.offset\.(head|inode)`, "head, inode in offsets of the file source",
		"it tells whether the file is the same"},
}

func paths(places []place) (out []string) {
	for _, p := range places {
		out = append(out, p.path)
	}
	return out
}

// The page lists every deviation, and no other.
func TestThePageListsTheDeviations(t *testing.T) {
	text, err := os.ReadFile("../../../connect/rest/DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, d := range deviations {
		want = append(want, fmt.Sprintf("| %s | %s | %s | %s |", d.request, d.java, d.ours, d.why))
	}
	for _, p := range append(slices.Clone(places), additions...) {
		want = append(want, fmt.Sprintf("| %s | %s |", p.what, p.why))
	}
	var got []string
	_, section, _ := strings.Cut(string(text), "\n## Deviations\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, row := range regexp.MustCompile(`(?m)^\| .*\|$`).FindAllString(section, -1) {
		if !strings.Contains(row, "| Kafka Connect |") && !strings.HasPrefix(row, "| what |") {
			got = append(got, row)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("connect/rest/DESIGN.md has under Deviations the rows\n%s\nwant\n%s", strings.Join(got, "\n"),
			strings.Join(want, "\n"))
	}
}

// A deviation that no exchange shows is none.
func TestEveryDeviationOccurs(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range scripts(t) {
		for _, step := range s.steps {
			seen[step.because] = true
			known := slices.ContainsFunc(deviations, func(d deviation) bool { return d.name == step.because })
			if step.because != "" && !known {
				t.Errorf("%s:%d: there is no deviation %q", s.path, step.line, step.because)
			}
		}
	}
	for _, d := range deviations {
		if !seen[d.name] {
			t.Errorf("deviation %q does not occur", d.name)
		}
	}
}
