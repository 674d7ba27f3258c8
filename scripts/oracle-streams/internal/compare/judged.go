package compare

// fault is the verdict on what is to be mended.
const fault = "fault"

// verdicts are what may be said about a kind of difference.
var verdicts = []string{fault, "better, documented", "stricter, documented", "Java's quirk",
	"the test driver's quirk"}
