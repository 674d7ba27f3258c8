package worker_test

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// hold delays the next request of a kind until release; it says on arrived that
// the request came.
func (k *kafka) hold(key kmsg.Key, arrived, release chan struct{}) {
	k.ControlKey(int16(key), func(kmsg.Request) (kmsg.Response, error, bool) {
		k.DropControl()
		k.SleepControl(func() {
			close(arrived)
			<-release
		})
		return nil, nil, false
	})
}

// refuseHeartbeats answers heartbeats of a group as if the member had been
// expelled, until the returned function is called.
func (k *kafka) refuseHeartbeats(group string) func() {
	stop := make(chan struct{})
	k.ControlKey(int16(kmsg.Heartbeat), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		h := req.(*kmsg.HeartbeatRequest)
		select {
		case <-stop:
			k.DropControl()
			return nil, nil, false
		default:
		}
		if h.Group != group {
			return nil, nil, false
		}
		resp := h.ResponseKind().(*kmsg.HeartbeatResponse)
		resp.ErrorCode = kerr.IllegalGeneration.Code
		return resp, nil, true
	})
	return func() { close(stop) }
}

// refuseCommits answers commits of offsets as if the member had been expelled.
func (k *kafka) refuseCommits() {
	k.ControlKey(int16(kmsg.OffsetCommit), func(r kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		req := r.(*kmsg.OffsetCommitRequest)
		resp := req.ResponseKind().(*kmsg.OffsetCommitResponse)
		for _, topic := range req.Topics {
			out := kmsg.NewOffsetCommitResponseTopic()
			out.Topic, out.TopicID = topic.Topic, topic.TopicID
			for _, p := range topic.Partitions {
				part := kmsg.NewOffsetCommitResponseTopicPartition()
				part.Partition, part.ErrorCode = p.Partition, kerr.UnknownMemberID.Code
				out.Partitions = append(out.Partitions, part)
			}
			resp.Topics = append(resp.Topics, out)
		}
		return resp, nil, true
	})
}

// refuseWrite answers the nth write of a transaction from now on, counted from 1,
// with an error, and says that what was written before is deleted.
func (k *kafka) refuseWrite(n int, err *kerr.Error) {
	k.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		req := r.(*kmsg.ProduceRequest)
		if req.TransactionID == nil {
			return nil, nil, false
		}
		if n--; n != 0 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range req.Topics {
			out := kmsg.NewProduceResponseTopic()
			out.Topic, out.TopicID = topic.Topic, topic.TopicID
			for _, p := range topic.Partitions {
				part := kmsg.NewProduceResponseTopicPartition()
				part.Partition, part.ErrorCode = p.Partition, err.Code
				part.BaseOffset, part.LogStartOffset = -1, 1000
				out.Partitions = append(out.Partitions, part)
			}
			resp.Topics = append(resp.Topics, out)
		}
		return resp, nil, true
	})
}
