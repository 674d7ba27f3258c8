package dfs

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

// open counts the open connections.
func (f *FS) open() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.conns)
}

func writeConf(t *testing.T, name, properties string) string {
	t.Helper()
	dir := t.TempDir()
	text := "<configuration>" + properties + "</configuration>"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func property(name, value string) string {
	return "<property><name>" + name + "</name><value>" + value + "</value></property>"
}

func TestNameNodesOfAnAuthority(t *testing.T) {
	ha := writeConf(t, "hdfs-site.xml", property("dfs.ha.namenodes.prod", "a, b")+
		property("dfs.namenode.rpc-address.prod.a", "nn1:8020")+property("dfs.namenode.rpc-address.prod.b",
		"nn2:8020")+
		property("dfs.ha.namenodes.half", "a"))
	site := writeConf(t, "core-site.xml", property("fs.defaultFS", "hdfs://nn3:9000"))
	kerberos := writeConf(t, "core-site.xml", property("hadoop.security.authentication", "kerberos"))
	for _, c := range []struct {
		authority, conf string
		want            []string
		err             string
	}{
		{"nn:9000", "", []string{"nn:9000"}, ""},
		{"nn", "", []string{"nn:8020"}, ""},
		{"prod", ha, []string{"nn1:8020", "nn2:8020"}, ""},
		{"half", ha, nil, "no dfs.namenode.rpc-address.half.a"},
		{"", site, []string{"nn3:9000"}, ""},
		{"", "", nil, "set hadoop.conf.dir"},
		{"nn", kerberos, nil, "Kerberos"},
	} {
		f, err := New(c.authority, &Options{ConfDir: c.conf, User: "suiro"})
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("New(%q): %v, want %q", c.authority, err, c.err)
			}
			continue
		}
		if err != nil || !slices.Equal(f.opts.Addresses, c.want) {
			t.Errorf("New(%q): %v, %v, want %v", c.authority, f.opts.Addresses, err, c.want)
		}
	}
}

func TestNobodyThereIsAnErrorThatNamesTheNode(t *testing.T) {
	f, err := New("127.0.0.1:1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := list(f, "/"); err == nil || !strings.Contains(err.Error(), "connect to name node 127.0.0.1:1") {
		t.Errorf("List = %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := list(f, "/"); err == nil {
		t.Error("List works after Close")
	}
}

func TestForgottenConnectionsAreClosed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := New(l.Addr().String(), &Options{User: "suiro"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := f.dial(t.Context(), "tcp", l.Addr().String()); err != nil {
			t.Fatal(err)
		}
	}
	filesetstest.Eventually(t, "connections that nobody holds are closed", func() bool {
		runtime.GC()
		return f.open() == 0
	})
}

// TestANameNodeThatAsksForKerberosIsRefused: no waiting makes this client able to
// answer it.
func TestANameNodeThatAsksForKerberosIsRefused(t *testing.T) {
	err := explain(errors.New("unexpected sequence number"))
	if !errors.Is(err, storage.ErrRefused) || !strings.Contains(err.Error(), "Kerberos is not supported") {
		t.Errorf("explain = %v, want a refusal that names Kerberos", err)
	}
}

// list reads a whole directory.
func list(f *FS, dir string) error {
	for _, err := range f.List(dir) {
		if err != nil {
			return err
		}
	}
	return nil
}

// badNode answers each connection with some bytes, and then with zeros that never
// end.
func badNode(t *testing.T, begin []byte) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, err := c.Write(begin)
				for tick := time.NewTicker(time.Millisecond); err == nil; <-tick.C {
					_, err = c.Write([]byte{0})
				}
			}()
		}
	}()
	return l.Addr().String()
}

// TestACallEndsThoughItsAnswerDoesNot: each byte is in time, and the answer never is.
func TestACallEndsThoughItsAnswerDoesNot(t *testing.T) {
	f, err := New(badNode(t, []byte{0, 16, 0, 0}), &Options{User: "suiro", Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := list(f, "/"); err == nil {
		t.Error("List works without an answer")
	}
}

// TestAnAnswerCannotReserveAllMemory: four bytes ask for 2 GiB.
func TestAnAnswerCannotReserveAllMemory(t *testing.T) {
	f, err := New(badNode(t, []byte{0x7f, 0xff, 0xff, 0xff}), &Options{User: "suiro"})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const want = "begins an answer of 2147483647 bytes"
	if err := list(f, "/"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("List = %v, want %q", err, want)
	}
}
