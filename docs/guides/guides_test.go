package guides_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/docs/internal/guide"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// onKafka are the pages that use tools of Kafka's for which there is no stand-in. Integration tests follow them.
var onKafka = []string{"from-java.md", "reset.md"}

// onElasticsearch are the pages that need one. Integration tests follow them.
var onElasticsearch = []string{"elasticsearch-mappings.md"}

// Every other page is followed from top to bottom, each with a broker of its own.
func TestGuides(t *testing.T) {
	root := top(t)
	pages, err := filepath.Glob("*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	bin := guide.Build(t, root)
	for _, page := range pages {
		if slices.Contains(onKafka, page) || slices.Contains(onElasticsearch, page) {
			continue
		}
		t.Run(strings.TrimSuffix(page, ".md"), func(t *testing.T) {
			broker := kafkatest.Start(t).ListenAddrs()[0]
			guide.Run(t, page, guide.Setup{Root: root, Broker: broker, Bin: bin})
		})
	}
	t.Run("program of README", func(t *testing.T) { testProgramOfReadme(t, root, bin) })
}

// top is the folder of the module.
func top(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// The program that README shows is whole: it is built and run as it stands.
func testProgramOfReadme(t *testing.T, root, bin string) {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(readme), "```go\n")
	program, rest, found := strings.Cut(program, "```\n")
	if !found || strings.Contains(rest, "```go") {
		t.Fatal("README.md does not show one program")
	}
	const page = "```sh\ngo mod init words\ngo get github.com/suiro/suiro@latest\n```\n" +
		"```go file=main.go\n%s```\n" +
		"```sh\ngo mod tidy\ngo build -o words .\n```\n" +
		"```sh background=words\n./words --bootstrap-servers localhost:9092 --create-topics\n```\n" +
		"```text log=words\n...sentences,word-counts...\n```\n" +
		"```sh\necho a rose is a rose | kafka-console-producer.sh --bootstrap-server localhost:9092 --topic sentences\n```\n" +
		"```console\n$ kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic word-counts" +
		" --from-beginning --max-messages 3 | sort\na 2\nis 1\nrose 2\n```\n" +
		"<!-- stop words -->\n"
	setup := guide.Setup{Root: root, Broker: kafkatest.Start(t).ListenAddrs()[0], Bin: bin}
	guide.Follow(t, "README.md", strings.Replace(page, "%s", program, 1), setup)
}
