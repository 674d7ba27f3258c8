package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/herder/api"
)

// workerGroup looks at the group of the worker, at the other workers in it, and at the id
// of the transactions that they write configurations in.
func workerGroup(ctx context.Context, e *examination) (out []*finding) {
	d := e.worker.Distributed
	if d == nil {
		return nil
	}
	v, err := visit("the worker", &e.worker.Admin)
	if err != nil {
		return []*finding{about("group %s", e.worker.GroupID).note(failed, err.Error(), "")}
	}
	defer v.close()
	f, g := ofGroup(ctx, e, v, e.worker.GroupID, workers)
	out = append(out, f)
	if e.worker.ExactlyOnce {
		writer, err := visit("the worker", &e.worker.Producer)
		if err != nil {
			return append(out, about("transactions of the worker").note(failed, err.Error(), ""))
		}
		defer writer.close()
		out = append(out, ofTransactions(ctx, e, writer, "connect-cluster-"+e.worker.GroupID))
	}
	if g.ProtocolType != workers {
		return out
	}
	var urls []string
	for _, m := range g.Members {
		if url, err := group.Address(m.ProtocolMetadata); err == nil && url != "" && !slices.Contains(urls, url) {
			urls = append(urls, url)
		}
	}
	return append(out, ofPeers(ctx, e, urls)...)
}

// ofPeers asks the workers of the group.
func ofPeers(ctx context.Context, e *examination, urls []string) (out []*finding) {
	slices.Sort(urls)
	var versions []string
	for _, url := range urls {
		f := about("worker %s", url)
		out = append(out, f)
		info, clock, err := askWorker(ctx, e, url)
		if err != nil {
			f.note(failed, err.Error(), "check rest.advertised.host.name of that worker, and what is between")
			continue
		}
		switch {
		case info.Version == "":
			f.note(ok, "answers, and wants a login", "")
		default:
			f.note(ok, "answers, version "+info.Version, "")
			if !slices.Contains(versions, info.Version) {
				versions = append(versions, info.Version)
			}
		}
		if info.ClusterID != "" && e.cluster.ClusterID != "" && info.ClusterID != e.cluster.ClusterID {
			f.note(failed, fmt.Sprintf("its Kafka cluster is %s and this worker's %s", info.ClusterID,
				e.cluster.ClusterID),
				"check bootstrap.servers of both")
		}
		clock.note(f)
	}
	if len(versions) > 1 {
		out = append(out, about("versions of the workers").note(warning, strings.Join(versions, ", "),
			"finish the upgrade"))
	}
	return out
}

// askWorker asks a worker what it is. One that wants a login says nothing.
func askWorker(ctx context.Context, e *examination, url string) (info api.ServerInfo, c clock, err error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = e.worker.HTTPS.Client
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request,
			[]*http.Request) error {
			return errors.New("it redirects, which workers do not")
		}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(url, "/")+"/", nil)
	if err != nil {
		return info, c, err
	}
	began := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return info, c, err
	}
	defer resp.Body.Close()
	c = headerClock(resp.Header, began, time.Now())
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return info, c, nil
	case http.StatusOK:
		const most = 64 << 10
		if err := json.NewDecoder(io.LimitReader(resp.Body, most)).Decode(&info); err != nil || info.Version == "" {
			return info, c, fmt.Errorf("%s is no answer of a worker", url)
		}
		return info, c, nil
	}
	return info, c, fmt.Errorf("%s answers %s", url, resp.Status)
}
