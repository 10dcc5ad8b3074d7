package source

import "testing"

// Under restated: append the former contents of an object stay, also in runs that
// find it unchanged.
func TestObjectAppend(t *testing.T) {
	s, w := newS3(t), newWorld(t)
	s.lake(w)
	src := objectSource("s3://lake/*.csv")
	src.Restated = policyAppend
	for i, text := range []string{"i1,h1,1757203200000,A,imp\n", "i2,h1,1757203200000,A,imp\n", "i3,h1,1757203200000,A,imp\n"} {
		s.put("a.csv", []byte("imp,hh,ts,cr,type\n"+text))
		for run := range 3 {
			if _, err := w.load(Config{"log": src}); err != nil {
				t.Fatal(err)
			}
			w.equal("SELECT count(*) FROM clean.exposure", string(rune('1'+i)))
			if read := s.read(); run > 0 && len(read) > 0 {
				t.Errorf("content %d, run %d: read %v", i, run, read)
			}
		}
	}
}
