// Package stage is what is attacked: a worker and three stream apps between real Kafka,
// Elasticsearch and HDFS, each a process under a hard limit of memory, with folders of
// their own and other folders around these.
//
//	access.log ─▶ worker ─▶ ltsv ─▶ ltsv-json ─▶ json ─┬▶ worker ─▶ Elasticsearch, HDFS, a file
//	                          └▶ worker ─▶ a file      ├▶ json-avro ─▶ avro
//	                                                   └▶ server-stats
package stage

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/hdfs/readback"
)

// Options say where a stage stands.
type Options struct {
	// Names are those of the run.
	Names
	// Kafka are addresses of brokers, host:port.
	Kafka []string
	// Elasticsearch is the URL of a node.
	Elasticsearch string
	// HDFS is the address of the name node, host:port.
	HDFS string
	// Registry is the URL of the schema registry of the lane of Avro records.
	Registry string
	// Dir is an empty folder of the run on this machine.
	Dir string
	// Limit is the hard limit of each process in bytes.
	Limit int64
	// Module is the folder of go.mod, whose programs are built.
	Module string
	// Programs is a folder with the programs, already built. Default: they are built.
	Programs string
}

// Stage is a worker and three apps, and their surroundings.
type Stage struct {
	Options

	// Logs is the folder of the processes' output.
	Logs string
	// Around is the folder that nothing may write to, but for Given in it.
	Around string
	// Given is the folder with all that the processes were given.
	Given string
	// Source is the folder of the log that is read, and Sink that of the files that are
	// written; State has a folder for each app.
	Source, Sink, State string
	// Storage are the files of HDFS, and Folder the folder of the run there. Below it
	// Topics is the topics.dir of honest records, and Other that of the sinks whose logs
	// of commits are attacked.
	Storage               storage.Storage
	Folder, Topics, Other string

	// Worker, LTSV, Avro and Stats are the processes; Member is a worker in a group.
	Worker, LTSV, Avro, Stats, Member *Process
}

// New makes the folders and topics, builds the programs and prepares the processes.
func New(ctx context.Context, o Options) (*Stage, error) {
	s := &Stage{Options: o, Logs: filepath.Join(o.Dir, "logs"),
		Around: filepath.Join(o.Dir, "around"), Folder: "/" + o.Run, Topics: "/" + o.Run + "/topics",
		Other: "/" + o.Run + "/other"}
	s.Given = filepath.Join(s.Around, "given")
	s.Source, s.Sink = filepath.Join(s.Given, "source"), filepath.Join(s.Given, "sink")
	s.State = filepath.Join(s.Given, "state")
	for _, dir := range []string{s.Logs, s.Source, s.Sink, s.State, filepath.Join(s.Around, "near")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	if err := s.build(ctx); err != nil {
		return nil, err
	}
	if err := s.makeTopics(ctx); err != nil {
		return nil, err
	}
	if err := s.template(ctx); err != nil {
		return nil, err
	}
	var err error
	if s.Storage, _, err = readback.Open("hdfs://"+o.HDFS, s.Folder); err != nil {
		return nil, fmt.Errorf("reach HDFS: %w", err)
	}
	return s, s.prepare()
}

// build builds the programs as they are shipped.
func (s *Stage) build(ctx context.Context) error {
	if s.Programs != "" {
		return nil
	}
	s.Programs = filepath.Join(s.Dir, "bin")
	build := exec.CommandContext(ctx, "go", "build", "-o", s.Programs+"/", "./cmd/suiro", "./examples/ltsv-json",
		"./examples/json-avro", "./examples/server-stats")
	build.Dir, build.Env = s.Module, append(os.Environ(), "CGO_ENABLED=0") // as they are shipped
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return nil
}

// prepare writes the configurations and prepares the processes.
func (s *Stage) prepare() error {
	var addrs [5]string
	for i := range addrs {
		var err error
		if addrs[i], err = freeAddress(); err != nil {
			return err
		}
	}
	args, err := s.workerArgs(addrs[0])
	if err != nil {
		return err
	}
	s.Worker = s.newProcess("worker", "suiro", args...)
	if args, err = s.memberArgs(addrs[4]); err != nil {
		return err
	}
	s.Member = s.newProcess("member", "suiro", args...)
	s.LTSV = s.newProcess("ltsv-json", "ltsv-json", s.appArgs("ltsv-json", addrs[1], "ltsv",
		"--output-topic", s.Topic("json"))...)
	schema := filepath.Join(s.Given, "honest.avsc")
	if err := os.WriteFile(schema, []byte(honestSchema), 0o600); err != nil {
		return err
	}
	s.Avro = s.newProcess("json-avro", "json-avro", s.appArgs("json-avro", addrs[2], "json",
		"--output-topic", s.Topic("avro"), "--schema-file", schema)...)
	s.Stats = s.newProcess("server-stats", "server-stats", s.appArgs("server-stats", addrs[3], "json")...)
	for i, p := range s.All() {
		p.HTTP = addrs[i]
	}
	return nil
}

// All are the processes.
func (s *Stage) All() []*Process { return []*Process{s.Worker, s.LTSV, s.Avro, s.Stats, s.Member} }

// Start starts all processes.
func (s *Stage) Start() error {
	for _, p := range s.All() {
		if err := p.Start(); err != nil {
			return err
		}
	}
	return nil
}

// Stop stops all processes.
func (s *Stage) Stop() error {
	var errs []error
	for _, p := range s.All() {
		errs = append(errs, p.Stop())
	}
	return errors.Join(errs...)
}

// Remove deletes topics, groups, indices and files of the run. Its processes have ended.
func (s *Stage) Remove(ctx context.Context) error {
	return errors.Join(s.removeKafka(ctx), s.removeIndices(ctx), s.Storage.Remove(s.Folder))
}

// Close kills what still runs.
func (s *Stage) Close() {
	for _, p := range s.All() {
		p.Kill()
	}
	_ = s.Storage.Close() // nothing is being written
}

// freeAddress is one on which nothing listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// LogFile is the log that the honest source follows.
func (s *Stage) LogFile() string { return filepath.Join(s.Source, "access.log") }

// Planted is the path of the file of a source that waits for it: hostile files appear
// there. There are [Plants] of them.
func (s *Stage) Planted(n int) string {
	return filepath.Join(s.Source, fmt.Sprintf("planted-%d.log", n))
}

// Logs is how many sinks for HDFS have a log of commits that is attacked.
const Logs = 4

// Plants is how many sources wait for a hostile file.
const Plants = 8

// newProcess prepares a process that runs a program of the stage in a folder of its own,
// in which it has nothing to write.
func (s *Stage) newProcess(name, program string, args ...string) *Process {
	command := append([]string{filepath.Join(s.Programs, program)}, args...)
	return &Process{Name: name, Log: filepath.Join(s.Logs, name+".log"), command: command, limit: s.Limit,
		dir: s.Around, env: []string{"HOME=" + s.Around, "TMPDIR=" + s.Around, "GOTRACEBACK=single"}}
}
