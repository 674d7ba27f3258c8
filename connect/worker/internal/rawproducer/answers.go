package rawproducer

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ErrRefused is returned for a batch that the brokers refuse whenever it is sent.
var ErrRefused = errors.New("kafka refuses the batch as it is")

// again reports whether a request is worth another try: its answer was lost, or says so.
func again(err error) bool {
	var answer *kerr.Error
	return !errors.As(err, &answer) || answer.Retriable || answer == kerr.ConcurrentTransactions
}

func detail(answer kmsg.ProduceResponseTopicPartition) string {
	if answer.ErrorMessage == nil {
		return ""
	}
	return fmt.Sprintf(" (%.200s)", *answer.ErrorMessage)
}

// isRefused reports whether a batch is at fault.
func isRefused(err error) bool {
	for _, e := range []error{kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidRecord, kerr.InvalidTimestamp,
		kerr.CorruptMessage, kerr.UnsupportedCompressionType, kerr.UnsupportedForMessageFormat, kerr.PolicyViolation} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// missing is 1 when brokers say that there is no such topic.
func missing(resp *kmsg.MetadataResponse, topic string) int {
	for _, t := range resp.Topics {
		if t.Topic != nil && *t.Topic == topic && t.ErrorCode == kerr.UnknownTopicOrPartition.Code {
			return 1
		}
	}
	return 0
}
