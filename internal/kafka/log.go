package kafka

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Logger logs the client's messages with l, as those of the logger "kafka". What
// the client calls info is about its own work, so it is logged as debug, and so is
// what it says about brokers that cannot be reached or are not ready: it tries again
// on its own and says so at each try, while [Brokers] says it once.
func Logger(l *slog.Logger) kgo.Opt { return kgo.WithLogger(logger{l.With("logger", "kafka")}) }

type logger struct{ l *slog.Logger }

// Level asks the client only for what l logs.
func (g logger) Level() kgo.LogLevel {
	ctx := context.Background()
	switch {
	case g.l.Enabled(ctx, slog.LevelDebug):
		return kgo.LogLevelInfo
	case g.l.Enabled(ctx, slog.LevelWarn):
		return kgo.LogLevelWarn
	case g.l.Enabled(ctx, slog.LevelError):
		return kgo.LogLevelError
	}
	return kgo.LogLevelNone
}

func (g logger) Log(level kgo.LogLevel, msg string, keyvals ...any) {
	to := slog.LevelDebug
	switch level {
	case kgo.LogLevelError:
		to = slog.LevelError
	case kgo.LogLevelWarn:
		to = slog.LevelWarn
	}
	if awayLine(msg, keyvals) {
		to = slog.LevelDebug
	}
	g.l.Log(context.Background(), to, msg, keyvals...)
}

// awayLine reports whether a message of the client is about a broker that is away.
func awayLine(msg string, keyvals []any) bool {
	if strings.HasPrefix(msg, "unable to load producer ID") {
		return true // the error is in another message
	}
	i := slices.Index(keyvals, any("err"))
	if i < 0 || i+1 >= len(keyvals) {
		return false
	}
	err, _ := keyvals[i+1].(error)
	return err != nil && IsAway(err)
}

// awayErrors are the answers of brokers that have just started or are about to stop.
var awayErrors = []error{kerr.BrokerNotAvailable, kerr.CoordinatorNotAvailable, kerr.CoordinatorLoadInProgress,
	kerr.NotCoordinator, kerr.LeaderNotAvailable, kerr.NotLeaderForPartition, kerr.ReplicaNotAvailable,
	kerr.NetworkException, kerr.RequestTimedOut, kerr.ConcurrentTransactions, io.EOF, io.ErrUnexpectedEOF,
	net.ErrClosed, context.DeadlineExceeded}

// deadBroker is the text of an error that the client does not export: a connection
// was lost while a request waited for it.
const deadBroker = "the broker connection has died"

// IsAway reports whether an error of a client says that a broker is away, starts or
// stops, which [Brokers] logs.
func IsAway(err error) bool {
	var network net.Error
	var eof *kgo.ErrFirstReadEOF
	if errors.As(err, &network) || errors.As(err, &eof) || strings.Contains(err.Error(), deadBroker) {
		return true
	}
	return slices.ContainsFunc(awayErrors, func(is error) bool { return errors.Is(err, is) })
}
