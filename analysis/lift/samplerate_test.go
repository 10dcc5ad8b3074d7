package lift

import (
	"errors"
	"math"
	"testing"
)

// Sources: R 4.2.2 chisq.test. The first is the sample-ratio example that
// Microsoft's experimentation group publishes (1.8e-6); Hillstrom, ad/PSA and
// Criteo (Diemert et al. 2021; 11,882,655 treated of 13,979,592) are public
// trials. The ad/PSA p-value follows from its statistic on one degree.
func TestSampleRatioVectors(t *testing.T) {
	tests := []struct {
		name    string
		counts  []int64
		shares  []float64
		chi, p  printed
		df      int
		warning string
	}{
		{"Microsoft", []int64{821588, 815482}, []float64{0.5, 0.5}, "22.774369", "1.8217929e-06", 1, "sample_ratio_mismatch"},
		{"Hillstrom", []int64{21307, 21306, 21387}, []float64{1, 1, 1}, "0.20253125", "0.90369296", 2, ""},
		{"ad/PSA", []int64{564577, 23524}, []float64{0.96, 0.04}, "7.0849508e-08", "0.99979", 1, "sample_ratio_perfect"},
		{"Criteo", []int64{11882655, 2096937}, []float64{85, 15}, "1.8177758e-06", "0.998924", 1, ""},
	}
	for _, tt := range tests {
		got, err := SampleRatio(tt.counts, tt.shares)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if !got.HasP || got.DF != tt.df || got.NotEstimable != "" {
			t.Errorf("%s: %+v", tt.name, got)
		}
		tt.chi.check(t, tt.name+" chi-square", got.ChiSquare)
		tt.p.check(t, tt.name+" P", got.P)
		code := ""
		if len(got.Warnings) > 0 {
			code = got.Warnings[0].Code
		}
		if code != tt.warning || len(got.Warnings) > 1 {
			t.Errorf("%s: warnings %v, want %q", tt.name, got.Warnings, tt.warning)
		}
	}
}

func TestSampleRatioRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		counts []int64
		shares []float64
	}{
		"no arms":        {nil, nil},
		"one arm":        {[]int64{100}, []float64{1}},
		"no units":       {[]int64{0, 0}, []float64{0.5, 0.5}},
		"few expected":   {[]int64{90, 9}, []float64{0.95, 0.05}},
		"few in the end": {[]int64{50, 45, 4}, []float64{0.5, 0.46, 0.04}},
	} {
		got, err := SampleRatio(tt.counts, tt.shares)
		if err != nil || got.HasP || got.NotEstimable == "" || got.ChiSquare != 0 || got.P != 0 {
			t.Errorf("%s: %+v, %v; want no test and a reason", name, got, err)
		}
	}
	empty, err := SampleRatio([]int64{1000, 0}, []float64{0.5, 0.5})
	if err != nil || !empty.HasP || empty.ChiSquare != 1000 || len(empty.Warnings) != 1 {
		t.Errorf("an arm without units: %+v, %v; want chi-square 1000 and the warning", empty, err)
	}
}

func TestSampleRatioErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		counts []int64
		shares []float64
	}{
		"share missing":  {[]int64{1, 2}, []float64{1}},
		"negative count": {[]int64{-1, 2}, []float64{0.5, 0.5}},
		"zero share":     {[]int64{1, 2}, []float64{1, 0}},
		"NaN share":      {[]int64{1, 2}, []float64{math.NaN(), 1}},
		"infinite share": {[]int64{1, 2}, []float64{math.Inf(1), 1}},
	} {
		if _, err := SampleRatio(tt.counts, tt.shares); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v, want ErrInput", name, err)
		}
	}
}
