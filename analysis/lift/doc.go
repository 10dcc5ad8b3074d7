// Package lift compares the arms of an experiment: what treatment changed
// against control, absolute, relative and in total, and the verdict on it.
//
// In go counts ([Proportion]) or moments ([Moments]) by arm, which the warehouse
// sums exactly; out come [analysis.Estimate] values. Every observation is one
// unit of randomization, such as a household, and units are independent.
//
//	outcome            absolute          relative          p-value
//	converted or not   DifferenceMN      RatioKoopman      score test at no effect
//	amount per unit    Welch             Fieller           Welch t, z
//
// [Incremental] turns an absolute difference into a total, [SampleRatio] tests
// that the arms have the sizes that the design gave them, and [Judge] chooses
// the one sentence that a report opens with. Numbers in that sentence, and in
// every report, are rounded by [Quantity].
//
// Interval and p-value of one estimate always invert the same test. Estimators
// return an error only for broken input (see [ErrInput]); what can not be
// estimated is an answer, in Estimate.NotEstimable.
package lift
