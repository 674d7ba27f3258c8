package elasticsearch

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
)

func TestCheckAsksEachNode(t *testing.T) {
	es, refusing := newFakeES(t), newFakeES(t)
	refusing.root = 401
	for name, c := range map[string]struct {
		urls        string
		found, want string // "" for no error
	}{
		"one":            {es.server.URL, "at " + es.server.URL, ""},
		"nobody listens": {"http://127.0.0.1:1", "", "look for Elasticsearch at http://127.0.0.1:1"},
		"one of two":     {es.server.URL + ",http://127.0.0.1:1", "at " + es.server.URL, "127.0.0.1:1"},
		"lets nobody in": {refusing.server.URL, "", "check connection.username and connection.password"},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := connecttest.TryParse(Plugin().Info, map[string]string{"connection.url": c.urls})
			if err != nil {
				t.Fatal(err)
			}
			found, err := (&SinkConnector{}).Check(t.Context(), v)
			if !strings.Contains(found, c.found) || (err == nil) != (c.want == "") {
				t.Errorf("Check = %q, %v, want %q and the error %q", found, err, c.found, c.want)
			}
			if err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "top-secret")) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
}
