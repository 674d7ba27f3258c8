package member

import (
	"errors"
	"io"
	"io/fs"
	"net"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/txn"
)

// Recoverable reports whether a new thread may continue where one failed with err:
// the group or a transaction was lost to another member or timed out, or a broker
// could not be reached. Everything else is a failure of the app itself, which would
// happen again.
func Recoverable(err error) bool {
	var file *fs.PathError
	if errors.As(err, &file) {
		return false // of a store or the state folder, where system errors look like those of the network
	}
	for _, e := range recoverable {
		if errors.Is(err, e) {
			return true
		}
	}
	return kerr.IsRetriable(err) || kgo.IsRetryableBrokerErr(err) || Unreachable(err)
}

// Unreachable reports whether a broker could not be reached or closed the
// connection: it is being restarted, or the network is in trouble.
func Unreachable(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// ErrLearned ends a thread whose client does not know the limits of a topic that a
// broker has told by a refusal. The next one keeps to them.
var ErrLearned = errors.New("a topic takes less than it was thought to, and what does not fit is rejected from now on")

// ErrLeftBehind ends a thread that its group has removed.
var ErrLeftBehind = errors.New("the group continued without this member")

var recoverable = []error{
	ErrLeftBehind, ErrLearned, txn.ErrRenewed,
	// The thread gave up its client, because the app stopped and the last epoch did
	// not end.
	kgo.ErrClientClosed,
	// A newer producer has this transactional.id: our own successor after a
	// pause, or a transaction that ran into its time-out.
	kerr.InvalidProducerEpoch, kerr.ProducerFenced, kerr.InvalidProducerIDMapping,
	kerr.UnknownProducerID, kerr.InvalidTxnState, kerr.TransactionAbortable,
	// A broker has lost records of the transaction.
	kerr.OutOfOrderSequenceNumber,
	kerr.OperationNotAttempted, kerr.ConcurrentTransactions,
	// A member of another program, as one that was killed and has not timed out.
	kerr.InconsistentGroupProtocol,
	// Another member has this group.instance.id, or the group forgot us.
	kerr.FencedInstanceID, kerr.UnknownMemberID, kerr.IllegalGeneration, kerr.RebalanceInProgress,
}
