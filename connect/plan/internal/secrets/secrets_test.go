package secrets_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/secrets"
)

// declared are the keys of a sink; other.password is declared to be none.
var declared = map[string]config.Key{
	"connection.password":            {Name: "connection.password", Type: config.Password},
	"value.converter.user.info":      {Name: "user.info", Type: config.Password},
	"consumer.override.sasl.jaas":    {Name: "sasl.jaas", Type: config.Password},
	"connection.url":                 {Name: "connection.url", Type: config.List},
	"password.file":                  {Name: "password.file"},
	"topics":                         {Name: "topics", Type: config.List},
	"transforms.mask.replacement":    {Name: "replacement"},
	"transforms.insert.static.value": {Name: "static.value"},
}

// props have a secret each, which holds hunter.
func props() map[string]string {
	return map[string]string{
		"connection.password":            "hunter2",
		"value.converter.user.info":      "reader:hunter3",
		"consumer.override.sasl.jaas":    `org.x.PlainLoginModule required username="a" password="hunter4";`,
		"connection.url":                 "http://es-1:9200, elastic:hunter6@es-3:9200,https://u:hunter5@es-2:9200",
		"jdbc":                           "jdbc:postgresql://h/db?user=a&password=hunter7&ssl=true",
		"undeclared.token":               "hunter8",
		"transforms.insert.static.value": `{"a":1,"api_key":"hunter9","b":[]}`,
		"_comment.password":              "hunter10",
	}
}

func TestNothingShowsASecret(t *testing.T) {
	s := secrets.New(declared, props(), props())
	for name, text := range s.Show(props()) {
		if strings.Contains(text, "hunter") || !strings.Contains(text, config.Hidden) {
			t.Errorf("%s is shown as %q", name, text)
		}
	}
	if got, want := s.Show(props())["connection.url"], "http://es-1:9200, [hidden]@es-3:9200,https://[hidden]@es-2:9200"; got != want {
		t.Errorf("connection.url is shown as %q, want %q", got, want)
	}
	for _, text := range []string{"login with hunter2 refused", `auth "reader:hunter3"`, "hunter3", "hunter4",
		"GET https://u:hunter5@es-2:9200/_bulk: refused", "user u:hunter5", "hunter6 as elastic", "token hunter8", "a=1&password=hunter7"} {
		if got := s.HideText(text); strings.Contains(got, "hunter") {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func TestOrdinaryValuesAreShown(t *testing.T) {
	for name, text := range map[string]string{
		"topics": "orders,users", "password.file": "/run/secrets/es", "transforms.mask.replacement": "[hidden]",
		"connection.url": "http://es:9200/path@v1,https://[::1]:9200", "connection.password": "${file:/run/secrets/es:password}",
		"errors.tolerance": "all",
	} {
		s := secrets.New(declared, map[string]string{name: text}, map[string]string{name: text})
		if got := s.Show(map[string]string{name: text})[name]; got != text {
			t.Errorf("%s = %q is shown as %q", name, text, got)
		}
		if errs := s.Shown(); len(errs) > 0 {
			t.Errorf("%s = %q is refused: %v", name, text, errs)
		}
	}
}

// A client that sends back what it has read keeps the secrets, and one that sends the
// mask for anything else is refused.
func TestWhatIsShownIsRestored(t *testing.T) {
	s := secrets.New(declared, props(), props())
	if got := s.Restore(s.Show(props())); !maps.Equal(got, props()) {
		t.Errorf("restored = %v, want %v", got, props())
	}
	changed := s.Show(props())
	changed["connection.url"] = "https://[hidden]@elsewhere:9200"
	changed["connection.password"], changed["topics"] = "new", "more"
	got := s.Restore(changed)
	if got["connection.password"] != "new" || got["topics"] != "more" {
		t.Errorf("restored = %v, want the changes in it", got)
	}
	errs := secrets.New(declared, got, got).Shown()
	if len(errs) != 1 || errs[0].Key != "connection.url" {
		t.Errorf("errors = %v, want one about connection.url", errs)
	}
}

func TestErrorsAreHidden(t *testing.T) {
	s := secrets.New(declared, props(), props())
	errs := s.HideErrors(config.Errors{{Key: "connection.password", Value: "hunter2", Message: "hunter2 is too short"},
		{Key: "topics", Value: "a", Message: "not with https://u:hunter5@es-2:9200"}})
	if strings.Contains(errs.Error(), "hunter") || !strings.Contains(errs.Error(), "Invalid value a for") {
		t.Errorf("errors = %v", errs)
	}
}
