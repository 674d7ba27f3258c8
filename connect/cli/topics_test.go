package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// topicsRun executes suiro topics on a Kafka and returns what it printed, with the
// address of the Kafka as KAFKA.
func topicsRun(t *testing.T, kafka string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), append([]string{"topics"}, append(args, "--bootstrap-servers", kafka)...), &out, &err)
	return code, out.String(), strings.ReplaceAll(err.String(), kafka, "KAFKA")
}

func TestTopicsAreMadeListedAndDescribed(t *testing.T) {
	kafka := startKafka(t, kfake.SeedTopics(2, "lines", "__consumer_offsets"))
	kafkatest.Produce(t, []string{kafka}, &kgo.Record{Topic: "lines", Value: []byte("a")},
		&kgo.Record{Topic: "lines", Value: []byte("b"), Partition: 1})
	for _, c := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{"create access prices --partitions 3 --topic-config cleanup.policy=compact", ExitOK,
			"created topic access with 3 partitions\ncreated topic prices with 3 partitions\n", ""},
		{"create access", ExitFailure, "",
			"suiro: create topic access: it exists already: use --if-not-exists to accept it\n"},
		{"create --topic access --if-not-exists", ExitOK, "topic access exists already\n", ""},
		{"create access --partitions 3 --if-not-exists", ExitOK, "topic access exists already\n", ""},
		{"create access more --partitions 4 --if-not-exists", ExitFailure, "created topic more with 4 partitions\n",
			"suiro: create topic access: it exists with the number of partitions 3, and 4 was asked for: choose another name, or take " +
				"it as it is\n"},
		{"create access --replication-factor 2 --if-not-exists", ExitFailure, "",
			"suiro: create topic access: it exists with the replication factor 1, and 2 was asked for: choose another name, or take it " +
				"as it is\n"},
		{"create wide --replication-factor 2", ExitFailure, "", "suiro: create topic wide with 2 replicas: " +
			"INVALID_REPLICATION_FACTOR: Replication factor is below 1 or larger than the number of available brokers.: " +
			"--replication-factor must not be more than the number of brokers\n"},
		{"list", ExitOK, `TOPIC    PARTITIONS   REPLICAS   RECORDS
access   3            1          0
lines    2            1          2
more     4            1          0
prices   3            1          0

1 topic of Kafka itself not shown: see --internal.
`, ""},
		{"list --internal", ExitOK, `TOPIC                PARTITIONS   REPLICAS   RECORDS
__consumer_offsets   2            1          0
access               3            1          0
lines                2            1          2
more                 4            1          0
prices               3            1          0
`, ""},
		{"describe lines access", ExitOK, `lines: 2 partitions, 1 replica, 2 records
  PARTITION   LEADER   REPLICAS   IN SYNC   FIRST OFFSET   NEXT OFFSET
  0           0        0          0         0              1
  1           0        0          0         0              1

access: 3 partitions, 1 replica, 0 records
  cleanup.policy = compact
  PARTITION   LEADER   REPLICAS   IN SYNC   FIRST OFFSET   NEXT OFFSET
  0           0        0          0         0              0
  1           0        0          0         0              0
  2           0        0          0         0              0
`, ""},
		{"describe lnes nothing", ExitFailure, "", "suiro: there is no topic lnes, did you mean lines?\n" +
			"there is no topic nothing, or its ACLs do not let this user see it\n"},
		{"describe", ExitUsage, "", "suiro: name at least one topic: suiro topics describe NAME\n"},
		{"list all", ExitUsage, "",
			"suiro: unexpected argument \"all\": suiro topics list has flags only, see suiro topics list --help\n"},
		{"create a --partitions many --replication-factor 0", ExitUsage, "", "suiro: --partitions many: is not a number, " +
			"at least 1\n--replication-factor 0: must be at least 1\n"},
		{"create a --topic-config cleanup.policy", ExitUsage, "",
			"suiro: --topic-config cleanup.policy: must be key=value, such as cleanup.policy=compact\n"},
		{"create a --config cleanup.policy=compact", ExitUsage, "", "suiro: --config cleanup.policy=compact: no such file or " +
			"directory: a setting of a topic is --topic-config cleanup.policy=compact\n"},
		{"list --config /no/such", ExitUsage, "", "suiro: --config /no/such: no such file or directory\n"},
	} {
		code, stdout, stderr := topicsRun(t, kafka, strings.Fields(c.args)...)
		if code != c.code || stdout != c.stdout || stderr != c.stderr {
			t.Errorf("topics %s: code %d\nstdout: %s\nstderr: %s\nwant %d\nstdout: %s\nstderr: %s",
				c.args, code, stdout, stderr, c.code, c.stdout, c.stderr)
		}
	}
}

func TestAClusterWithoutTopicsSaysSo(t *testing.T) {
	code, stdout, _ := topicsRun(t, startKafka(t), "list")
	if want := "There are no topics.\n"; code != ExitOK || stdout != want {
		t.Errorf("list: code %d, %q, want %q", code, stdout, want)
	}
}

func TestTopicsSayWhyBrokersDoNotAnswer(t *testing.T) {
	kafka := startKafka(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.SeedTopics(1, "lines"),
		kfake.User("PLAIN", "guest", "right", kfake.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: "lines",
			Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: kmsg.ACLOperationDescribe, Allow: true}))
	login := func(password string) string {
		return writeFile(t, "client.properties", "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"+
			"sasl.username=guest\nsasl.password="+password+"\nacks=all\n")
	}
	for name, c := range map[string]struct {
		kafka string
		args  []string
		code  int
		want  []string
	}{
		"nothing there": {"127.0.0.1:1", []string{"list"}, ExitFailure, []string{"nothing listens there: start the broker"}},
		"no login":      {kafka, []string{"list"}, ExitFailure, []string{"set security.protocol to SSL or SASL_SSL"}},
		"password": {kafka, []string{"list", "--config", login("wrong")}, ExitFailure,
			[]string{"check the user name and password in sasl.jaas.config"}},
		"not allowed": {kafka, []string{"create", "more", "--config", login("right")}, ExitFailure,
			[]string{"create topic more: ", "AUTHORIZATION_FAILED", "give the user the ACL"}},
		"address": {"localhost", []string{"list"}, ExitUsage, []string{"bootstrap.servers: must be host:port"}},
		"a key": {kafka, []string{"list", "--config", writeFile(t, "c", "security.protcol=SSL\n")}, ExitUsage,
			[]string{`Unknown configuration "security.protcol", did you mean "security.protocol"?`}},
		"JSON": {kafka, []string{"list", "--config", writeFile(t, "c", "{}\n")}, ExitUsage,
			[]string{"is JSON, and a properties file is expected"}},
	} {
		code, _, stderr := topicsRun(t, c.kafka, c.args...)
		if code != c.code {
			t.Errorf("%s: code %d, want %d", name, code, c.code)
		}
		for _, want := range c.want {
			if !strings.Contains(stderr, want) || strings.Contains(stderr, "wrong\n") {
				t.Errorf("%s: stderr %s, want it to hold %q and no password", name, stderr, want)
			}
		}
	}
	code, stdout, stderr := topicsRun(t, kafka, "list", "--config", login("right"))
	if code != ExitOK || !strings.Contains(stdout, "lines   1            1          0\n") {
		t.Errorf("list of a user who may: code %d\n%s%s", code, stdout, stderr)
	}
}
