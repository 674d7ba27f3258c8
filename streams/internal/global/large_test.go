package global

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/memory"
)

// A batch that takes too much memory is one dead letter, and what is behind it is read.
func TestBatchesThatAreTooLargeAreGivenUp(t *testing.T) {
	h := newHouse(t, kfake.SeedTopics(1, "letters"))
	h.letters = "letters"
	h.client = func() ([]kgo.Opt, error) {
		v, err := kafka.Stream.Def().Parse(map[string]string{"bootstrap.servers": strings.Join(h.brokers, ",")})
		if err != nil {
			return nil, err
		}
		return kafka.Stream.Options(v, memory.Limit(memory.Least))
	}
	h.produce("a=1")
	for p := range int32(3) {
		kafkatest.Bomb{Codec: kgo.CodecZstd, Records: 1, Value: 8 << 20}.Produce(t, h.brokers, "rows", p)
	}
	h.produce("b=1", "c=1", "d=1")
	h.start()
	h.ready()
	h.check("a=1 b=1 c=1 d=1")
	if got := len(kafkatest.Consume(t, h.brokers, "letters", 3)); got != 3 {
		t.Errorf("%d dead letters, want 3", got)
	}
	h.restarted("a=1 b=1 c=1 d=1")
}
