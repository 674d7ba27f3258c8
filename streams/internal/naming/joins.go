package naming

import "strings"

// StreamJoin are the names of the nodes and stores of a join of streams.
type StreamJoin struct {
	// LeftWindowed and RightWindowed are the nodes that keep the records of each side.
	LeftWindowed, RightWindowed string
	// Left, Right and Merge are the nodes that join, and the one that they come to.
	Left, Right, Merge string
	// LeftStore and RightStore are the window stores; Waiting is that of records that have
	// met no other, empty for an inner join.
	LeftStore, RightStore, Waiting string
}

// StreamJoin makes the names of a join of streams, which may have a name of its own, and one
// for its stores. The outer sides are those whose records are emitted without another.
func (n *Names) StreamJoin(name, store string, outerLeft, outerRight bool) (j StreamJoin) {
	named := func(suffix, generated string) string { return suffixed(name, suffix, generated) }
	j.LeftWindowed = named("-this-windowed", n.Next("KSTREAM-WINDOWED"))
	j.RightWindowed = named("-other-windowed", n.Next("KSTREAM-WINDOWED"))
	thisKind, thisSuffix, otherKind, otherSuffix := "KSTREAM-JOINTHIS", "-this-join", "KSTREAM-JOINOTHER", "-other-join"
	shared := "-left-shared-join"
	if outerRight {
		thisKind, thisSuffix, shared = "KSTREAM-OUTERTHIS", "-outer-this-join", "-outer-shared-join"
	}
	if outerLeft {
		otherKind, otherSuffix = "KSTREAM-OUTEROTHER", "-outer-other-join"
	}
	this, other := n.Next(thisKind), n.Next(otherKind)
	j.Left, j.Right = named(thisSuffix, this), named(otherSuffix, other)
	j.Merge = named("-merge", n.Next("KSTREAM-MERGE"))
	j.LeftStore = suffixed(store, thisSuffix, this) + "-store"
	j.RightStore = suffixed(store, otherSuffix, other) + "-store"
	if outerLeft || outerRight {
		j.Waiting = suffixed(store, shared, "KSTREAM-OUTERSHARED"+strings.TrimPrefix(this, thisKind)) + "-store"
	}
	return j
}

// suffixed is a name with a suffix, or the generated one where there is none.
func suffixed(name, suffix, generated string) string {
	if name == "" {
		return generated
	}
	return name + suffix
}

const fk = "KTABLE-FK-JOIN-"

// ForeignJoin are the names of the nodes, topics and stores of a join by a foreign key.
type ForeignJoin struct {
	// Subscriptions is the topic of subscriptions; Send, SendSink and SendSource are the
	// nodes around it.
	Subscriptions, Send, SendSink, SendSource string
	// Store is that of subscriptions; Receive and Answer are the nodes below their topic,
	// Changed is the one below the right table.
	Store, Receive, Answer, Changed string
	// Answers is the topic of answers; AnswerSink and AnswerSource are the nodes around it.
	Answers, AnswerSink, AnswerSource string
	// Resolve joins the answers with the left table, Result keeps the result.
	Resolve, Result string
}

// ForeignJoin makes the names of a join by a foreign key, which may have a name of its own.
func (n *Names) ForeignJoin(name string) (j ForeignJoin) {
	for _, of := range []struct {
		to           *string
		suffix, kind string
	}{
		{&j.Subscriptions, "-subscription-registration", fk + "SUBSCRIPTION-REGISTRATION"},
		{&j.Send, "-subscription-registration-processor", fk + "SUBSCRIPTION-REGISTRATION"},
		{&j.SendSink, "-subscription-registration-sink", "KTABLE-SINK"},
		{&j.SendSource, "-subscription-registration-source", "KTABLE-SOURCE"},
		{&j.Store, "-subscription-store", fk + "SUBSCRIPTION-STATE-STORE"},
		{&j.Receive, "-subscription-receive", fk + "SUBSCRIPTION-PROCESSOR"},
		{&j.Answer, "-subscription-join-foreign", fk + "SUBSCRIPTION-PROCESSOR"},
		{&j.Changed, "-foreign-join-subscription", fk + "SUBSCRIPTION-PROCESSOR"},
		{&j.Answers, "-subscription-response", fk + "SUBSCRIPTION-RESPONSE"},
		{&j.AnswerSink, "-subscription-response-sink", "KTABLE-SINK"},
		{&j.AnswerSource, "-subscription-response-source", "KTABLE-SOURCE"},
		{&j.Resolve, "-subscription-response-resolver", fk + "SUBSCRIPTION-RESPONSE-RESOLVER-PROCESSOR"},
		{&j.Result, "-result", fk + "OUTPUT"},
	} {
		*of.to = suffixed(name, of.suffix, n.Next(of.kind))
	}
	j.Subscriptions, j.Answers = j.Subscriptions+"-topic", j.Answers+"-topic"
	return j
}
