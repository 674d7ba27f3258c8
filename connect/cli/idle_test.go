package cli

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// argsVariable tells a test that it is a worker which may have 256 files open. Its value
// is the worker's arguments, a line each.
const argsVariable = "SUIRO_TEST_FEW_FILES"

// startWithFewFiles starts a worker in a process of its own, and stops it at the end of
// the test.
func startWithFewFiles(t *testing.T, args ...string) (log *output) {
	t.Helper()
	log = &output{}
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	c.Env = append(os.Environ(), argsVariable+"="+strings.Join(args, "\n"))
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGKILL) // how it ends is no part of the test
		_ = c.Wait()
	})
	return log
}

// runWithFewFiles is the worker's side of startWithFewFiles.
func runWithFewFiles(t *testing.T, args string) {
	few := syscall.Rlimit{Cur: 256, Max: 256}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	run(t.Context(), strings.Split(args, "\n"), io.Discard, os.Stderr)
}

// Clients that connect and send nothing, or half a request, take neither the files that
// connectors need nor the answers that others wait for.
func TestIdleConnectionsLeaveTheWorkerItsFiles(t *testing.T) {
	if args := os.Getenv(argsVariable); args != "" {
		runWithFewFiles(t, args)
		return
	}
	kafka := startKafka(t, kfake.SeedTopics(1, "lines"))
	folder := t.TempDir()
	in, out := filepath.Join(folder, "in.txt"), filepath.Join(folder, "out.txt")
	write(t, in, "before\n")
	log := startWithFewFiles(t, "connect", "--config", workerFile(t, kafka, anyPort),
		writeFile(t, "source.json", `{"name":"in","config":{"connector.class":"FileStreamSource","file":"`+in+`","topic":"lines"}}`),
		writeFile(t, "sink.json", `{"name":"out","config":{"connector.class":"FileStreamSink","file":"`+out+`","topics":"lines"}}`))
	waitFor(t, "the first line in the file", log, func() bool { return read(out) == "before\n" })
	listen := restAddress(t, log)
	for i := range 1000 {
		c, err := net.Dial("tcp", listen)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		defer c.Close()
		fmt.Fprint(c, []string{"", "GET / HT", "PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"}[i%3])
	}
	write(t, in, "after\n")
	waitFor(t, "the second line in the file", log, func() bool { return read(out) == "before\nafter\n" })
	waitFor(t, "a healthy worker", log, func() bool {
		resp, err := http.Get("http://" + listen + "/health")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// write appends to a file.
func write(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func read(path string) string {
	text, _ := os.ReadFile(path) // it may not be there yet
	return string(text)
}
