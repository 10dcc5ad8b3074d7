package firing

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Hour is one hour of a stream. Weekday is 0 to 6 and Clock 0 to 23, both in the time zone
// in which the stream has its rhythm; Day numbers the days there and never falls.
type Hour struct {
	Day            int64
	Weekday, Clock int
	Records        int64
}

// Silence is a run of hours without a record that is longer than chance makes it. From and
// Until are numbers of hours, Until exclusive; Expected is how many records would have
// come meanwhile; P is the probability that the stream falls silent for so many, anywhere.
type Silence struct {
	From, Until int
	Expected    float64
	P           float64
}

// Day is one day of a stream: its records, and how many the other days let expect. IsLow:
// fewer than chance makes of that; a day with a silence is not asked.
type Day struct {
	Day      int64
	Records  int64
	Expected float64
	IsLow    bool
}

// Judgement is what a stream came to. IsJudged says that it has MinRecords on
// MinDays; without, it has no silence and no low day. Dispersion is the variance of the records of a day over
// their mean, around what is expected; 1 where they are not more uneven than independent
// records are.
type Judgement struct {
	Records    int64
	Dispersion float64
	IsJudged   bool
	Silences   []Silence
	Days       []Day
}

// MinRecords is how many records a stream must have to be judged, and MinDays on how many
// days: of less its rhythm is not known.
const (
	MinRecords = 20
	MinDays    = 7
)

// Limits of the model: a rhythm is learned when it was seen this often.
const (
	minDaysForClock   = 7
	minDaysForWeekday = 21
	maxSilences       = 20
	pseudoRecords     = 1 // added to each hour of the day and each day of the week, so that none expects nothing
)

// Judge looks for silences and low days in consecutive hours of one stream, at a rate of
// false alarms of alpha each, over all of the stream.
//
// Model: records come independently, at a rate that is a product of a level, a factor of
// the hour of the day and one of the day of the week (a log-linear model fitted to the
// margins). Measured in expected records instead of hours, their times then lie evenly, and
// the longest stretch without one follows LongestSpacing. Records that come in bursts count
// as fewer: n is divided by the dispersion of the days, as quasi-likelihood has it (McCullagh
// and Nelder, Generalized Linear Models, 2nd ed., 6.2.3). The hours of a silence that was found
// are put aside, and the rest is asked again. A day is low by the lower tail of a negative binomial
// with that mean and dispersion, at alpha over the number of days.
//
// Not told apart from a silence: a stream that had not begun, or had ended. A level that
// drifts by itself shows as dispersion, which makes the judgement milder.
func Judge(hours []Hour, alpha float64) (Judgement, error) {
	if !(alpha > 0 && alpha < 1) {
		return Judgement{}, errors.New("judge firing: alpha is between 0 and 1")
	}
	j, active := Judgement{Dispersion: 1}, map[int64]bool{}
	for i, h := range hours {
		if h.Records < 0 || h.Clock < 0 || h.Clock > 23 || h.Weekday < 0 || h.Weekday > 6 || i > 0 && h.Day < hours[i-1].Day {
			return Judgement{}, errors.New("judge firing: an hour is not of a day, or they are not in order")
		}
		j.Records += h.Records
		if h.Records > 0 {
			active[h.Day] = true
		}
	}
	aside := make([]bool, len(hours))
	j.IsJudged = j.Records >= MinRecords && len(active) >= MinDays
	expected := expect(hours, aside)
	for j.IsJudged && len(j.Silences) < maxSilences {
		from, until, missed := longest(hours, expected, aside)
		j.Dispersion = dispersion(hours, expected, aside, from, until)
		p := LongestSpacing(int64(float64(j.Records)/j.Dispersion), missed/float64(j.Records))
		if p >= alpha {
			break
		}
		for i := from; i < until; i++ {
			aside[i] = true
		}
		expected = expect(hours, aside)
		s := Silence{From: from, Until: until, P: p}
		for i := from; i < until; i++ {
			s.Expected += expected[i]
		}
		j.Silences = append(j.Silences, s)
	}
	for i := range j.Silences { // by the model that all silences are put aside of
		s := &j.Silences[i]
		s.Expected = 0
		for h := s.From; h < s.Until; h++ {
			s.Expected += expected[h]
		}
	}
	j.Dispersion = dispersion(hours, expected, aside, 0, 0)
	j.Days = days(hours, expected, aside, j.Dispersion, alpha, j.IsJudged)
	return j, nil
}

// expect is what each hour lets expect, those put aside too, by all that are not: over
// these it sums to their records.
func expect(hours []Hour, aside []bool) []float64 {
	var clock, weekday factors
	days := map[int64]bool{}
	var records, n float64
	for i, h := range hours {
		if !aside[i] {
			days[h.Day] = true
			records += float64(h.Records)
			n++
		}
	}
	expected := make([]float64, len(hours))
	if n == 0 || records == 0 {
		return expected
	}
	fit := func(f *factors, of func(Hour) int, least int) {
		if len(days) >= least {
			for i, h := range hours {
				if !aside[i] {
					f.seen[of(h)] += float64(h.Records)
					f.expected[of(h)] += expected[i]
				}
			}
		}
		for i, h := range hours {
			expected[i] *= (f.seen[of(h)] + pseudoRecords) / (f.expected[of(h)] + pseudoRecords)
		}
	}
	for i := range expected {
		expected[i] = records / n
	}
	fit(&clock, func(h Hour) int { return h.Clock }, minDaysForClock)
	fit(&weekday, func(h Hour) int { return h.Weekday }, minDaysForWeekday)
	var sum float64
	for i, e := range expected {
		if !aside[i] {
			sum += e
		}
	}
	for i := range expected {
		expected[i] *= records / sum
	}
	return expected
}

// factors are the records seen and expected at each hour of the day, or day of the week.
type factors struct{ seen, expected [24]float64 }

// longest is the run of hours without a record that expects the most, the hours put aside
// left out.
func longest(hours []Hour, expected []float64, aside []bool) (from, until int, missed float64) {
	start, sum := 0, 0.0
	for i, h := range hours {
		if h.Records > 0 || aside[i] {
			start, sum = i+1, 0
			continue
		}
		if sum += expected[i]; sum > missed {
			from, until, missed = start, i+1, sum
		}
	}
	return from, until, missed
}

// dispersion is Pearson's chi-square of the days over their number less one, at least 1,
// without what is put aside and the hours from and until.
func dispersion(hours []Hour, expected []float64, aside []bool, from, until int) float64 {
	var seen, all float64
	type day struct{ records, expected float64 }
	var list []day
	for i, h := range hours {
		if i == 0 || h.Day != hours[i-1].Day {
			list = append(list, day{})
		}
		if aside[i] || i >= from && i < until {
			continue
		}
		d := &list[len(list)-1]
		d.records += float64(h.Records)
		d.expected += expected[i]
		seen += float64(h.Records)
		all += expected[i]
	}
	var square float64
	n := 0
	for _, d := range list {
		if d.expected > 0 {
			e := d.expected * seen / all
			square += (d.records - e) * (d.records - e) / e
			n++
		}
	}
	if n < 2 || seen == 0 {
		return 1
	}
	return max(1, square/float64(n-1))
}

func days(hours []Hour, expected []float64, aside []bool, dispersion, alpha float64, judge bool) []Day {
	list, silent := []Day{}, []bool{}
	for i, h := range hours {
		if i == 0 || h.Day != hours[i-1].Day {
			list, silent = append(list, Day{Day: h.Day}), append(silent, false)
		}
		d := &list[len(list)-1]
		d.Records += h.Records
		d.Expected += expected[i]
		silent[len(silent)-1] = silent[len(silent)-1] || aside[i]
	}
	for i := range list {
		d := &list[i]
		d.IsLow = judge && !silent[i] && lowerTail(d.Records, d.Expected, dispersion) < alpha/float64(len(list))
	}
	return list
}

// lowerTail is the probability of at most n where mean are expected with a variance of
// dispersion times the mean: Poisson with 1, else negative binomial.
func lowerTail(n int64, mean, dispersion float64) float64 {
	switch {
	case mean <= 0:
		return 1
	case dispersion <= 1+1e-9 || math.IsInf(mean/(dispersion-1), 0):
		return mathext.GammaIncRegComp(float64(n)+1, mean)
	}
	return mathext.RegIncBeta(mean/(dispersion-1), float64(n)+1, 1/dispersion)
}
