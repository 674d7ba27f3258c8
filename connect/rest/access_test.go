package rest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/suiro/suiro/connect/access"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/rest"
)

// shop is a herder with connectors of two teams, of which one has failed.
type shop struct{ herder.Herder }

func (shop) Connectors(context.Context) ([]string, error) {
	return []string{"orders-eu", "orders-us", "sales"}, nil
}

func (shop) Health() api.HealthStatus {
	return api.HealthStatus{Status: api.Healthy, FailedConnectors: []string{"sales"}, FailedTasks: []api.TaskID{{Connector: "sales"}}}
}

func (shop) Ready() api.Readiness {
	return api.Readiness{Reasons: []string{"connector sales has failed"}}
}

// locked is a REST API whose callers are known by their names, which are their passwords.
func locked(t *testing.T, h herder.Herder, roles string) http.Handler {
	t.Helper()
	var users strings.Builder
	for _, grant := range strings.Split(roles, ",") {
		name, _, _ := strings.Cut(grant, "=")
		hash, err := bcrypt.GenerateFromPassword([]byte(name), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		users.WriteString(name + ":" + string(hash) + "\n")
	}
	file := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(file, []byte(users.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := config.New(access.Keys()...).Parse(map[string]string{
		"rest.authentication": "basic", "rest.basic.credentials.file": file, "rest.roles": roles})
	if err != nil {
		t.Fatal(err)
	}
	lock, err := access.New(v)
	if err != nil {
		t.Fatal(err)
	}
	return lock.Handler(rest.New(h, nil), nil)
}

func TestCallersSeeTheConnectorsOfTheirRoles(t *testing.T) {
	h := locked(t, shop{}, "all=read,eu=read:orders-eu,us=admin:orders-u?")
	for caller, want := range map[string]struct{ path, answer string }{
		"all":   {"/connectors", `["orders-eu","orders-us","sales"]`},
		"eu":    {"/connectors", `["orders-eu"]`},
		"us":    {"/connectors?expand=none", `{"orders-us":{}}`},
		"all ":  {"/health", "sales"},
		"all  ": {"/ready", "sales"},
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, want.path, nil)
		name := strings.TrimSpace(caller)
		r.SetBasicAuth(name, name)
		h.ServeHTTP(w, r)
		if got := strings.Join(strings.Fields(w.Body.String()), ""); !strings.Contains(got, want.answer) {
			t.Errorf("GET %s by %s = %s, want %s", want.path, name, got, want.answer)
		}
	}
}

// A probe asks without a login, and learns how the worker is but nothing of connectors.
func TestProbesSeeNoConnector(t *testing.T) {
	h := locked(t, shop{}, "all=read,eu=read:orders-eu")
	for path, status := range map[string]int{"/health": http.StatusOK, "/ready": http.StatusServiceUnavailable} {
		for _, name := range []string{"", "eu", "unknown"} {
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
			if name != "" {
				r.SetBasicAuth(name, name)
			}
			h.ServeHTTP(w, r)
			if w.Code != status || strings.Contains(w.Body.String(), "sales") {
				t.Errorf("GET %s by %q = %d %s, want %d without the name of a connector", path, name, w.Code, w.Body, status)
			}
		}
	}
}

// What is about a connector takes a role for it, and a path that nobody thought of takes
// the highest one: a caller without any role reaches none.
func TestEveryRouteAsksForARole(t *testing.T) {
	h := locked(t, shop{}, "other=admin:another")
	for _, route := range rest.Routes() {
		switch route.Method + " " + route.Path {
		case "GET /health", "GET /ready", "POST /connectors/{c}/tasks", "PUT /connectors/{c}/fence":
			continue // for probes, and for workers, which sign what they send
		}
		path := strings.NewReplacer("{c}", "sales", "{t}", "0", "{p}", "X", "{l}", "root").Replace(route.Path)
		for name, want := range map[string]int{"": http.StatusUnauthorized, "other": http.StatusForbidden} {
			if name != "" && !strings.HasPrefix(path, "/connectors/") {
				continue // some are for whoever has any role
			}
			w, r := httptest.NewRecorder(), httptest.NewRequest(route.Method, path, nil)
			if name != "" {
				r.SetBasicAuth(name, name)
			}
			h.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s %s by %q = %d %s, want %d", route.Method, path, name, w.Code, w.Body, want)
			}
		}
	}
}

// validating is a herder that knows the secrets of a connector.
type validating struct{ herder.Herder }

func (validating) Validate(_ context.Context, config map[string]string) (api.ConfigInfos, error) {
	return api.ConfigInfos{Name: config["connector.class"]}, nil
}

// Who may not change a connector must not have its secrets put in place of [hidden] either.
func TestValidateTakesTheRoleForTheConnectorThatItsBodyNames(t *testing.T) {
	h := locked(t, validating{}, "us=admin:orders-u?")
	for name, want := range map[string]int{"orders-us": http.StatusOK, "sales": http.StatusForbidden} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPut, "/connector-plugins/X/config/validate",
			strings.NewReader(`{"connector.class":"X","name":"`+name+`","password":"[hidden]"}`))
		r.SetBasicAuth("us", "us")
		r.Header.Set("Content-Type", "application/json")
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("validate of %s = %d %s, want %d", name, w.Code, w.Body, want)
		}
	}
}

// creating is a herder that makes what it is told.
type creating struct{ herder.Herder }

func (creating) Create(_ context.Context, r api.CreateConnectorRequest) (api.ConnectorInfo, error) {
	return api.ConnectorInfo{Name: r.Name, Config: r.Config}, nil
}

func TestCreatingTakesTheRoleForTheConnectorThatItsBodyNames(t *testing.T) {
	h := locked(t, creating{}, "us=admin:orders-u?")
	for name, want := range map[string]int{
		"orders-us": http.StatusCreated, " orders-us": http.StatusCreated, "sales": http.StatusForbidden, "": http.StatusForbidden,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "/connectors", strings.NewReader(`{"name":"`+name+`","config":{}}`))
		r.SetBasicAuth("us", "us")
		r.Header.Set("Content-Type", "application/json")
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("POST of %q = %d %s, want %d", name, w.Code, w.Body, want)
		}
	}
}
