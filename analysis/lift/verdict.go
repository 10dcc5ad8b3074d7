package lift

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"ghostlight/analysis"
)

// State is what a verdict says about the headline metric.
type State string

// The states of a verdict, in the order in which [Judge] considers them.
const (
	// NotTrustworthy: a check failed, and the numbers must not be used.
	NotTrustworthy State = "not_trustworthy"
	// NotEstimable: there is no comparison to judge.
	NotEstimable State = "not_estimable"
	// TooEarly: outcomes are still coming in, and the interval is for one look at
	// the end.
	TooEarly State = "too_early"
	// TooSmall: fewer conversions than the study asks for.
	TooSmall State = "too_small"
	// ClearIncrease: the whole interval is above no effect.
	ClearIncrease State = "clear_increase"
	// ClearDecrease: the whole interval is below no effect.
	ClearDecrease State = "clear_decrease"
	// Inconclusive: the interval holds no effect.
	Inconclusive State = "inconclusive"
)

// Headline is the comparison that a report opens with.
type Headline struct {
	Arm     string // label of the treatment arm: "CTV ads"
	Control string // label of the control arm: "Holdout (ghost)"
	Metric  string // label of the metric: "Purchases"

	Absolute    analysis.Estimate // difference per unit; decides the verdict
	Relative    analysis.Estimate // lift, not ratio
	Incremental analysis.Estimate // total over the treatment arm

	// Written as changes, with their sign.
	AbsoluteIn    Quantity // Points for rates, Money per unit for means
	IncrementalIn Quantity // Count or Money

	TreatmentConversions int64
	ControlConversions   int64
	// MinConversions is the least number of conversions in both arms together
	// that the study wants before it hears a verdict; 0 is no limit.
	MinConversions int64
	// Unfinished says what is still open, as a clause without a full stop: "312 of
	// 8,000 households still have an open outcome window"; empty at the end.
	Unfinished string
	// Blocking are the checks that failed, each as a clause without a full stop:
	// "the arms do not have the sizes that the design gave them".
	Blocking []string
}

// Verdict is the state of the headline metric, the sentence that says it, and
// the rule that chose it.
type Verdict struct {
	State    State
	Sentence string
	Reasons  []string
}

// Judge chooses the verdict by rule. The first that holds counts:
//
//  1. a blocking reason: NotTrustworthy
//  2. no absolute difference: NotEstimable
//  3. outcomes still open: TooEarly, because the interval holds for one look at
//     the end, and a verdict at the first of many looks that seems clear would
//     raise the rate of false alarms above the stated one
//  4. fewer conversions than the minimum: TooSmall
//  5. no interval: NotEstimable
//  6. the interval of the absolute difference is above 0: ClearIncrease; below
//     0: ClearDecrease; otherwise Inconclusive
//
// The sentence claims a cause only when the absolute difference is randomized,
// and its numbers are rounded by [Quantity.Write], so that a limit is never
// written as zero when it is not.
func Judge(h Headline) Verdict {
	metric := InSentence(h.Metric)
	a := h.Absolute
	conversions := h.TreatmentConversions + h.ControlConversions
	switch {
	case len(h.Blocking) > 0:
		return Verdict{
			State:    NotTrustworthy,
			Sentence: fmt.Sprintf("Not trustworthy: %s. Do not use the numbers on %s until this is resolved.", strings.Join(h.Blocking, "; "), metric),
			Reasons:  h.Blocking,
		}
	case !a.HasValue:
		return notEstimable(h.Arm, metric, a.NotEstimable)
	case h.Unfinished != "":
		return Verdict{
			State: TooEarly,
			Sentence: fmt.Sprintf("Too early for a verdict on %s: %s. The interval below holds for one look, after the last window has closed.",
				metric, h.Unfinished),
			Reasons: []string{h.Unfinished},
		}
	case conversions < h.MinConversions:
		return Verdict{
			State: TooSmall,
			Sentence: fmt.Sprintf("Too small to say: %s in both arms together, and this study asks for at least %s before a verdict on %s.",
				plural(conversions, "conversion"), FormatCount(h.MinConversions), metric),
			Reasons: []string{fmt.Sprintf("%s, minimum %s", plural(conversions, "conversion"), FormatCount(h.MinConversions))},
		}
	case !a.HasInterval:
		return notEstimable(h.Arm, metric, a.NotEstimable)
	case !a.Interval.LoUnbounded && a.Interval.Lo > 0:
		return h.clear(ClearIncrease, metric)
	case !a.Interval.HiUnbounded && a.Interval.Hi < 0:
		return h.clear(ClearDecrease, metric)
	}
	w := h.AbsoluteIn.AsChange().Write(a)
	return Verdict{
		State: Inconclusive,
		Sentence: fmt.Sprintf("Inconclusive: the data are compatible with %s of %s on %s anywhere in the range %s (%s interval; estimate %s%s).",
			effect(a.Grade), h.Arm, metric, w.RangeAlone, FormatLevel(a.Interval.Level), w.Text(), pClause(a)),
		Reasons: []string{"the " + FormatLevel(a.Interval.Level) + " interval of the absolute difference includes 0"},
	}
}

func notEstimable(arm, metric, why string) Verdict {
	if why == "" {
		why = "no comparison was made"
	}
	return Verdict{
		State:    NotEstimable,
		Sentence: fmt.Sprintf("The effect of %s on %s cannot be estimated: %s.", arm, metric, why),
		Reasons:  []string{why},
	}
}

// clear writes the verdict for an interval that leaves out no effect.
func (h Headline) clear(state State, metric string) Verdict {
	a := h.Absolute
	verb, noun, side := "increased", "increase", "above"
	if state == ClearDecrease {
		verb, noun, side = "decreased", "decrease", "below"
	}
	claim := fmt.Sprintf("%s %s %s", h.Arm, verb, metric)
	caveat := ""
	if a.Grade != analysis.Randomized {
		claim = fmt.Sprintf("Observed %s in %s with %s", noun, metric, h.Arm)
		caveat = fmt.Sprintf(" This comparison is %s, not randomized, and does not show a cause.", a.Grade)
	}
	w := h.AbsoluteIn.AsChange().Write(a)
	level := FormatLevel(a.Interval.Level)
	return Verdict{
		State: state,
		Sentence: fmt.Sprintf("%s: %s (%s interval %s%s).", claim, w.Text(), level, w.Range, pClause(a)) +
			caveat + h.size(),
		Reasons: []string{"the whole " + level + " interval of the absolute difference is " + side + " 0"},
	}
}

// size says how large a clear effect is: relative to control, and in total.
func (h Headline) size() string {
	var parts []string
	refused := ""
	switch r := h.Relative; {
	case !r.HasInterval && r.NotEstimable != "":
		refused = " A relative lift cannot be given: " + r.NotEstimable + "."
	case r.HasInterval && r.Interval.LoUnbounded && r.Interval.HiUnbounded:
		refused = " The relative lift is unbounded on both sides."
	case r.HasInterval:
		w := Percent.Write(r)
		if r.HasValue {
			parts = append(parts, fmt.Sprintf("%s (%s)", w.Text(), w.Range))
		} else {
			parts = append(parts, w.RangeAlone)
		}
	}
	if i := h.Incremental; i.HasValue && i.HasInterval {
		w := h.IncrementalIn.AsChange().Write(i)
		parts = append(parts, fmt.Sprintf("%s (%s) in total", w.Text(), w.Range))
	}
	if len(parts) == 0 {
		return refused
	}
	return fmt.Sprintf(" Against %s that is %s.", InSentence(h.Control), strings.Join(parts, ", or ")) + refused
}

func effect(g analysis.Grade) string {
	if g == analysis.Randomized {
		return "an effect"
	}
	return "an association"
}

func pClause(e analysis.Estimate) string {
	if !e.HasP {
		return ""
	}
	return "; " + FormatP(e.P)
}

func plural(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return FormatCount(n) + " " + thing + "s"
}

// InSentence lower-cases the first letter of a label, unless its second is upper
// case too, as in "CRM orders".
func InSentence(label string) string {
	first, width := utf8.DecodeRuneInString(label)
	second, _ := utf8.DecodeRuneInString(label[width:])
	if unicode.IsUpper(second) || !unicode.IsUpper(first) {
		return label
	}
	return string(unicode.ToLower(first)) + label[width:]
}
