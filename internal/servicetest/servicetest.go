// Package servicetest starts real services that one test owns, so that it may stop,
// kill and break them: Kafka, Elasticsearch, HDFS, Hive and the schema registry of
// scripts/services, on ports and data of their own.
//
//	own := servicetest.Own(t)
//	own.Run("kafka.sh", "up")
//	cl := kafkatest.Client(t, []string{own.Kafka()})
//	own.Run("kafka.sh", "kill")
package servicetest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// Services are services that one test owns. They are stopped and their data is
// removed when it ends. Its methods may be called from the test's goroutine.
type Services struct {
	t       testing.TB
	scripts string
	base    int
	state   string // folder of what the services keep
	env     []string
}

// Own finds free ports for services. Without Java it skips the test, or fails it
// when SUIRO_REQUIRE_SERVICES is 1. The memory of the services is small, and so is
// what env sets: variables of the scripts as NAME=value.
func Own(t testing.TB, env ...string) *Services {
	t.Helper()
	if _, err := exec.LookPath("java"); err != nil {
		const what = "java is not on PATH: install a JDK of version 17 or newer"
		if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	s := &Services{t: t, scripts: scripts(t), base: freeBlock(t), state: t.TempDir()}
	s.env = append(os.Environ(), fmt.Sprintf("SUIRO_SERVICES_PORT=%d", s.base), "SUIRO_SERVICES_STATE="+s.state,
		"SUIRO_ES_HEAP=512m", "SUIRO_KAFKA_HEAP=-Xms256m -Xmx512m",
		"SUIRO_CONNECT_HEAP=-Xms128m -Xmx512m")
	s.env = append(s.env, env...)
	t.Cleanup(func() { s.Run("services", "wipe") })
	return s
}

// Run calls one of the scripts of scripts/services, for instance kafka.sh with up,
// and returns what it printed. The test fails when the script does.
func (s *Services) Run(script string, args ...string) string {
	s.t.Helper()
	out, err := s.Try(script, args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// Try is Run that returns the error; any goroutine may call it.
func (s *Services) Try(script string, args ...string) (string, error) {
	cmd := exec.Command(filepath.Join(s.scripts, script), args...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", script, strings.Join(args, " "), err, out)
	}
	return string(out), err
}

// Setenv sets a variable of the scripts from here on.
func (s *Services) Setenv(name, value string) { s.env = append(s.env, name+"="+value) }

// Log returns what a service has logged, such as kafka or connect: since it was started
// last, and behind what it logged the time before. It is empty when there is nothing.
func (s *Services) Log(service string) string {
	file := filepath.Join(s.state, service, "logs", service+".log")
	before, _ := os.ReadFile(file + ".1")
	now, _ := os.ReadFile(file)
	return string(before) + string(now)
}

// Kafka is the address of the broker, and KafkaGuarded that of a second listener,
// which the variable SUIRO_KAFKA_CONF of the scripts can give it.
func (s *Services) Kafka() string { return s.address(10) }

// Brokers are the addresses of the three brokers that SUIRO_KAFKA_BROKERS=3 of the scripts asks for.
func (s *Services) Brokers() []string { return []string{s.address(10), s.address(16), s.address(17)} }

// KafkaGuarded is described at Kafka.
func (s *Services) KafkaGuarded() string { return s.address(15) }

// Connect is the address of the REST API of the Java worker.
func (s *Services) Connect() string { return s.address(13) }

// Elasticsearch is the URL of the node.
func (s *Services) Elasticsearch() string { return "http://" + s.address(20) }

// HDFS is the address of the name node.
func (s *Services) HDFS() string { return s.address(30) }

// Metastore and HiveServer are the addresses of Hive's two servers.
func (s *Services) Metastore() string { return s.address(40) }

// HiveServer is described at Metastore.
func (s *Services) HiveServer() string { return s.address(41) }

// Registry is the URL of the schema registry.
func (s *Services) Registry() string { return "http://" + s.address(50) + "/apis/ccompat/v7" }

// RealRegistry returns the URL of the schema registry that SUIRO_REGISTRY names. Without
// one it skips the test, or fails it when SUIRO_REQUIRE_SERVICES is 1.
func RealRegistry(t testing.TB) string {
	t.Helper()
	url := os.Getenv("SUIRO_REGISTRY")
	if url == "" {
		const what = "SUIRO_REGISTRY is not set: start a schema registry with scripts/services/services up registry"
		if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	return url
}

// JavaWorker returns the URL of a Kafka Connect worker in Java: that of the variable
// SUIRO_CONNECT, which other tests use too, or else one that the test owns, with a
// Kafka of its own.
func JavaWorker(t testing.TB, env ...string) string {
	t.Helper()
	if url := os.Getenv("SUIRO_CONNECT"); url != "" {
		return url
	}
	s := Own(t, env...)
	s.Run("services", "up", "connect")
	return "http://" + s.address(13)
}

func (s *Services) address(port int) string { return fmt.Sprintf("127.0.0.1:%d", s.base+port) }

// FreeAddress returns an address on which nothing listens, for a server of the test.
func FreeAddress(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", freeBlock(t))
}

// scripts finds scripts/services from the folder of the test.
func scripts(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return filepath.Join(dir, "scripts", "services")
		}
		if filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatalf("find scripts/services: no go.mod above the test's folder (%v)", err)
	return ""
}

// next is the block to try next, so that no two callers in a process get the same.
var next atomic.Int64

// freeBlock finds a block of ports that no process uses. Test processes begin at
// different blocks, and all are below the ports that the system uses for outgoing
// connections, because such a port could be taken after it was found to be free.
func freeBlock(t testing.TB) int {
	t.Helper()
	const first, blocks = 10000, 180
	for range blocks {
		base := first + 100*((os.Getpid()+int(next.Add(1)))%blocks)
		if isFree(base) {
			return base
		}
	}
	t.Fatal("no free ports from 10000 to 28000")
	return 0
}

func isFree(base int) bool {
	for _, port := range []int{0, 10, 11, 13, 15, 16, 17, 20, 30, 31, 32, 33, 34, 40, 41, 50} {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", base+port))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}
