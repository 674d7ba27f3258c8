package mem_test

import (
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/stores/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) stores.DB { return mem.Open() })
}
