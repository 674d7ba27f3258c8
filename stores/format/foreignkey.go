package format

// CombinedKey is the key of a subscription in the store of a foreign-key join (KIP-213,
// Kafka Streams' CombinedKeySchema).
//
//	4 bytes length of the foreign key | foreign key | primary key
type CombinedKey struct {
	// Foreign is the key of the table on the right, Primary that of the table on the
	// left, both serialized.
	Foreign, Primary []byte
}

// Append appends the bytes of k.
func (k CombinedKey) Append(dst []byte) []byte {
	return append(AppendCombinedPrefix(dst, k.Foreign), k.Primary...)
}

// AppendCombinedPrefix appends what all combined keys of a foreign key begin with.
func AppendCombinedPrefix(dst, foreign []byte) []byte {
	return append(appendInt32(dst, int32(len(foreign))), foreign...)
}

// ParseCombinedKey takes apart what [CombinedKey.Append] has written.
func ParseCombinedKey(data []byte) (CombinedKey, error) {
	r := reader{what: "key of a foreign-key join", data: data}
	k := CombinedKey{Foreign: r.take(int(r.int32())), Primary: r.rest(0)}
	return k, r.end()
}

// Instruction says what the right side of a foreign-key join does with a subscription.
type Instruction byte

// The instructions, by the names that Kafka Streams gives them.
const (
	// DeleteKeyNoPropagate removes the subscription and answers nothing.
	DeleteKeyNoPropagate Instruction = iota
	// DeleteKeyAndPropagate removes the subscription and answers without a value.
	DeleteKeyAndPropagate
	// PropagateNullIfNoFKValAvailable answers with the value of the foreign key, or
	// without one.
	PropagateNullIfNoFKValAvailable
	// PropagateOnlyIfFKValAvailable answers only when the foreign key has a value.
	PropagateOnlyIfFKValAvailable
)

// noHash is the bit in the version of a message that has no hash.
const noHash = 0x80

// Subscription is what the left side of a foreign-key join tells the right side (Kafka
// Streams' SubscriptionWrapper).
//
//	version, plus 128 without a hash | instruction | 16 bytes hash | primary key | 4 bytes partition
//
// Version 0, which Kafka Streams wrote up to 3.3 and writes when it is upgraded from
// there (upgrade.from), has no partition (KIP-954).
type Subscription struct {
	// Version is 0 or 1. New subscriptions have 1.
	Version byte
	// Instruction says what to do.
	Instruction Instruction
	// Hash is that of the left value, nil when there is none.
	Hash *Hash
	// PrimaryKey is the key of the left side.
	PrimaryKey []byte
	// Partition is where the left side is, and the response must go. In version 0 it is
	// 0 and not written.
	Partition int32
}

// Append appends the bytes of s.
func (s Subscription) Append(dst []byte) []byte {
	dst = appendHashed(dst, s.Version, s.Hash, byte(s.Instruction))
	dst = append(dst, s.PrimaryKey...)
	if s.Version > 0 {
		dst = appendInt32(dst, s.Partition)
	}
	return dst
}

// ParseSubscription takes apart what [Subscription.Append] has written.
func ParseSubscription(data []byte) (Subscription, error) {
	r := reader{what: "subscription of a foreign-key join", data: data}
	head := r.byte()
	s := Subscription{Version: head &^ noHash, Instruction: Instruction(r.byte()), Hash: readHash(&r, head)}
	if r.err == nil && s.Version > 1 {
		return s, damaged(r.what, "its version is %d, and 0 and 1 are known", s.Version)
	}
	if r.err == nil && s.Instruction > PropagateOnlyIfFKValAvailable {
		return s, damaged(r.what, "its instruction is %d", s.Instruction)
	}
	if s.Version == 0 {
		s.PrimaryKey = r.rest(0)
	} else {
		s.PrimaryKey, s.Partition = r.rest(4), r.int32()
	}
	return s, r.end()
}

// SubscriptionResponse is what the right side of a foreign-key join answers (Kafka
// Streams' SubscriptionResponseWrapper).
//
//	version 0, plus 128 without a hash | 16 bytes hash | value
type SubscriptionResponse struct {
	// Hash is that of the subscription. The left side drops a response to an earlier
	// value.
	Hash *Hash
	// Value is the right value, nil for none. An empty one cannot be told from nil: it
	// is read as nil.
	Value []byte
}

// Append appends the bytes of s.
func (s SubscriptionResponse) Append(dst []byte) []byte {
	return append(appendHashed(dst, 0, s.Hash), s.Value...)
}

// ParseSubscriptionResponse takes apart what [SubscriptionResponse.Append] has written.
func ParseSubscriptionResponse(data []byte) (SubscriptionResponse, error) {
	r := reader{what: "response of a foreign-key join", data: data}
	head := r.byte()
	s := SubscriptionResponse{Hash: readHash(&r, head)}
	if version := head &^ noHash; r.err == nil && version != 0 {
		return s, damaged(r.what, "its version is %d, and only 0 is known", version)
	}
	if len(r.data) > 0 {
		s.Value = r.rest(0)
	}
	return s, r.end()
}

// appendHashed appends the version, which says whether there is a hash, what stands
// between them, and the hash.
func appendHashed(dst []byte, version byte, hash *Hash, between ...byte) []byte {
	if hash == nil {
		return append(append(dst, version|noHash), between...)
	}
	dst = append(append(dst, version), between...)
	return appendInt64(appendInt64(dst, hash[0]), hash[1])
}

// readHash reads the hash, if the first byte says that there is one.
func readHash(r *reader, head byte) *Hash {
	if head&noHash != 0 || r.err != nil {
		return nil
	}
	return &Hash{r.int64(), r.int64()}
}
