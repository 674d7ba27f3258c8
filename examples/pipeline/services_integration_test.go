//go:build integration

package pipeline_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// ownedServices are services that only one test uses, and that it may break.
type ownedServices struct {
	t    *testing.T
	base int
	env  []string
}

// blocks has the first port of the block to try next. Test processes begin at
// different blocks. All blocks are below the ports that the system uses for outgoing
// connections, because such a port could be taken after it was found to be free.
var blocks = struct {
	sync.Mutex
	next int
}{next: 13000 + 100*(os.Getpid()%50)}

// ownServices finds a free block of ports. Services that run on it are stopped when
// the test ends.
func ownServices(t *testing.T) *ownedServices {
	t.Helper()
	if _, err := exec.LookPath("java"); err != nil {
		unavailable(t, "java is not on PATH: install a JDK of version 17 or newer")
	}
	o := &ownedServices{t: t, base: freeBlock(t)}
	o.env = append(os.Environ(), fmt.Sprintf("SUIRO_SERVICES_PORT=%d", o.base), "SUIRO_SERVICES_STATE="+t.TempDir(),
		"SUIRO_ES_HEAP=512m", "SUIRO_KAFKA_HEAP=-Xms256m -Xmx512m")
	t.Cleanup(func() { o.run("services", "wipe") })
	return o
}

// setenv sets a variable of the scripts.
func (o *ownedServices) setenv(name, value string) { o.env = append(o.env, name+"="+value) }

// address is that of a service at its place in the block.
func (o *ownedServices) address(port int) string { return fmt.Sprintf("127.0.0.1:%d", o.base+port) }

// run calls one of the services' scripts.
func (o *ownedServices) run(script string, args ...string) {
	o.t.Helper()
	cmd := exec.Command("../../scripts/services/"+script, args...)
	cmd.Env = o.env
	if out, err := cmd.CombinedOutput(); err != nil {
		o.t.Fatalf("%s %s: %v\n%s", script, strings.Join(args, " "), err, out)
	}
}

// freeAddress returns an address for a server that is not one of the services.
func freeAddress(t *testing.T) string { return fmt.Sprintf("127.0.0.1:%d", freeBlock(t)) }

// freeBlock finds a block of ports that no process uses.
func freeBlock(t *testing.T) int {
	t.Helper()
	blocks.Lock()
	defer blocks.Unlock()
	for ; blocks.next < 28000; blocks.next += 100 {
		free := true
		for _, port := range []int{0, 10, 11, 15, 20, 30, 31, 32, 33, 34, 40, 41} {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", blocks.next+port))
			if err != nil {
				free = false
				break
			}
			l.Close()
		}
		if free {
			blocks.next += 100
			return blocks.next - 100
		}
	}
	t.Fatal("no free ports from 13000 to 28000")
	return 0
}
