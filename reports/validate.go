package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// ErrInvalid is returned for a Report that breaks its own rules; nothing is
// written then.
var ErrInvalid = errors.New("invalid report")

var unitForm = regexp.MustCompile(`^(rate|points|lift|ratio|count|[A-Z]{3})$`)

// Validate says whether the report keeps the rules that its readers rely on. Every
// number is finite. A Number without an estimate, or without an interval, says
// why in NotEstimable; one with an estimate names its method, grade and unit; an
// interval has a level and its ends are in order. States, lights and severities
// are of the listed words. All faults are returned at once, each with its path,
// wrapped in ErrInvalid.
func Validate(r Report) error {
	c := &checker{}
	c.walk("", reflect.ValueOf(r))
	c.oneOf("verdict.state", r.Verdict.State, keys(verdictTones))
	for i, t := range r.Trust {
		c.oneOf(fmt.Sprintf("trust[%d].status", i), t.Status, keys(checkTones))
	}
	for i, w := range r.Warnings {
		c.oneOf(fmt.Sprintf("warnings[%d].severity", i), w.Severity, keys(warningTones))
	}
	c.gaps(r.Reconciliation.Gaps)
	c.claims(r.Reconciliation.Claims)
	c.changes(r.Changes)
	c.verification(r.Verification)
	c.dedup(r.Dedup)
	c.integrity(r.Integrity)
	c.matchQuality(r.MatchQuality)
	c.coverage(r.Coverage)
	for i, m := range r.Metrics {
		c.oneOf(fmt.Sprintf("metrics[%d].kind", i), m.Kind, []string{"mean", "proportion"})
	}
	for i, q := range r.Quality.Consent {
		c.oneOf(fmt.Sprintf("quality.consent[%d].purpose", i), q.Purpose, consentPurposes)
		c.oneOf(fmt.Sprintf("quality.consent[%d].state", i), q.State, consentStates)
	}
	for i, q := range r.Quality.ConsentUnits {
		c.oneOf(fmt.Sprintf("quality.consent_units[%d].state", i), q.State, consentStates)
	}
	return c.err()
}

type checker struct{ faults []string }

// err is all faults, nil without any.
func (c *checker) err() error {
	if len(c.faults) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrInvalid, strings.Join(c.faults, "; "))
}

func (c *checker) fault(path, format string, args ...any) {
	c.faults = append(c.faults, path+" "+fmt.Sprintf(format, args...))
}

func (c *checker) oneOf(path, got string, want []string) {
	if !slices.Contains(want, got) {
		c.fault(path, "is %q, not one of %s", got, strings.Join(want, ", "))
	}
}

func keys(m map[string]tone) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (c *checker) walk(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			c.fault(path, "is %v, which is not a number that can be reported", f)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			c.walk(path, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.walk(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case reflect.Struct:
		if n, ok := v.Interface().(Number); ok {
			c.number(path, n)
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			c.walk(strings.TrimPrefix(path+"."+f.Tag.Get("json"), "."), v.Field(i))
		}
	}
}

func (c *checker) number(path string, n Number) {
	hasLo, hasHi := n.Lo != nil || n.LoUnbounded, n.Hi != nil || n.HiUnbounded
	switch {
	case n.Estimate == nil && n.NotEstimable == "":
		c.fault(path, "has no estimate and does not say why (not_estimable)")
	case n.Estimate != nil && !(hasLo && hasHi) && n.NotEstimable == "":
		c.fault(path, "has no interval and does not say why (not_estimable)")
	}
	if n.Lo != nil && n.LoUnbounded || n.Hi != nil && n.HiUnbounded {
		c.fault(path, "has an interval end that is both given and unbounded")
	}
	if n.Lo != nil && n.Hi != nil && *n.Lo > *n.Hi {
		c.fault(path, "has an interval from %v to %v", *n.Lo, *n.Hi)
	}
	if n.Estimate == nil {
		return
	}
	if hasLo && hasHi && !(n.Level > 0 && n.Level < 1) {
		c.fault(path, "has an interval at level %v", n.Level)
	}
	if n.Method == "" {
		c.fault(path, "names no method")
	}
	if !slices.Contains([]string{"randomized", "quasi-experimental", "descriptive"}, n.Grade) {
		c.fault(path, "has grade %q", n.Grade)
	}
	if !unitForm.MatchString(n.Unit) {
		c.fault(path, "has unit %q", n.Unit)
	}
}

// whole returns a checked copy of the report at the current schema version with
// empty lists in place of missing ones.
func whole(r Report) (Report, error) {
	if err := Validate(r); err != nil {
		return Report{}, fmt.Errorf("check report of study %q: %w", r.Study, err)
	}
	data, err := json.Marshal(r)
	if err != nil {
		return Report{}, fmt.Errorf("copy report of study %q: %w", r.Study, err)
	}
	var out Report
	if err := json.Unmarshal(data, &out); err != nil {
		return Report{}, fmt.Errorf("copy report of study %q: %w", r.Study, err)
	}
	out.SchemaVersion = SchemaVersion
	fillLists(reflect.ValueOf(&out).Elem())
	return out, nil
}

func fillLists(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fillLists(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillLists(v.Field(i))
			}
		}
	}
}
