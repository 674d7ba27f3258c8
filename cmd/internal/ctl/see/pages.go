package see

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/cmd/internal/ctl/rates"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
)

const (
	// pageTimeout bounds what is waited for a page of metrics.
	pageTimeout = 2 * time.Second
	// pagePause is how long a page is not asked again that did not answer.
	pagePause = 30 * time.Second
)

// pages are the pages of metrics of the workers of a cluster. It is used by one
// goroutine.
type pages struct {
	given  []string // addresses whose pages are read beside those of the workers
	scheme string
	open   func(url string) (*client.Client, error)
	known  map[string]*metricsPage
}

// metricsPage is the page of one address.
type metricsPage struct {
	client *client.Client
	notYet time.Time // it is not asked before
}

// newPages checks the URLs of further pages; first is an address of the cluster, whose
// scheme the others have too, and open makes a client of an address.
func newPages(given []string, first string, open func(string) (*client.Client, error)) (*pages, error) {
	p := &pages{scheme: "http", open: open, known: map[string]*metricsPage{}}
	if u, err := url.Parse(first); err == nil && u.Scheme == "https" {
		p.scheme = "https"
	}
	for _, each := range given {
		address := strings.TrimSuffix(strings.TrimRight(each, "/"), "/metrics")
		p.given = append(p.given, address)
		if p.page(address) == nil {
			_, err := open(address)
			return nil, err
		}
	}
	return p, nil
}

// page is the page of an address, nil when there can be none.
func (p *pages) page(address string) *metricsPage {
	if known, ok := p.known[address]; ok {
		return known
	}
	var out *metricsPage
	if cl, err := p.open(address); err == nil {
		out = &metricsPage{client: cl}
	}
	p.known[address] = out
	return out
}

// read returns what all tasks have counted, as far as a page says it.
func (p *pages) read(ctx context.Context, all map[string]api.ExpandedConnector) map[api.TaskID]rates.Counts {
	ctx, cancel := context.WithTimeout(ctx, pageTimeout)
	defer cancel()
	var mu sync.Mutex // guards out
	var wait sync.WaitGroup
	out := map[api.TaskID]rates.Counts{}
	for _, address := range p.addresses(all) {
		page := p.page(address)
		if page == nil || time.Now().Before(page.notYet) {
			continue
		}
		wait.Go(func() {
			counts, err := page.read(ctx)
			if err != nil {
				page.notYet = time.Now().Add(pagePause)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for id, c := range counts {
				out[id] = c
			}
		})
	}
	wait.Wait()
	return out
}

func (m *metricsPage) read(ctx context.Context) (map[api.TaskID]rates.Counts, error) {
	text, err := m.client.Metrics(ctx)
	if err != nil {
		return nil, err
	}
	return rates.Parse(text)
}

// addresses are those of the given pages and of the workers that run tasks, each once.
func (p *pages) addresses(all map[string]api.ExpandedConnector) []string {
	out := append([]string(nil), p.given...)
	for _, e := range all {
		if e.Status == nil {
			continue
		}
		for _, t := range e.Status.Tasks {
			if address := p.scheme + "://" + t.WorkerID; t.WorkerID != "" && !slices.Contains(out, address) {
				out = append(out, address)
			}
		}
	}
	return out
}
