package mirror

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func TestBytesKeepTheConverterPromises(t *testing.T) {
	connecttest.RunConverter(t, func(*testing.T) connect.Converter { return asBytes{} },
		connecttest.Value{Schema: bytesSchema, Data: []byte("a")}, connecttest.Value{Schema: bytesSchema, Data: []byte{0, 0xff}})
}
