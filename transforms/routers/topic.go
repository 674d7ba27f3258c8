package routers

import (
	"fmt"

	"github.com/suiro/suiro/connect"
)

// renamed returns r with another topic, or an error when Kafka does not allow its
// name. from says what of the configuration it was made of.
func renamed(r *connect.Record, topic []byte, from string) (*connect.Record, error) {
	if len(topic) == 0 {
		return nil, fmt.Errorf("topic %.249s becomes empty: check %s", r.Topic, from)
	}
	if !isTopic(topic) {
		return nil, fmt.Errorf("topic %.249s becomes %.80q, which Kafka does not allow: %s: check %s", r.Topic, topic,
			wantTopic, from)
	}
	c := *r
	c.Topic = string(topic)
	return &c, nil
}

// maxTopic is how long the name of a topic may be in Kafka.
const maxTopic = 249

const wantTopic = "want up to 249 letters, digits, dots, underscores and hyphens, and not only one or two dots"

// isTopic reports whether Kafka allows the name. Sinks make names of files, tables and
// indices of it.
func isTopic(name []byte) bool {
	for _, c := range name {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return len(name) <= maxTopic && string(name) != "." && string(name) != ".."
}
