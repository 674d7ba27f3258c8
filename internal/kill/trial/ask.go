package trial

import (
	"context"

	"github.com/suiro/suiro/internal/kill/verify"
)

// Stats asks all instances that run for their counts and adds them up.
func (t *Trial) Stats(ctx context.Context, path string) (verify.Stats, error) {
	var urls []string
	for _, i := range t.Instances {
		if i.Running() {
			urls = append(urls, "http://"+i.HTTP+path)
		}
	}
	return verify.AskStats(ctx, urls...)
}
