package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/config"
)

func TestHideURLs(t *testing.T) {
	for text, want := range map[string]string{
		"http://host:9200/path": "http://host:9200/path", "no URL, a@b:c": "no URL, a@b:c",
		"http://u:p@host": "http://[hidden]@host",
		"http://token@host/x and https://a:b@c/d@e": "http://[hidden]@host/x and https://[hidden]@c/d@e",
		"http://u:p@ss@host":                        "http://[hidden]@host",
		"http://u:p/ss@host":                        "http://[hidden]@host",
		"http://a:9200,http://u:p@b:9200":           "http://a:9200,http://[hidden]@b:9200",
		"http://[hidden]@host":                      "http://[hidden]@host",
		"http://[::1]:80/a@b":                       "http://[::1]:80/a@b",
		"https://h/?a=1&access_token=x&b=2":         "https://h/?a=1&access_token=[hidden]&b=2",
		"jdbc:sqlserver://h;user=a;password=b;x=y":  "jdbc:sqlserver://h;user=a;password=[hidden];x=y",
		`parse "http://u:p@h:x": invalid port`:      `parse "http://[hidden]@h:x": invalid port`,
		"https://h/cb?a=1#access_token=x&b=2":       "https://h/cb?a=1#access_token=[hidden]&b=2",
		"https://h/?password=x#top":                 "https://h/?password=[hidden]#top",
		"://":                                       "://", "": "",
	} {
		if got := config.HideURLs(text); got != want {
			t.Errorf("HideURLs(%q) = %q, want %q", text, got, want)
		}
	}
}

// Whatever is wrong with a value, the error does not show what is secret in it.
func TestErrorsShowNoSecret(t *testing.T) {
	quoting := config.Func("", func(v any) error { return errors.New(strings.Join(append(list(v), "is wrong"), " ")) })
	def := config.New(
		config.Key{Name: "connection.url", Type: config.List, Valid: quoting},
		config.Key{Name: "proxy.url", Type: config.Int},
		config.Key{Name: "password", Type: config.Password, Valid: quoting})
	for key, text := range map[string]string{
		"connection.url": "http://es:9200, https://elastic:hunter2@es-2:9200,elastic:hunter3@es-3:9200",
		"proxy.url":      "http://u:hunter4@proxy", "password": "hunter5",
	} {
		_, err := def.Parse(map[string]string{key: text})
		if err == nil || strings.Contains(err.Error(), "hunter") || !strings.Contains(err.Error(), config.Hidden) {
			t.Errorf("%s: %v", key, err)
		}
	}
	if e := config.Errorf("connection.url", "http://u:hunter6@h", "%s", "not http://u:hunter6@h"); strings.Contains(e.Error(), "hunter") {
		t.Errorf("Errorf = %v", e)
	}
	for _, r := range config.New(config.Key{Name: "connection.url"}).Validate(map[string]string{"connection.url": "http://u:hunter7@h"}) {
		if r.Value == nil || strings.Contains(*r.Value, "hunter") {
			t.Errorf("Validate shows %v", *r.Value)
		}
	}
}

func list(v any) []string {
	if s, ok := v.(config.Secret); ok {
		return []string{string(s)}
	}
	l, _ := v.([]string)
	return l
}

// A password that is a reference which nothing has replaced is none.
func TestUnresolvedReferencesAreNoPasswords(t *testing.T) {
	def := config.New(config.Key{Name: "api.key", Type: config.Password}, config.Key{Name: "format"})
	for _, text := range []string{"${env:ES_API_KEY}", "${ES_API_KEY}", "user:${file:/x/y:z}", "a${b}c"} {
		_, err := def.Parse(map[string]string{"api.key": text})
		if err == nil || !strings.Contains(err.Error(), "is a reference that nothing here replaces") {
			t.Errorf("%q: %v, want it refused", text, err)
		}
	}
	for _, text := range []string{"$ecret", "a{b}", "${", "$}{", ""} {
		if _, err := def.Parse(map[string]string{"api.key": text, "format": "${topic}"}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What is hidden stays hidden, and a second look at it changes nothing.
func FuzzHideURLs(f *testing.F) {
	for _, seed := range []string{"http://u:p@h", "a://b://c@d", "x?token=1&secret=2", "://@", "http://[hidden]@h?password=[hidden]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := config.HideURLs(text)
		if twice := config.HideURLs(once); twice != once {
			t.Errorf("HideURLs(%q) = %q, and again %q", text, once, twice)
		}
		if got := config.HideURLs("http://user:hunter2@host/" + text); strings.Contains(got, "hunter2") && !strings.Contains(text, "hunter2") {
			t.Errorf("%q is shown as %q", text, got)
		}
	})
}
