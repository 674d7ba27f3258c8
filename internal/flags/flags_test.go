package flags_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/flags"
)

// keys are one of each type and form of validator.
func keys() []config.Key {
	return []config.Key{
		{Name: "bootstrap.servers", Type: config.List, Default: "localhost:9092", Doc: "Brokers to start from. More are found."},
		{Name: "topic", Type: config.String, Required: true, Valid: config.NonEmpty(), Doc: "Topic to read."},
		{Name: "linger.ms", Type: config.Long, Default: 90000, Valid: config.AtLeast(1000), Doc: "How long to wait."},
		{Name: "max.idle.ms", Type: config.Long, Default: -1, Doc: "When to stop; -1 is never."},
		{Name: "threads", Type: config.Int, Default: 1, Valid: config.Between(1, 256), Doc: "How many threads."},
		{Name: "cache.bytes", Type: config.Long, Default: 64 << 20, Valid: config.AtMost(1 << 30), Doc: "Size of the cache."},
		{Name: "replicas", Type: config.Short, Default: -1, Doc: "Replicas."},
		{Name: "share", Type: config.Double, Default: 0.5, Valid: config.Between(0, 1), Doc: "Which part."},
		{Name: "follow", Type: config.Boolean, Default: false, Doc: "Whether to follow."},
		{Name: "mode", Type: config.String, Default: "fail", Valid: config.OneOf(false, "fail", "skip", "retry"), Doc: "What to do."},
		{Name: "password", Type: config.Password, Doc: "Password of the user, which this sentence describes at such a length " +
			"that it does not fit into one line of the help any more."},
		{Name: "errors.dead.letter.queue.topic.name", Type: config.String, Default: "", Doc: "Topic for bad records."},
	}
}

// command is a program with the keys as flags; it stores what it was given.
func command(props *map[string]string) *cobra.Command {
	c := &cobra.Command{Use: "counter", Short: "Count things.", Version: "v1.2.3", Args: flags.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			*props, err = flags.Properties(c)
			return err
		}}
	c.Flags().String("config", "", "properties `file` with further keys")
	c.Flags().Bool("verbose", false, "log more")
	if err := c.Flags().MarkHidden("verbose"); err != nil {
		panic(err)
	}
	for _, k := range keys() {
		flags.Define(c, k)
	}
	flags.Install(c)
	return c
}

// run executes a command and returns what it printed.
func run(t *testing.T, c *cobra.Command, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c.SetArgs(args)
	c.SetOut(&out)
	c.SetErr(io.Discard)
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

func TestFlagsBecomeProperties(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want map[string]string
	}{
		"none":              {nil, nil},
		"text":              {[]string{"--topic", "in", "--password=secret"}, map[string]string{"topic": "in", "password": "secret"}},
		"numbers":           {[]string{"--threads", "4", "--share", ".25", "--replicas", "-1"}, map[string]string{"threads": "4", "share": ".25", "replicas": "-1"}},
		"boolean":           {[]string{"--follow"}, map[string]string{"follow": "true"}},
		"no":                {[]string{"--follow=false"}, map[string]string{"follow": "false"}},
		"list":              {[]string{"--bootstrap-servers", "a:1,b:2"}, map[string]string{"bootstrap.servers": "a:1,b:2"}},
		"10s":               {[]string{"--linger-ms", "10s"}, map[string]string{"linger.ms": "10000"}},
		"1m30s":             {[]string{"--linger-ms", "1m30s"}, map[string]string{"linger.ms": "90000"}},
		"1.5s":              {[]string{"--linger-ms", "1.5s"}, map[string]string{"linger.ms": "1500"}},
		"500ms":             {[]string{"--max-idle-ms", "500ms"}, map[string]string{"max.idle.ms": "500"}},
		"7d":                {[]string{"--max-idle-ms", "7d"}, map[string]string{"max.idle.ms": "604800000"}},
		"plain":             {[]string{"--linger-ms", "10000"}, map[string]string{"linger.ms": "10000"}},
		"never":             {[]string{"--max-idle-ms", "-1"}, map[string]string{"max.idle.ms": "-1"}},
		"Kafka's":           {[]string{"--bootstrap-server", "a:1"}, map[string]string{"bootstrap.servers": "a:1"}},
		"a file of Kafka's": {[]string{"--command-config", "x"}, nil},
		"the key's":         {[]string{"--bootstrap.servers", "a:1", "--linger_ms=1s"}, map[string]string{"bootstrap.servers": "a:1", "linger.ms": "1000"}},
		"the last":          {[]string{"--threads", "x", "--threads", "2"}, map[string]string{"threads": "2"}},
		"emptied":           {[]string{"--errors-dead-letter-queue-topic-name", ""}, map[string]string{"errors.dead.letter.queue.topic.name": ""}},
		"64MiB":             {[]string{"--cache-bytes", "64MiB"}, map[string]string{"cache.bytes": "67108864"}},
		"64 kib":            {[]string{"--cache-bytes", "64 kib"}, map[string]string{"cache.bytes": "65536"}},
		"1G":                {[]string{"--cache-bytes", "1G"}, map[string]string{"cache.bytes": "1073741824"}},
		"bytes":             {[]string{"--cache-bytes", "1000"}, map[string]string{"cache.bytes": "1000"}},
	} {
		var got map[string]string
		if _, err := run(t, command(&got), c.args...); err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%s: properties of %v = %v, %v, want %v", name, c.args, got, err, c.want)
		}
	}
}

func TestWrongValuesSayWhatIsAccepted(t *testing.T) {
	for _, c := range []struct{ flag, value, want string }{
		{"linger-ms", "soon", "--linger-ms soon: is not a number of milliseconds or a duration such as 10s"},
		{"linger-ms", "10x", "--linger-ms 10x: is not a number of milliseconds or a duration such as 10s"},
		{"linger-ms", "xd", "--linger-ms xd: is not a number of milliseconds or a duration such as 10s"},
		{"linger-ms", "1500us", "--linger-ms 1500us: is not a whole number of milliseconds"},
		{"linger-ms", "10ms", "--linger-ms 10ms: must be at least 1s"},
		{"linger-ms", "10", "--linger-ms 10: must be at least 1s"},
		{"threads", "many", "--threads many: is not a number, 1 to 256"},
		{"threads", "1_0", "--threads 1_0: is not a number: write 10, 1 to 256"},
		{"threads", "0", "--threads 0: must be 1 to 256"},
		{"replicas", "40000", "--replicas 40000: is not a number: the greatest is 32767"},
		{"cache-bytes", "64Mbit", "--cache-bytes 64Mbit: is not a number of bytes or a size such as 64MiB"},
		{"cache-bytes", "1.5GiB", "--cache-bytes 1.5GiB: is not a number of bytes or a size such as 64MiB"},
		{"cache-bytes", "9999999999GiB", "--cache-bytes 9999999999GiB: is not a number of bytes or a size such as 64MiB"},
		{"cache-bytes", "2GiB", "--cache-bytes 2GiB: must be at most 1GiB"},
		{"share", "half", "--share half: is not a number such as 0.5"},
		{"share", "2", "--share 2: must be 0 to 1"},
		{"follow", "perhaps", "--follow perhaps: is neither true nor false"},
		{"follow", "yes", "--follow yes: is neither true nor false: write true"},
		{"mode", "skpi", `--mode skpi: must be fail, skip or retry (did you mean "skip"?)`},
		{"mode", "never", "--mode never: must be fail, skip or retry"},
		{"topic", "", `--topic "": must not be empty`},
	} {
		var got map[string]string
		_, err := run(t, command(&got), "--"+c.flag+"="+c.value)
		if err == nil || err.Error() != c.want {
			t.Errorf("--%s=%s: %v, want %s", c.flag, c.value, err, c.want)
		}
	}
}

func TestAllWrongValuesAreToldAtOnceWithoutPasswords(t *testing.T) {
	secret := config.Key{Name: "pin", Type: config.Password, Doc: "Pin.",
		Valid: config.Func("four digits", func(any) error { return errors.New("must have four digits") })}
	var got map[string]string
	c := command(&got)
	flags.Define(c, secret)
	_, err := run(t, c, "--threads", "0", "--pin", "12345", "--linger-ms", "soon")
	want := "--linger-ms soon: is not a number of milliseconds or a duration such as 10s\n" +
		"--pin [hidden]: must have four digits\n--threads 0: must be 1 to 256"
	if err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}

func TestMistakesNameWhatWasMeant(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--confg", "x"}, "unknown flag --confg: did you mean --config?"},
		{[]string{"--boostrap-servers=x"}, "unknown flag --boostrap-servers: did you mean --bootstrap-servers?"},
		{[]string{"--linger.m", "1"}, "unknown flag --linger.m: did you mean --linger-ms?"},
		{[]string{"--quiet"}, "unknown flag --quiet: see counter --help"},
		{[]string{"--verbse"}, "unknown flag --verbse: see counter --help"},
		{[]string{"-config", "x"}, "unknown flag -config: flags have two dashes, did you mean --config?"},
		{[]string{"-x"}, "unknown flag -x: see counter --help"},
		{[]string{"--config"}, "--config needs a value: --config file"},
		{[]string{"--topic"}, "--topic needs a value: --topic text"},
		{[]string{"--verbose=2"}, "--verbose 2: is neither true nor false"},
		{[]string{"in"}, `unexpected argument "in": counter has flags only, see counter --help`},
	} {
		var got map[string]string
		if _, err := run(t, command(&got), c.args...); err == nil || err.Error() != c.want {
			t.Errorf("%v: %v, want %s", c.args, err, c.want)
		}
	}
}

func TestHelpFitsATerminal(t *testing.T) {
	var got map[string]string
	out, err := run(t, command(&got), "--help")
	const want = `Count things.

Usage:
  counter [flags]

Flags:
      --bootstrap-servers list   Brokers to start from (default localhost:9092)
      --cache-bytes bytes        Size of the cache (at most 1GiB; default 64MiB)
      --config file              properties file with further keys
      --errors-dead-letter-queue-topic-name text
                                 Topic for bad records
      --follow                   Whether to follow
  -h, --help                     Show this help
      --linger-ms duration       How long to wait (at least 1s; default 1m30s)
      --max-idle-ms duration     When to stop; -1 is never (default -1)
      --mode text                What to do (fail, skip or retry; default fail)
      --password password        Password of the user, which this sentence describes at such a
                                 length that it does not fit into one line of the help any more
      --replicas number          Replicas (default -1)
      --share number             Which part (0 to 1; default 0.5)
      --threads number           How many threads (1 to 256; default 1)
      --topic text               Topic to read (required)
  -v, --version                  Show the version
`
	if err != nil || out != want {
		t.Errorf("--help = %v\n%s\nwant\n%s", err, out, want)
	}
	for line := range strings.Lines(out) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > flags.Columns {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// Groups stand in the order in which they were made, before the flags without one.
func TestFlagsStandInTheirGroups(t *testing.T) {
	var got map[string]string
	c := command(&got)
	flags.Group(c, "Topics", "topic", "mode")
	flags.Group(c, "Brokers", "bootstrap-servers", "unheard-of")
	out, err := run(t, c, "--help")
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	for _, want := range []string{"\nTopics:\n      --mode text", "\n      --topic text", "\nBrokers:\n      --bootstrap-servers list",
		"\nFlags:\n      --cache-bytes bytes"} {
		at := strings.Index(out, want)
		if at <= last {
			t.Errorf("%q is not there, or too early, in:\n%s", want, out)
		}
		last = at
	}
}

// tools is a command that holds others, some of them in a group.
func tools() *cobra.Command {
	none := func(*cobra.Command, []string) error { return nil }
	root := &cobra.Command{Use: "tool", Short: "A tool.", Long: "A tool\nwith commands.", Example: "tool run now"}
	root.AddGroup(&cobra.Group{ID: "run", Title: "Run"})
	topics := &cobra.Command{Use: "topics", SuggestFor: []string{"queue"}, Short: "Look at topics."}
	topics.AddCommand(&cobra.Command{Use: "list", Short: "List them.", RunE: none})
	root.AddCommand(&cobra.Command{Use: "connect --config file [name...]", Short: "Connect.", GroupID: "run", RunE: none}, topics)
	root.CompletionOptions.DisableDefaultCmd = true
	flags.Install(root)
	return root
}

// The version of a program that is made with Suiro is Suiro's.
func TestVersionIsThatOfSuiro(t *testing.T) {
	var got map[string]string
	for _, flag := range []string{"--version", "-v"} {
		out, err := run(t, command(&got), flag)
		if want := "counter, with suiro version v1.2.3\n"; err != nil || out != want {
			t.Errorf("%s = %q, %v, want %q", flag, out, err, want)
		}
	}
}

func TestUnknownCommandsNameTheNearest(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"conect"}, `unknown command "conect": did you mean connect?`},
		{[]string{"queue"}, `unknown command "queue": did you mean topics?`},
		{[]string{"bake"}, `unknown command "bake": see tool --help`},
		{[]string{"topics", "lst"}, `unknown command "lst": did you mean list?`},
	} {
		if _, err := run(t, tools(), c.args...); err == nil || err.Error() != c.want {
			t.Errorf("%v: %v, want %s", c.args, err, c.want)
		}
	}
}

func TestHelpOfCommandsThatHoldOthers(t *testing.T) {
	const want = `A tool
with commands.

Usage:
  tool COMMAND

Examples:
  tool run now

Run:
  connect   Connect.

Further commands:
  topics    Look at topics.

Flags:
  -h, --help   Show this help

See tool COMMAND --help for what a command does.
`
	for _, args := range [][]string{nil, {"--help"}} {
		out, err := run(t, tools(), args...)
		if err != nil || out != want {
			t.Errorf("tool %v = %v\n%s\nwant\n%s", args, err, out, want)
		}
	}
	out, err := run(t, tools(), "connect", "--help")
	if want := "Usage:\n  tool connect --config file [name...] [flags]\n"; err != nil || !strings.Contains(out, want) {
		t.Errorf("connect --help = %v\n%s\nwant it to hold %s", err, out, want)
	}
}

func TestValuesCanBeCompleted(t *testing.T) {
	var got map[string]string
	out, err := run(t, command(&got), "__complete", "--mode", "")
	if want := "fail\nskip\nretry\n:4\n"; err != nil || out != want {
		t.Errorf("completion of --mode = %v\n%s\nwant\n%s", err, out, want)
	}
}

func TestWrapKeepsLinesThatAreSetApart(t *testing.T) {
	const text = "aa bb cc dd\n  aa bb cc dd\n\nee"
	if got, want := flags.Wrap(text, 5), "aa bb\ncc dd\n  aa bb cc dd\n\nee"; got != want {
		t.Errorf("Wrap = %q, want %q", got, want)
	}
}

func TestLogFlagsMakeTheLogger(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string // in the output, or in the error
	}{
		{nil, "level=INFO msg=said"},
		{[]string{"--log-level", "WARN"}, ""},
		{[]string{"--log-format", "json"}, `"msg":"said"`},
		{[]string{"--log-level", "warning"}, `--log-level warning: must be debug, info, warn or error (did you mean "warn"?)`},
	} {
		var out bytes.Buffer
		cmd := &cobra.Command{Use: "x", RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := flags.Properties(cmd); err != nil {
				return err
			}
			log, err := flags.Logger(cmd)
			if err == nil {
				log.Info("said")
			}
			return err
		}}
		flags.DefineLog(cmd)
		flags.Install(cmd)
		cmd.SetArgs(c.args)
		cmd.SetErr(&out)
		text := ""
		if err := cmd.ExecuteContext(t.Context()); err != nil {
			text = err.Error()
		}
		text += out.String()
		if !strings.Contains(text, c.want) || c.want == "" && text != "" {
			t.Errorf("%v: %q, want it to hold %q", c.args, text, c.want)
		}
	}
}
