package shop

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func TestHexKeepsTheContract(t *testing.T) {
	connecttest.RunHeaderConverter(t, func(*testing.T) connect.HeaderConverter { return Hex{} },
		connecttest.Value{Data: "00ff"}, connecttest.Value{Data: ""})
}
