package demo

import (
	"testing"

	"github.com/suiro/suiro/cmd/internal/demo/services"
)

// The demo on the embedded Kafka and that on services do not get in each
// other's way.
func TestEachKindOfDemoHasItsFolder(t *testing.T) {
	for want, kafka := range map[string]map[string]string{
		DefaultDir:     nil,
		DefaultFullDir: {services.BootstrapServers: "127.0.0.1:29410"},
	} {
		o, err := Options{Kafka: kafka}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		if o.Dir != want {
			t.Errorf("with %v the folder is %s, want %s", kafka, o.Dir, want)
		}
	}
}
