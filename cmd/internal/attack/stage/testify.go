package stage

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// Testify has processes leave what tells where they stand, before they end: metrics and
// the states of connectors beside their logs, and the stacks of goroutines in these. What
// cannot be had is left out.
func Testify(ctx context.Context, processes ...*Process) {
	for _, p := range processes {
		keep(ctx, p, "metrics", "/metrics")
		keep(ctx, p, "connectors.json", "/connectors?expand=status")
	}
	for _, p := range processes {
		if p.cmd == nil || p.cmd.Process.Signal(syscall.SIGQUIT) != nil {
			continue
		}
		select {
		case <-p.done:
		case <-time.After(10 * time.Second):
		}
	}
}

// keep writes the answer to a request as a file beside the logs, or why there is none.
func keep(ctx context.Context, p *Process, what, path string) {
	text, err := get(ctx, "http://"+p.HTTP+path)
	if err != nil {
		text = fmt.Append(text, "\n", err, "\n")
	}
	_ = os.WriteFile(strings.TrimSuffix(p.Log, ".log")+"."+what, text, 0o600) // the trial has failed already
}

func get(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}
