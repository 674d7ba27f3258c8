package worker_test

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// holdProduce delays the next write until release; it says on arrived that
// the write came.
func (k *kafka) holdProduce(arrived, release chan struct{}) {
	k.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
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
