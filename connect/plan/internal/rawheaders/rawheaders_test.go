package rawheaders_test

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/plan/internal/rawheaders"
)

// Bytes come back as they were written.
func TestBytesKeepTheContract(t *testing.T) {
	connecttest.RunHeaderConverter(t, func(*testing.T) connect.HeaderConverter { return rawheaders.Converter{} },
		connecttest.Value{Data: []byte{0, 255}})
}
