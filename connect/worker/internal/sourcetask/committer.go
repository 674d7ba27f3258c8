package sourcetask

import "context"

// committer decides when offsets are kept: now and then, or in transactions.
type committer interface {
	// open prepares the client and reads what is kept.
	open(ctx context.Context) error
	// begin comes before the first record or dead letter of a poll.
	begin() error
	// tick comes after each poll that did not fail.
	tick(ctx context.Context) error
	// flush waits for all records and keeps their offsets.
	flush(ctx context.Context) error
	// cancel ends the life after a flush that failed; what is not kept comes
	// again. The error, if any, says why there is to be no other life.
	cancel(ctx context.Context) error
}
