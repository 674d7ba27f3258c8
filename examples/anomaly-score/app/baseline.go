package app

import "math"

// The features of a minute.
const (
	requests = iota
	errorShare
	meanTime
	p95Time
	features
)

// names are the names of the features in a [Score].
var names = [features]string{"requests", "error_share", "reqtime_mean", "reqtime_p95"}

// values are the features of a minute on the scale on which they are compared, NaN where
// the minute has none.
type values [features]float64

// baseline is what is usual for a server.
type baseline struct {
	// Last is the start of the last minute that was learned, in milliseconds since 1970.
	Last int64 `json:"last"`
	// Usual is what is usual for each feature.
	Usual [features]usual `json:"usual"`
}

// usual is the exponentially weighted mean and variance of a feature.
type usual struct {
	Minutes  int     `json:"minutes"` // that had the feature
	Mean     float64 `json:"mean"`
	Variance float64 `json:"variance"`
}

// smallest are the smallest deviations that are taken for usual, however even a server is.
var smallest = [features]float64{requests: 0.1, errorShare: 0.01, meanTime: 0.1, p95Time: 0.1}

// chance is the variance that a feature has by chance alone in a minute with n requests.
func (u usual) chance(feature int, n float64) float64 {
	switch feature {
	case requests:
		return math.Exp(-u.Mean) // Poisson's, after the logarithm
	case errorShare:
		q := min(max(u.Mean, 0.01), 0.99)
		return q * (1 - q) / n
	case meanTime:
		return 2 / n
	default:
		return 5 / n
	}
}

// deviation is the standard deviation that is usual in a minute with n requests.
func (u usual) deviation(feature int, n float64) float64 {
	least := smallest[feature]*smallest[feature] + u.chance(feature, n)
	return math.Sqrt(max(u.Variance, least))
}

// limit is how many standard deviations from the mean a minute is learned as at most: an
// outage must not become usual at once.
const limit = 3

// learn takes the features of a minute with n requests into the baseline.
func (b *baseline) learn(x values, n float64, o options) {
	alpha := 1 - math.Exp2(-1/float64(o.halfLife))
	for i := range b.Usual {
		u := &b.Usual[i]
		if math.IsNaN(x[i]) {
			continue
		}
		d := x[i] - u.Mean
		if u.Minutes >= o.warmup {
			most := limit * u.deviation(i, n)
			d = min(max(d, -most), most)
		}
		u.Minutes++
		a := max(alpha, 1/float64(u.Minutes)) // the plain mean and variance at first
		u.Mean += a * d
		u.Variance = (1 - a) * (u.Variance + a*d*d)
	}
}

// score compares the features of a minute with n requests with the baseline. It returns how
// many standard deviations each is above or below its mean, NaN where that is not known,
// and the root of the mean of their squares.
func (b *baseline) score(x values, n float64, o options) (z values, score float64) {
	sum, known := 0.0, 0.0
	for i, u := range b.Usual {
		z[i] = math.NaN()
		if !math.IsNaN(x[i]) && u.Minutes >= o.warmup {
			z[i] = (x[i] - u.Mean) / u.deviation(i, n)
			sum += z[i] * z[i]
			known++
		}
	}
	return z, math.Sqrt(sum / known) // NaN when none is known
}
