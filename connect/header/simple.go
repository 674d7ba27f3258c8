package header

import "github.com/suiro/suiro/connect"

var _ connect.HeaderConverter = Simple{}

// Simple is Kafka Connect's SimpleHeaderConverter.
type Simple struct{ String }
