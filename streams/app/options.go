package app

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/internal/restore"
)

// Options are what Go code gives an App; nil is fine.
type Options struct {
	// Logger gets changes of state and what a person should act on. Default:
	// nothing is logged.
	Logger *slog.Logger
	// Metrics registers the app's metrics. Default: a registry of its own, with the
	// metrics of the process too; see [App.Metrics] and [App.Handler].
	Metrics *prometheus.Registry
	// Handlers decide what becomes of records that fail, and of the app when a thread fails.
	// One that is set takes precedence over its key, such as processing.exception.handler.
	// Default: the keys decide, and a thread that fails ends the app.
	Handlers handlers.Handlers
	// Restores hears how far the state of tasks is restored. Default: nobody does.
	Restores RestoreListener
	// OnState is called when the state of the app has changed, from one goroutine, with the
	// changes in their order. A state that is left at once may be left out. Run returns after
	// the last call. Default: nobody is told.
	OnState func(now, was State)
}

// RestoreListener hears how far the state of tasks is restored, as Kafka Streams'
// StateRestoreListener (KIP-869): OnRestoreStart, OnBatchRestored, and then OnRestoreEnd or
// OnRestoreSuspended, for each store of a task that has a changelog.
type RestoreListener = restore.Listener

// TopicPartition is a partition of a changelog.
type TopicPartition = restore.TopicPartition
