package failures

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams/handlers"
)

// DeadLetterKey names the topic for dead letters.
const DeadLetterKey = "errors.dead.letter.queue.topic.name"

// The keys of exception handlers. Those of deprecated names stand for the others.
const (
	deserializationKey    = "deserialization.exception.handler"
	processingKey         = "processing.exception.handler"
	productionKey         = "production.exception.handler"
	oldDeserializationKey = "default.deserialization.exception.handler"
	oldProductionKey      = "default.production.exception.handler"
	globalKey             = "processing.exception.handler.global.enabled"
)

// The values of those keys.
const (
	handlerFail     = "fail"
	handlerContinue = "continue"
	handlerDefault  = ""
)

// errorClasses is the package of Kafka Streams' handlers.
const errorClasses = "org.apache.kafka.streams.errors."

// javaHandlers are what Kafka Streams' own handlers do. The map never changes.
var javaHandlers = map[string]string{
	"LogAndFailExceptionHandler": handlerFail, "LogAndContinueExceptionHandler": handlerContinue,
	"LogAndFailProcessingExceptionHandler":     handlerFail,
	"LogAndContinueProcessingExceptionHandler": handlerContinue,
	"DefaultProductionExceptionHandler":        handlerDefault,
}

// Keys declares the keys of exception handlers.
func Keys() []config.Key {
	key := func(name, doc string) config.Key {
		return config.Key{Name: name, Type: config.String, Default: "", Valid: validHandler(), Importance: config.Medium,
			Doc: doc}
	}
	const values = " fail ends the app, continue leaves the record out, as a dead letter if there is a topic for them. "
	return []config.Key{
		key(deserializationKey, "What becomes of a record that cannot be deserialized:"+values+
			"By default it is continue with such a topic and fail without one."),
		key(processingKey, "What becomes of a record at which a node fails or panics:"+values+
			"By default a record that a node rejects is a dead letter if there is such a topic, and every other error ends "+
			"the app."),
		key(productionKey, "What becomes of a record that cannot be serialized, or that a topic does not take:"+values+
			"By default a record that does not fit is a dead letter if there is such a topic; a topic that takes none at "+
			"all ends the app."),
		key(oldDeserializationKey, "The former name of "+deserializationKey+"."),
		key(oldProductionKey, "The former name of "+productionKey+"."),
		{Name: globalKey, Type: config.Boolean, Default: false, Importance: config.Medium,
			Doc: "Whether " + processingKey + ", or the app's own handler, is asked about the records of global stores too. " +
				"As in Kafka Streams it is not by default; then a record that the processor of a global store rejects is a dead " +
				"letter if there is a topic for them, and every other error ends the app."},
	}
}

// validHandler accepts the names of handlers that there are here.
func validHandler() config.Validator {
	return config.Func("fail, continue, or the class of a handler of Kafka Streams", func(v any) error {
		name, _ := v.(string)
		if _, ok := handlerOf(name); !ok {
			return fmt.Errorf("must be fail or continue, or one of Kafka Streams' own classes, and not %q: for a handler of "+
				"your own set app.Options.Handlers", name)
		}
		return nil
	})
}

// handlerOf returns the value that a class stands for.
func handlerOf(name string) (string, bool) {
	switch name {
	case handlerFail, handlerContinue, handlerDefault:
		return name, true
	}
	class, own := strings.CutPrefix(name, errorClasses)
	value, known := javaHandlers[class]
	return value, own && known
}

// New returns the policy of an app: what its functions say, and then its keys.
func New(v config.Values, own handlers.Handlers) Policy {
	p := Policy{Handlers: own, DeadLetters: v.String(DeadLetterKey), Globals: v.Bool(globalKey)}
	of := func(h *handlers.Handler, keys ...string) {
		for _, key := range keys {
			if value, _ := handlerOf(v.String(key)); *h == nil {
				*h = p.always(value)
			}
		}
	}
	of(&p.Deserialization, deserializationKey, oldDeserializationKey)
	of(&p.Processing, processingKey)
	of(&p.Production, productionKey, oldProductionKey)
	return p
}
