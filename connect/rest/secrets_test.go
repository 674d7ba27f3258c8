package rest_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// sealed are the properties of a connector with a secret in many places. Each secret
// has hunter in it.
func sealed(file string) map[string]string {
	return map[string]string{
		"name": "sealed", "connector.class": "TestSource", "topic": "lines", "login": "hunter1",
		"shop.url": "https://shop:hunter2@127.0.0.1:1/?token=hunter3", "fail": "cannot log in with LOGIN at " +
			"URL, ${file:" + file + ":word} is refused",
		"producer.override.sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required ` +
			`username="u" password="hunter4";`,
		"producer.override.sasl.mechanism": "PLAIN", "errors.restart.max": "0",
	}
}

// startSealed starts a worker that runs the connector with secrets, and waits until it
// has failed with a message that has some of them.
func startSealed(t *testing.T) (s *server, props map[string]string) {
	t.Helper()
	k, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "lines"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	s = &server{kafka: k.ListenAddrs()[0], dir: t.TempDir()}
	file := filepath.Join(s.dir, "secrets.properties")
	if err := os.WriteFile(file, []byte("word=hunter5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.start(map[string]string{"config.providers": "file",
		"config.providers.file.class": "FileConfigProvider"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.h.Stop(context.Background()) })
	props = sealed(file)
	delete(props, "producer.override.sasl.jaas.config") // the fake broker has no logins
	delete(props, "producer.override.sasl.mechanism")
	info, _, err := s.h.Put(t.Context(), "sealed", props, "")
	if err != nil {
		t.Fatal(err)
	}
	checkShown(t, "the answer to the creation", info)
	for deadline := time.Now().Add(time.Minute); ; <-time.After(5 * time.Millisecond) {
		_, answer := ask(s, http.MethodGet, "/connectors/sealed/status", "")
		if strings.Contains(answer, "FAILED") {
			return s, props
		}
		if time.Now().After(deadline) {
			t.Fatalf("the connector does not fail: %s", answer)
		}
	}
}

func ask(s *server, method, path, body string) (code int, answer string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// checkShown fails the test if a value shows a secret.
func checkShown(t *testing.T, what string, v any) {
	t.Helper()
	text, ok := v.(string)
	if !ok {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		text = string(raw)
	}
	if strings.Contains(text, "hunter") {
		at := strings.Index(text, "hunter")
		t.Errorf("%s shows a secret: %s", what, text[max(0, at-100):min(len(text), at+50)])
	}
}

func TestNoAnswerShowsASecret(t *testing.T) {
	s, props := startSealed(t)
	for _, path := range []string{"/connectors?expand=info&expand=status", "/connectors/sealed", "/connectors/sealed/config",
		"/connectors/sealed/status", "/connectors/sealed/tasks", "/connectors/sealed/tasks/0/status",
		"/connectors/sealed/topics", "/health", "/ready", "/connector-plugins/TestSource/config"} {
		_, answer := ask(s, http.MethodGet, path, "")
		checkShown(t, path, answer)
		if strings.HasSuffix(path, "status") && !strings.Contains(answer, "cannot log in with [hidden]") {
			t.Errorf("%s = %s, want the reason without the secret", path, answer)
		}
	}
	whole := sealed("/etc/none.properties")
	for key, wrong := range map[string]string{"login": "hunter1", "shop.url": "http://u:hunter9@h:x y", "topic": "",
		"connector.class": "hunterless", "tasks.max": "https://u:hunter8@h", "value.converter": "http://u:hunter7@x"} {
		config := maps.Clone(whole)
		config[key] = wrong
		body, _ := json.Marshal(config)
		path := "/connector-plugins/" + config["connector.class"] + "/config/validate"
		_, answer := ask(s, http.MethodPut, path, string(body))
		checkShown(t, path+" with "+key, strings.ReplaceAll(answer, "hunterless", ""))
		if _, _, err := s.h.Put(t.Context(), "other", config, ""); err != nil {
			checkShown(t, "the error of "+key, strings.ReplaceAll(err.Error(), "hunterless", ""))
		}
	}
	if config, err := s.h.Connector(t.Context(), "sealed"); err != nil || config.Config["fail"] == "" ||
		!strings.Contains(config.Config["fail"], "${file:") || props["login"] == config.Config["login"] {
		t.Errorf("the configuration is %v, %v, want references as they were written", config, err)
	}
}

// A client that reads a configuration, changes a key and sends all of it back keeps the
// secrets that it could not read.
func TestAConfigurationThatIsSentBackKeepsItsSecrets(t *testing.T) {
	s, _ := startSealed(t)
	info, err := s.h.Connector(t.Context(), "sealed")
	if err != nil {
		t.Fatal(err)
	}
	sent := maps.Clone(info.Config)
	sent["errors.tolerance"] = "all"
	body, _ := json.Marshal(sent)
	if code, answer := ask(s, http.MethodPut, "/connector-plugins/TestSource/config/validate", string(body)); code != 200 ||
		!strings.Contains(answer, `"error_count":0`) {
		t.Errorf("validate = %d %s, want no errors", code, answer)
	}
	if _, _, err := s.h.Put(t.Context(), "sealed", sent, ""); err != nil {
		t.Fatal(err)
	}
	if _, answer := ask(s, http.MethodGet, "/connectors/sealed/status", ""); !strings.Contains(answer, "sealed") {
		t.Errorf("status = %s", answer)
	}
	sent["name"] = "copy"
	if _, _, err := s.h.Put(t.Context(), "copy", sent, ""); err == nil || !strings.Contains(err.Error(), "stands for a secret") {
		t.Errorf("Put of another connector with hidden secrets = %v, want it refused", err)
	}
}
