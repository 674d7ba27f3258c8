package cli

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/config"
)

// lingering is a source whose task takes its time to stop.
type lingering struct {
	connect.SourceTask
	stopping, release chan struct{}
}

func (lingering) Start(context.Context, config.Values) error   { return nil }
func (lingering) TaskConfigs(int) ([]map[string]string, error) { return connect.SameConfig(1), nil }
func (lingering) Stop() error                                  { return nil }
func (l lingering) NewTask() connect.SourceTask                { return lingeringTask{l} }

type lingeringTask struct{ lingering }

func (lingeringTask) Start(context.Context, connect.SourceContext, config.Values) error { return nil }

func (lingeringTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	<-ctx.Done()
	return nil, nil
}

func (l lingeringTask) Stop() error {
	close(l.stopping)
	<-l.release
	return nil
}

// While a worker stops, whoever asks is told so.
func TestTheAPIAnswersUntilTheWorkerHasStopped(t *testing.T) {
	l := lingering{stopping: make(chan struct{}), release: make(chan struct{})}
	plugins := builtin.Plugins().With(connect.Plugins{Sources: []connect.SourcePlugin{{
		Info: connect.Info{Class: "example.Lingering"}, New: func() connect.SourceConnector { return l }}}})
	file := writeFile(t, "source.json", `{"name":"src","config":{"connector.class":"example.Lingering"}}`)
	ctx, cancel := context.WithCancel(t.Context())
	code, log := make(chan int, 1), &output{}
	go func() {
		code <- runWith(ctx, plugins, []string{"connect", "--config", workerFile(t, startKafka(t), anyPort), file}, io.Discard, log)
	}()
	waitFor(t, "the task to run", log, func() bool { return strings.Contains(log.String(), "task started") })
	url := "http://" + restAddress(t, log)
	cancel()
	<-l.stopping
	for path, want := range map[string]int{"/health": http.StatusInternalServerError, "/ready": http.StatusServiceUnavailable} {
		resp, err := http.Get(url + path)
		if err != nil {
			t.Errorf("GET %s while the worker stops: %v", path, err)
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want || !strings.Contains(string(body), "shutting down") {
			t.Errorf("GET %s while the worker stops = %d %s, want %d", path, resp.StatusCode, body, want)
		}
	}
	close(l.release)
	if got := <-code; got != 0 {
		t.Errorf("the worker ended with %d, want 0:\n%s", got, log)
	}
}
