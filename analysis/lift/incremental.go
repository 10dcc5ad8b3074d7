package lift

import "ghostlight/analysis"

// Incremental turns an absolute difference per unit, of rates or of means, into
// the total that treatment added over all units of the treatment arm,
// NTreatment × difference. Interval and p-value are those of the difference.
//
// Conversions of one unit count once when the difference is one of proportions.
func Incremental(absolute analysis.Estimate) analysis.Estimate {
	return absolute.Scale(float64(absolute.NTreatment))
}
