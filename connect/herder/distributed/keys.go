package distributed

import (
	"context"
	"log/slog"
	"time"

	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/group/signing"
)

// keys take over the key that workers sign requests with, and renew it on the leader.
type keys struct {
	signer *signing.Signer
	retry  time.Time // when a key may be made again; used by the decider alone
}

// learn takes over the key that was read from the config topic. It is called from any
// goroutine.
func (k *keys) learn(s *configs.State) {
	if now := s.SessionKey; now != nil {
		k.signer.SetKey(signing.Key{Secret: now.Key, Algorithm: now.Algorithm, Created: time.UnixMilli(now.Created)})
	}
}

// due is when this worker has to make a new key; zero when another does, or nobody.
func (k *keys) due(a group.Assignment) time.Time {
	due, never := k.signer.Due()
	if never || !a.IsLeader() || !a.Protocol.Signed() {
		return time.Time{}
	}
	if due.IsZero() {
		due = time.Now()
	}
	if k.retry.After(due) {
		due = k.retry
	}
	return due
}

// keyPause is the time between two tries to write a key.
const keyPause = 10 * time.Second

// renew gives the group a new key when it has none or an old one.
func (k *keys) renew(ctx context.Context, a group.Assignment, to store, log *slog.Logger) {
	if due := k.due(a); due.IsZero() || time.Now().Before(due) {
		return
	}
	k.retry = time.Now().Add(keyPause)
	key, err := k.signer.NewKey()
	if err == nil {
		err = to.PutSessionKey(ctx, configs.SessionKey{Key: key.Secret, Algorithm: key.Algorithm,
			Created: key.Created.UnixMilli()})
	}
	if err != nil {
		log.Warn("the key that workers sign requests with was not renewed, and will be tried again", "cause", err)
	}
}
