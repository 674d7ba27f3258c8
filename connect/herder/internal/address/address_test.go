package address

import (
	"testing"

	"github.com/suiro/suiro/connect/access"
	"github.com/suiro/suiro/connect/plan"
)

func TestWorkerIDIsWhereOthersReachTheWorker(t *testing.T) {
	host := hostName()
	for _, c := range []struct{ listeners, advertisedHost, advertisedPort, listening, want string }{
		{"", "", "", "", "127.0.0.1:8083"},
		{"http://10.0.0.7:9000", "", "", "", "10.0.0.7:9000"},
		{"http://0.0.0.0:9000,http://127.0.0.1:1", "", "", "", host + ":9000"},
		{"http://:9000", "", "", "", host + ":9000"},
		{"http://127.0.0.1:0", "", "", "127.0.0.1:41234", "127.0.0.1:41234"},
		{"http://:0", "", "", "[::]:41234", host + ":41234"},
		{"http://:9000", "connect.example", "", "[::]:9000", "connect.example:9000"},
		{"http://127.0.0.1:9000", "connect.example", "80", "", "connect.example:80"},
	} {
		props := map[string]string{"key.converter": "Text", "value.converter": "Text", "offset.storage.file.filename": "f",
			access.OpenKey: "true"}
		for key, value := range map[string]string{"listeners": c.listeners, "rest.advertised.host.name": c.advertisedHost,
			"rest.advertised.port": c.advertisedPort} {
			if value != "" {
				props[key] = value
			}
		}
		cfg, err := plan.ParseConfig(props)
		if err != nil {
			t.Fatal(err)
		}
		if got := Of(cfg, c.listening); got != c.want {
			t.Errorf("%+v: worker id = %s", c, got)
		}
	}
}
