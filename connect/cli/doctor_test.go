package cli

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ward is a folder with the files of a worker and a connector, for suiro connect doctor.
type ward struct {
	*testing.T
	cluster *kfake.Cluster
}

func newWard(t *testing.T, opts ...kfake.Opt) ward {
	t.Helper()
	w := ward{t, kafkatest.Start(t, append(opts, kfake.NumBrokers(1))...)}
	t.Chdir(t.TempDir())
	return w
}

func (w ward) file(name, format string, args ...any) {
	w.Helper()
	if err := os.WriteFile(name, fmt.Appendf(nil, format, args...), 0o600); err != nil {
		w.Fatal(err)
	}
}

// worker writes the file of a worker of a group, with further lines.
func (w ward) worker(more string) {
	w.Helper()
	w.file("worker.properties", `bootstrap.servers=%s
group.id=shop
key.converter=StringConverter
value.converter=StringConverter
config.storage.topic=configs
offset.storage.topic=offsets
status.storage.topic=statuses
%s`, strings.Join(w.cluster.ListenAddrs(), ","), more)
}

// doctor runs the command and returns what it prints, one finding a line.
func (w ward) doctor(want int, args ...string) string {
	w.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"connect", "doctor", "--config", "worker.properties"}, args...)
	code := runWith(w.Context(), builtin.Plugins(), args, &stdout, &stderr)
	if code != want {
		w.Errorf("%s: code %d, want %d\n%s%s", strings.Join(args, " "), code, want, &stdout, &stderr)
	}
	if strings.Contains(stdout.String()+stderr.String(), "top-secret") {
		w.Errorf("a secret is shown:\n%s%s", &stdout, &stderr)
	}
	folded := regexp.MustCompile(`\n +(→ )?`).ReplaceAllString(stdout.String(), " $1")
	return folded + stderr.String()
}

// has wants lines that begin with a result and hold all the texts, which " ... " divides.
func (w ward) has(out string, wants ...string) {
	w.Helper()
	for _, want := range wants {
		pattern := `(?m)^` + strings.ReplaceAll(regexp.QuoteMeta(want), `\.\.\.`, `.*`)
		if !regexp.MustCompile(strings.ReplaceAll(pattern, " ", " +")).MatchString(out) {
			w.Errorf("no finding %q in\n%s", want, out)
		}
	}
}

const factorOne = "config.storage.replication.factor=1\noffset.storage.replication.factor=1\nstatus.storage.replication.factor=1\n"

func TestDoctorFindsAWorkerThatCanStart(t *testing.T) {
	w := newWard(t)
	w.worker(factorOne)
	out := w.doctor(ExitOK)
	w.has(out, "ok worker.properties: valid", "ok bootstrap server 127.0.0.1:...answers in...Kafka ...PLAINTEXT",
		"ok broker 0 127.0.0.1:", "ok topic configs (config.storage.topic): it does not exist and can be made",
		"ok topic offsets", "ok topic statuses", "ok group shop (the worker)", "skipped clock of the controller")
	adm := kafkatest.Client(t, w.cluster.ListenAddrs())
	req := kmsg.NewPtrMetadataRequest()
	resp, err := req.RequestWith(t.Context(), adm)
	if err != nil || len(resp.Topics) != 0 {
		t.Errorf("there are %d topics, %v: the doctor makes none", len(resp.Topics), err)
	}
}

func TestDoctorFindsWhatIsWrongWithTopics(t *testing.T) {
	w := newWard(t, kfake.SeedTopics(3, "configs", "offsets"))
	w.worker("offset.storage.replication.factor=1\n")
	w.file("sink.json", `{"name": "read", "config": {"connector.class": "FileStreamSink", "topics": "offsets,absent", "file": "no/out",
		"errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dead"}}`)
	w.file("source.json", `{"name": "written", "config": {"connector.class": "FileStreamSource", "topic": "new", "file": "in",
		"topic.creation.default.partitions": "1", "topic.creation.default.replication.factor": "1"}}`)
	w.has(w.doctor(ExitFailure, "sink.json", "source.json"),
		"failed topic configs (config.storage.topic): 3 partitions,...it has to have one partition...cleanup.policy is delete...→ ...kafka-configs.sh",
		"failed topic statuses (status.storage.topic): it does not exist, and cannot be made with 3 replicas: there is 1 broker → "+
			"set status.storage.replication.factor",
		"warning topic absent (read by connector read): it does not exist...→ make it: suiro topics create absent",
		"ok group connect-read (connector read)", "failed topic dead (dead letters of connector read)",
		"ok topic new (written by connector written): it does not exist and can be made",
		"failed connector read: look for the folder of the file", "ok connector written: in is not there yet and is waited for",
		"suiro: ")
}

func TestDoctorFindsRightsThatAreMissing(t *testing.T) {
	allow := func(of kmsg.ACLResourceType, name string, o kmsg.ACLOperation) kfake.ACL {
		return kfake.ACL{Resource: of, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: o, Allow: true}
	}
	w := newWard(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.SeedTopics(1, "configs", "offsets", "orders"),
		kfake.Superuser("PLAIN", "root", "root"),
		kfake.User("PLAIN", "shop", "top-secret", allow(kmsg.ACLResourceTypeTopic, "configs", kmsg.ACLOperationRead),
			allow(kmsg.ACLResourceTypeTopic, "orders", kmsg.ACLOperationWrite),
			allow(kmsg.ACLResourceTypeGroup, "shop", kmsg.ACLOperationDescribe)))
	login := "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=shop\nsasl.password=%s\n"
	w.worker(factorOne + fmt.Sprintf(login, "top-secret") + "exactly.once.source.support=enabled\n")
	w.file("source.json", `{"name": "written", "config": {"connector.class": "FileStreamSource", "topic": "orders", "file": "in"}}`)
	w.has(w.doctor(ExitFailure, "source.json"),
		"ok broker 0...SASL_PLAINTEXT with PLAIN",
		"failed topic configs...the user of the worker may not Write;...→ give that user the ACL Write on the topic configs",
		"failed topic offsets (offset.storage.topic): the user of the worker may not see whether it exists",
		"failed group shop...may not Read → give that user the ACL Read on the group shop",
		"ok topic orders (written by connector written)",
		"failed transactional id connect-cluster-shop (the worker): the user of the worker may not Describe it",
		"failed transactional id shop-written-0 (connector written)")
	w.worker(factorOne + fmt.Sprintf(login, "top-secret-but-wrong"))
	w.has(w.doctor(ExitFailure), "failed bootstrap server...check the user name and password in sasl.jaas.config",
		"skipped topics, rights, groups and workers: no bootstrap server answers")
}

func TestDoctorAsksRegistriesAndOutsideSystems(t *testing.T) {
	w := newWard(t)
	refusing := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusUnauthorized) }))
	defer refusing.Close()
	w.worker(factorOne + "value.converter=io.confluent.connect.avro.AvroConverter\nvalue.converter.schema.registry.url=" +
		refusing.URL + "\nvalue.converter.basic.auth.credentials.source=USER_INFO\nvalue.converter.basic.auth.user.info=shop:top-secret\n")
	w.file("sink.json", `{"name": "es", "config": {"connector.class": "ElasticsearchSink", "topics": "t", "connection.url": "%s",
		"connection.username": "shop", "connection.password": "top-secret"}}`, refusing.URL)
	w.has(w.doctor(ExitFailure), "failed value.converter of the worker: schema registry: ask for its compatibility level")
	w.has(w.doctor(ExitFailure, "sink.json"), "failed value.converter of es: schema registry...check basic.auth.user.info",
		"failed connector es: look for Elasticsearch at "+refusing.URL+"...check connection.username and connection.password")
}

func TestDoctorLooksAtTheDiskOfAStandaloneWorker(t *testing.T) {
	w := newWard(t)
	lines := "bootstrap.servers=%s\nkey.converter=StringConverter\nvalue.converter=StringConverter\noffset.storage.file.filename=%s\n"
	address := w.cluster.ListenAddrs()[0]
	w.file("worker.properties", lines, address, filepath.Join(t.TempDir(), "offsets"))
	w.has(w.doctor(ExitOK), "ok folder ...MiB free")
	w.file("worker.properties", lines, address, "no/offsets")
	w.has(w.doctor(ExitFailure), "failed folder no: look at no:...→ make the folder")
}

func TestDoctorAsksTheOtherWorkers(t *testing.T) {
	w := newWard(t)
	w.worker(factorOne)
	url := ""
	w.cluster.ControlKey(int16(kmsg.DescribeGroups), func(req kmsg.Request) (kmsg.Response, error, bool) {
		w.cluster.KeepControl()
		return groupWith(req.(*kmsg.DescribeGroupsRequest), url), nil, true
	})
	for name, c := range map[string]struct {
		answer, date string
		want         string
		code         int
	}{
		"same cluster":  {`{"version":"v1","kafka_cluster_id":"CLUSTER"}`, "", "ok worker URL: answers, version v1; its clock is ahead", ExitOK},
		"other cluster": {`{"version":"v1","kafka_cluster_id":"east"}`, "", "failed worker URL...its Kafka cluster is east", ExitFailure},
		"something":     {`{}`, "", "failed worker URL: URL is no answer of a worker", ExitFailure},
		"slow clock":    {`{"version":"v1"}`, "Mon, 02 Jan 2006 15:04:05 GMT", "warning worker URL...its clock is behind this machine's by", ExitOK},
	} {
		t.Run(name, func(t *testing.T) {
			w := ward{t, w.cluster}
			peer := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				if c.date != "" {
					rw.Header().Set("Date", c.date)
				}
				_, _ = rw.Write([]byte(strings.ReplaceAll(c.answer, "CLUSTER", w.clusterID())))
			}))
			defer peer.Close()
			url = peer.URL + "/"
			w.has(w.doctor(c.code), strings.ReplaceAll(c.want, "URL", url))
		})
	}
}

// clusterID is the id that the brokers tell.
func (w ward) clusterID() string {
	resp, err := kmsg.NewPtrMetadataRequest().RequestWith(w.Context(), kafkatest.Client(w, w.cluster.ListenAddrs()))
	if err != nil || resp.ClusterID == nil {
		w.Fatalf("no cluster id: %v", err)
	}
	return *resp.ClusterID
}

// groupWith describes the group of a worker whose REST API is at an address.
func groupWith(req *kmsg.DescribeGroupsRequest, url string) *kmsg.DescribeGroupsResponse {
	resp := req.ResponseKind().(*kmsg.DescribeGroupsResponse)
	g, m := kmsg.NewDescribeGroupsResponseGroup(), kmsg.NewDescribeGroupsResponseGroupMember()
	metadata := []byte{0, 0, 0, byte(len(url))} // version 0, see package group
	m.ProtocolMetadata = append(append(metadata, url...), make([]byte, 8)...)
	g.Group, g.State, g.ProtocolType, g.AuthorizedOperations = req.Groups[0], "Stable", "connect", 1<<3|1<<8
	g.Members = append(g.Members, m)
	resp.Groups = append(resp.Groups, g)
	return resp
}

func TestDoctorPrintsJSONAndRefusesWrongCommandLines(t *testing.T) {
	w := newWard(t)
	w.worker(factorOne)
	out := w.doctor(ExitOK, "-o", "json")
	w.has(out, `{"result":"ok","subject":"worker.properties","message":"valid"}`)
	w.has(w.doctor(ExitUsage, "absent.json"), "suiro: absent.json: no such file")
	w.has(w.doctor(ExitUsage, "--timeout", "0s"), "suiro: --timeout 0s: must be more than 0")
	w.file("worker.properties", "bootstrap.server=x:1\n")
	w.has(w.doctor(ExitFailure), "failed worker.properties: ...did you mean \"bootstrap.servers\"?")
	w.worker(factorOne)
	w.cluster.Close()
	w.has(w.doctor(ExitFailure, "--timeout", "3s"), "failed bootstrap server...nothing listens there")
}
