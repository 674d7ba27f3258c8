package registry_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/suiro/suiro/cmd/internal/attack/registry"
)

func TestRegistryAnswersForTheIDsItKnows(t *testing.T) {
	s, err := registry.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id := s.Add(registry.Schema(`"int"`))
	for _, c := range []struct {
		id     int
		status int
		body   string
	}{
		{registry.Honest, 200, `{"schema":"{\"type\":\"record\",\"name\":\"Honest\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"}]}"}` + "\n"},
		{id, 200, `{"schema":"\"int\""}` + "\n"},
		{id + 1, 404, `{"error_code":40403,"message":"Schema not found"}`},
	} {
		res, err := http.Get(fmt.Sprintf("%s/schemas/ids/%d", s.URL, c.id))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != c.status || string(body) != c.body {
			t.Errorf("id %d: %d %s, %v, want %d %s", c.id, res.StatusCode, body, err, c.status, c.body)
		}
	}
}

func TestMessageHasAZeroByteAndTheID(t *testing.T) {
	if got, want := fmt.Sprintf("%x", registry.Message(258, registry.Datum("ab"))), "0000000102"+"046162"; got != want {
		t.Errorf("Message = %s, want %s", got, want)
	}
}
