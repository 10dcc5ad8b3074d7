package source

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// What a file is laid out as is told from its bytes wherever they come from, so
// that format: auto and the packs of several layouts work there too.
func TestFormOfWhatIsFetched(t *testing.T) {
	w := newWorld(t)
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(packDir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	w.parquet("wins.parquet", string(read("beeswax_wins/wins.parquet.sql")))
	columns, err := os.ReadFile(filepath.Join(w.dir, "data", "wins.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	s := newS3(t)
	s.lake(w)
	s.put("wins/a.csv", read("beeswax_wins/wins.csv"))
	s.put("wins/b.jsonl.gz", compressed(t, false, string(read("beeswax_wins/wins.jsonl"))))
	s.put("wins/c.parquet", columns)
	cfg := Config{}
	for name, format := range map[string]string{"auto": AutoFormat, "named": "beeswax_wins"} {
		cfg[name] = Source{Format: format, Files: Globs{"s3://lake/wins/*"}, Connection: "lake", MaxQuarantine: "100%"}
	}
	got, err := w.load(cfg)
	if err != nil || len(got) != 6 {
		t.Fatalf("%d files, %v", len(got), err)
	}
	for i, form := range []string{"csv", "jsonl", "parquet", "csv", "jsonl", "parquet"} {
		if got[i].Form != form || got[i].Loaded == 0 {
			t.Errorf("%s is %s with %d rows", got[i].Path, got[i].Form, got[i].Loaded)
		}
	}
	w.equal("SELECT DISTINCT pack FROM ops.load", "beeswax_wins")

	for form, text := range map[string][]byte{"csv": read("beeswax_wins/wins.csv"), "jsonl": compressed(t, true, string(read("beeswax_wins/wins.jsonl"))), "parquet": columns} {
		w.stdin = bytes.NewReader(text)
		got, err := w.load(Config{"piped": {Format: AutoFormat, Files: Globs{stdinGlob}, MaxQuarantine: "100%"}})
		if err != nil || got[0].Form != form || got[0].Loaded == 0 {
			t.Errorf("piped %s: %+v, %v", form, got, err)
		}
	}
}

// Events without a time take that of their object, which the store gives and not
// the download: a second run finds them loaded, and an object that was written anew
// is another one.
func TestObjectTime(t *testing.T) {
	s, w := newS3(t), newWorld(t)
	s.lake(w)
	line := []byte(`{"tracker_id":"t1","event_name":"purchase","adid":"8a3d5f7e-1111-4222-8333-444455556666"}` + "\n")
	s.put("e.jsonl", line)
	s.put("f.jsonl", []byte(`{"data":[{"tracker_id":"t1","adv":"a1","event_name":"viewcart"}]}`+"\n"))
	listed := s.listedAt(w, "e.jsonl")
	time.Sleep(1100 * time.Millisecond) // a listing has whole seconds
	for _, format := range []string{AutoFormat, "tradedesk_conversions"} {
		cfg := Config{"log": {Format: format, Files: Globs{"s3://lake/*.jsonl"}, Connection: "lake"}}
		for _, state := range []string{StateLoaded, StateSkipped} {
			got, err := w.load(cfg)
			if err != nil || format == AutoFormat && got[0].State != state {
				t.Fatalf("%s: %+v, %v", format, got, err)
			}
		}
		if read := s.read(); format == AutoFormat && !slices.Equal(read, []string{"e.jsonl", "f.jsonl"}) {
			t.Errorf("read %v", read)
		}
		w.equal("SELECT min(occurred_at) = make_timestamp("+listed+") FROM clean.event JOIN clean.signal USING (file_id, signal_no) WHERE event_name = 'purchase'", "true")
	}
	s.put("e.jsonl", line)
	if _, err := w.load(Config{"log": {Format: "tradedesk_conversions", Files: Globs{"s3://lake/*.jsonl"}, Connection: "lake"}}); err != nil {
		t.Fatal(err)
	}
	if read := s.read(); !slices.Equal(read, []string{"e.jsonl"}) {
		t.Errorf("read %v", read)
	}
	w.equal("SELECT occurred_at = make_timestamp("+s.listedAt(w, "e.jsonl")+") FROM clean.event JOIN clean.signal USING (file_id, signal_no) WHERE event_name = 'purchase'", "true")

	w.stdin = bytes.NewReader(line)
	_, err := w.load(Config{"piped": {Format: AutoFormat, Files: Globs{stdinGlob}}})
	if want := "source piped: -: the mapping takes the time of the file (@file_time), and this is none"; err == nil || !bytes.HasPrefix([]byte(err.Error()), []byte(want)) {
		t.Errorf("piped: %v", err)
	}
}
