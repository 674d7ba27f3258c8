package deploy_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/suiro/suiro/cmd/internal/ctl/contexts"
	"github.com/suiro/suiro/cmd/internal/deploy"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// log is what a worker logs, which a test may read meanwhile.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// The modes of a worker, by what its file has beside what every file has.
var modes = map[string]string{
	"standalone": "offset.storage.file.filename=FOLDER/offsets\n",
	"distributed": "group.id=deploy\nconfig.storage.topic=configs\noffset.storage.topic=offsets\nstatus.storage.topic=statuses\n" +
		"config.storage.replication.factor=1\noffset.storage.replication.factor=1\nstatus.storage.replication.factor=1\n",
}

// startWorker starts a worker on a Kafka of its own, and returns where it answers.
func startWorker(t *testing.T, mode string) (url string) {
	t.Helper()
	kafka := kafkatest.Start(t, kfake.SeedTopics(2, "orders")).ListenAddrs()[0]
	file := filepath.Join(t.TempDir(), "worker.properties")
	text := "bootstrap.servers=" + kafka + "\nlisteners=http://127.0.0.1:0\nkey.converter=StringConverter\n" +
		"value.converter=StringConverter\nconfig.providers=env\nconfig.providers.env.class=EnvVarConfigProvider\n" +
		strings.ReplaceAll(modes[mode], "FOLDER", filepath.Dir(file))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	said, ended := &log{}, make(chan int, 1)
	root := cli.Command(builtin.Plugins())
	root.SetArgs([]string{"connect", "--config", file})
	root.SetOut(io.Discard)
	root.SetErr(said)
	go func() { ended <- cli.Execute(ctx, root) }()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != cli.ExitOK {
			t.Errorf("the worker ends with %d:\n%s", code, said)
		}
	})
	at := regexp.MustCompile(`rest api listens"? address=(http://\S+)`)
	kafkatest.Eventually(t, "the worker's address", func() bool { return at.MatchString(said.String()) })
	return at.FindStringSubmatch(said.String())[1]
}

// terminal is where a person types suiro connect plan and apply, in a folder of its own.
type terminal struct {
	*testing.T
	url string
}

func newTerminal(t *testing.T, url string) *terminal {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv(contexts.Variable, "contexts.json")
	return &terminal{t, url}
}

// file writes a file.
func (t *terminal) file(name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// client is a client of the cluster.
func (t *terminal) client() *client.Client {
	t.Helper()
	c, err := client.New([]string{t.url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// typed executes a command and returns what it printed.
func (t *terminal) typed(in io.Reader, line string) (code int, stdout, stderr string) {
	t.Helper()
	root := cli.Command(builtin.Plugins())
	cli.Add(root, deploy.New())
	args := append([]string{"connect"}, strings.Fields(line)...)
	root.SetArgs(append(args, "--url", t.url))
	var out, err bytes.Buffer
	root.SetIn(in)
	root.SetOut(&out)
	root.SetErr(&err)
	code = cli.Execute(t.Context(), root)
	if strings.Contains(out.String()+err.String(), "top-secret") {
		t.Errorf("%s shows a secret:\n%s%s", line, &out, &err)
	}
	return code, out.String(), err.String()
}

// run executes a command and compares what it prints on the standard output, in which
// "..." stands for the rest of a line.
func (t *terminal) run(line string, wantCode int, want string) {
	t.Helper()
	code, stdout, stderr := t.typed(strings.NewReader(""), line)
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want), `\.\.\.`, `[^\n]*`)
	if code != wantCode || !regexp.MustCompile(`^`+pattern+`$`).MatchString(stdout) {
		t.Errorf("suiro connect %s: code %d, want %d:\n%s%s\nwant\n%s", line, code, wantCode, stdout, stderr, want)
	}
}
