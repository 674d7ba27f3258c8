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

func BenchmarkDB(b *testing.B) {
	storetest.Bench(b, func(*testing.B) stores.DB { return mem.Open() })
}
