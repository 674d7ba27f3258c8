package elasticsearch

import (
	"context"
	"fmt"
	"time"
)

// find looks for the cluster once, and goes on in the background when it does
// not answer.
func (w *writer) find(ctx context.Context) error {
	first, cancel := context.WithTimeout(ctx, w.s.connectTimeout+w.s.readTimeout)
	defer cancel()
	version, err := w.client.check(first)
	if err == nil {
		w.found(version)
		return nil
	}
	if judgeRequest(err) == fatal || judgeRequest(err) == divide {
		return fmt.Errorf("look for Elasticsearch at %s: %s", joinURLs(w.s), explain(err))
	}
	w.log.Warn("elasticsearch does not answer, looking for it until it does", "url", joinURLs(w.s),
		"error", explain(err))
	w.health.remind(time.Now())
	w.wg.Go(w.search)
	return nil
}

// search looks for the cluster until it is found, and then lets the senders
// begin. Until then the partitions are paused once enough is buffered.
func (w *writer) search() {
	p := &pace{s: w.s, what: "look for Elasticsearch at " + joinURLs(w.s), born: time.Now()}
	for {
		p.steps++
		select {
		case <-time.After(p.wait()):
		case <-w.ctx.Done():
			return
		}
		ctx, cancel := context.WithTimeout(w.ctx, p.timeout())
		version, err := w.client.check(ctx)
		cancel()
		if err == nil {
			w.found(version)
			return
		}
		if v := judgeRequest(err); v == fatal || v == divide {
			w.fail(fmt.Errorf("%s: %s", p.what, explain(err)))
			return
		}
		if w.health.remind(time.Now()) {
			w.log.Warn("elasticsearch still does not answer", "url", joinURLs(w.s),
				"for", time.Since(p.born).Round(time.Second), "error", explain(err))
		}
	}
}

// found lets the senders begin.
func (w *writer) found(version string) {
	w.log.Info("elasticsearch found", "url", joinURLs(w.s), "version", version)
	close(w.ready)
}
