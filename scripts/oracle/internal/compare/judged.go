package compare

// verdicts are what may be said about a kind of difference.
var verdicts = []string{"better, documented", "stricter, documented", "Java's quirk", "same value, other text"}
