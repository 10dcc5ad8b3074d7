package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// notReady is a readiness with a line of each status.
func notReady() Readiness {
	return Readiness{
		SchemaVersion: ReadinessVersion, Study: "autumn", Title: "Autumn on connected TV", AsOf: time.Date(2026, 9, 4, 9, 30, 0, 0, time.UTC),
		State: LineFailed, TestRecords: 14, OtherEvents: 2310,
		Lines: []ReadinessLine{
			{
				Name: "dictionary", Label: "Dictionary complete", Needs: "The dictionary has every event that test traffic sent.", Status: LinePassed,
				Evidence: []string{"2 lead records", "12 purchase records"}, Failures: []string{}, Missing: []string{}, Places: []EvidencePlace{},
			},
			{
				Name: "parameters", Label: "Parameters present", Needs: "Every test record has what its event requires.", Status: LineFailed,
				Evidence: []string{"5 purchase records of server (meta), which require currency, value"},
				Failures: []string{"1 purchase record of server (meta) without value"}, Missing: []string{},
				Places: []EvidencePlace{{"data/server.csv", 2}, {"studies/autumn.yaml", 0}},
			},
			{
				Name: "dedup", Label: "Dedup verified", Needs: "Records of one conversion become one.", Status: LineNotTestable,
				Evidence: []string{"7 usable records of events became 5 conversions"}, Failures: []string{},
				Missing: []string{"a record that was sent twice and merged"}, Places: []EvidencePlace{},
			},
		},
		ConfigSHA256: strings.Repeat("c", 64), DictionarySHA256: strings.Repeat("d", 64), InputsSHA256: strings.Repeat("e", 64), CodeVersion: "1.2.3",
	}
}

// ready is one in which every line passed.
func ready() Readiness {
	r := notReady()
	r.State, r.Lines = Ready, r.Lines[:1]
	return r
}

func TestReadinessGolden(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "prelaunch")
	if err := WriteReadiness(dir, notReady()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ReadinessPage, ReadinessJSON} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "readiness/"+name, bytes.Replace(data, []byte(pageCSS), []byte("/* page.css */"), 1))
	}
}

func TestReadinessIsReadBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "prelaunch")
	for _, r := range []Readiness{notReady(), ready()} {
		if err := WriteReadiness(dir, r); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, ReadinessJSON))
		if err != nil {
			t.Fatal(err)
		}
		var got Readiness
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Errorf("(-written +read):\n%s", diff)
		}
	}
	left, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(left) != 1 {
		t.Errorf("left beside it: %v, %v", left, err)
	}
}

// TestReadinessTakesNobodysPlace: a folder with anything else in it stays as it is.
func TestReadinessTakesNobodysPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "prelaunch")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteReadiness(dir, ready()); !errors.Is(err, ErrOccupied) {
		t.Errorf("got %v", err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "notes.txt")); err != nil || string(text) != "mine" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestReadinessRefuses: no line may say more than what it found, and the whole not more
// than its lines.
func TestReadinessRefuses(t *testing.T) {
	for name, change := range map[string]func(*Readiness){
		"ready with a failed line":       func(r *Readiness) { r.State = Ready },
		"no lines":                       func(r *Readiness) { r.State, r.Lines = Ready, nil },
		"an unknown state":               func(r *Readiness) { r.State = "fine" },
		"passed with a failure":          func(r *Readiness) { r.Lines[1].Status = LinePassed },
		"passed though something is not": func(r *Readiness) { r.Lines[2].Status = LinePassed },
		"failed without a failure":       func(r *Readiness) { r.Lines[1].Failures = nil },
		"passed without evidence":        func(r *Readiness) { r.Lines[0].Evidence = nil },
		"no label":                       func(r *Readiness) { r.Lines[0].Label = "" },
		"a place without a file":         func(r *Readiness) { r.Lines[1].Places[0].Path = "" },
	} {
		r := notReady()
		change(&r)
		dir := filepath.Join(t.TempDir(), "prelaunch")
		if err := WriteReadiness(dir, r); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: something was written", name)
		}
	}
	if err := notReady().Validate(); err != nil {
		t.Error(err)
	}
}

func TestReadinessState(t *testing.T) {
	line := func(status string) ReadinessLine { return ReadinessLine{Status: status} }
	for _, c := range []struct {
		want  string
		lines []ReadinessLine
	}{
		{Ready, []ReadinessLine{line(LinePassed), line(LinePassed)}},
		{LineNotTestable, []ReadinessLine{line(LinePassed), line(LineNotTestable)}},
		{LineFailed, []ReadinessLine{line(LineNotTestable), line(LineFailed), line(LinePassed)}},
	} {
		if got := (Readiness{Lines: c.lines}).Judge(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if got, want := notReady().Sentence(), "1 of 3 lines of the checklist passed, 1 failed, 1 could not be tested yet."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestBrowserReadiness: the page runs no script, shows names from outside as text, fits a
// phone, and reads completely.
func TestBrowserReadiness(t *testing.T) {
	for _, s := range append([]string{"Autumn", strings.Repeat("an-unbreakable-name", 16)}, payloads...) {
		r := notReady()
		r.Study, r.Title, r.CodeVersion = s, s, s
		l := &r.Lines[1]
		l.Evidence, l.Failures, l.Places = []string{s}, []string{s}, []EvidencePlace{{s, 1}}
		r.Lines[2].Missing = []string{s}
		page, err := ReadinessHTML(r)
		if err != nil {
			t.Fatal(err)
		}
		v := openHTML(t, page, visitOptions{width: 375, height: 800})
		var state struct {
			Pwn     bool   `json:"pwn"`
			Scripts int    `json:"scripts"`
			Images  int    `json:"images"`
			H1      string `json:"h1"`
			Text    string `json:"text"`
		}
		v.ask(t, &state, `{pwn: 'undefined' !== typeof window.__pwn, scripts: document.scripts.length, images: document.images.length + document.querySelectorAll('svg[onload]').length,
			h1: document.querySelector('h1').textContent, text: document.querySelector('#checklist').textContent}`)
		if state.Pwn || state.Scripts != 0 || state.Images != 0 || state.H1 != plain(s) || strings.Count(state.Text, plain(s)) != 4 {
			t.Errorf("%.40q: %+v", s, state)
		}
		if width := pageWidth(t, v); width > 375 {
			t.Errorf("%.40q: the page is %v wide at 375", s, width)
		}
		v.quiet(t)
	}
}
