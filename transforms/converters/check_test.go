package converters

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
)

func TestConvertersAskTheirRegistry(t *testing.T) {
	answering := func(status int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(s.Close)
		return s.URL
	}
	file := filepath.Join(t.TempDir(), "schema.avsc")
	if err := os.WriteFile(file, []byte(`"string"`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		props       map[string]string
		found, want string // "" for no error
	}{
		"there":     {map[string]string{"schema.registry.url": registryServer(t).URL()}, "compatibility BACKWARD", ""},
		"forbidden": {map[string]string{"schema.registry.url": answering(403)}, "settings this client may not see", ""},
		"password": {map[string]string{"schema.registry.url": answering(401), "basic.auth.credentials.source": "USER_INFO",
			"basic.auth.user.info": "shop:top-secret"}, "", "check basic.auth.user.info"},
		"nobody":         {map[string]string{"schema.registry.url": "http://127.0.0.1:1"}, "", "ask for its compatibility level"},
		"something else": {map[string]string{"schema.registry.url": answering(404)}, "", "is this a schema registry?"},
		"no registry":    {map[string]string{"schema.file": file}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := AvroDef().Parse(c.props)
			if err != nil {
				t.Fatal(err)
			}
			cv, err := NewAvro(v, false)
			if err != nil {
				t.Fatal(err)
			}
			found, err := connect.ConverterChecker(cv).Check(t.Context())
			if !strings.Contains(found, c.found) || (err == nil) != (c.want == "") {
				t.Errorf("Check = %q, %v, want %q and the error %q", found, err, c.found, c.want)
			}
			if err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "top-secret")) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
}
