package source

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func TestNoWayOut(t *testing.T) {
	w := newWorld(t)
	w.write("in.csv", exposureCSV)
	outside := filepath.Join(w.dir, "secret.csv")
	if err := os.WriteFile(outside, []byte(exposureCSV), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"out.csv": "../secret.csv", "abs.csv": outside, "inside.csv": "in.csv", "dir": ".."} {
		if err := os.Symlink(target, filepath.Join(w.dir, "data", name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(w.dir, "data", "pipe.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	roots, err := OpenRoots(w.dir, []string{"data"})
	if err != nil {
		t.Fatal(err)
	}
	defer roots.Close()
	for _, c := range []struct {
		glob, want string
		outside    bool
	}{
		{"data/in.csv", "", false},
		{"data/inside.csv", "", false},
		{"data/out.csv", "leads outside the declared roots", true},
		{"data/o*.csv", "leads outside the declared roots", true},
		{"data/abs.csv", "leads outside the declared roots", true},
		{"data/dir/secret.csv", "", true},
		{"data/../secret.csv", "no file matches", false},
		{"secret.csv", "no file matches", false},
		{"data/pipe.csv", "not a regular file", false},
		{"data/dir", "", true},
	} {
		_, err := roots.Find("s", Source{Files: Globs{c.glob}})
		if c.want == "" && !c.outside {
			if err != nil {
				t.Errorf("%s: %v", c.glob, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || c.want != "" && errors.Is(err, ErrOutside) != c.outside {
			t.Errorf("%s: %v", c.glob, err)
		}
	}
	if err := os.Mkdir(filepath.Join(w.dir, "data", "folder.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := roots.Find("s", Source{Files: Globs{"data/folder.csv"}}); err == nil || !strings.Contains(err.Error(), "a folder, not a file") {
		t.Errorf("folder: %v", err)
	}
	if os.Geteuid() != 0 {
		if err := os.Chmod(filepath.Join(w.dir, "data", "in.csv"), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := roots.Find("s", Source{Files: Globs{"data/in.csv"}}); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("unreadable file: %v", err)
		}
	}
}

func compressed(t *testing.T, zst bool, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	if zst {
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := z.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// flushed is the beginning of a compressed file: whole lines, and then no end.
func flushed(t *testing.T, zst bool, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	var z interface {
		Write([]byte) (int, error)
		Flush() error
	} = gzip.NewWriter(&b)
	if zst {
		w, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		z = w
	}
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Flush(); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(b.Bytes())
}

// A damaged compressed file is refused as a whole, wherever the damage lies.
func TestCompressed(t *testing.T) {
	t.Run("csv", func(t *testing.T) {
		testCompressed(t, "csv", "imp,hh,ts,cr,type\n", "i1,h1,1757203200000,A,imp\n")
	})
	t.Run("jsonl", func(t *testing.T) {
		testCompressed(t, "jsonl", "", `{"imp":"i1","hh":"h1","ts":1757203200000,"cr":"A","type":"imp"}`+"\n")
	})
}

func testCompressed(t *testing.T, form, head, line string) {
	var body strings.Builder
	body.WriteString(head + strings.Repeat(line, 5000))
	half := strings.Index(body.String()[body.Len()/2:], "\n") + body.Len()/2 + 1
	for _, zst := range []bool{false, true} {
		name := "a." + form + map[bool]string{false: ".gz", true: ".zst"}[zst]
		whole := compressed(t, zst, body.String())
		flip := func(at int) []byte {
			b := bytes.Clone(whole)
			b[at] ^= 0x55
			return b
		}
		members := append(compressed(t, zst, body.String()[:half]), compressed(t, zst, body.String()[half:])...)
		for _, c := range []struct {
			what string
			data []byte
			want string
		}{
			{"whole", whole, ""},
			{"two members", members, ""},
			{"cut", whole[:len(whole)/2], "cut off"},
			{"cut after a whole line", flushed(t, zst, body.String()[:half]), "cut off"},
			{"cut to its header", whole[:3], ""},
			{"length", flip(len(whole) - 2), ""},
			{"no trailer", whole[:len(whole)-8], ""},
			{"checksum", flip(len(whole) - 7), ""},
			{"trailing bytes", append(bytes.Clone(whole), "garbage after the end"...), "other bytes after its end"},
		} {
			if c.what == "checksum" {
				c.want = map[bool]string{false: "damaged (checksum)", true: ""}[zst]
			}
			w := newWorld(t)
			w.write(name, string(c.data))
			got, err := w.load(Config{"log": exposures(form, "a."+form+".*")})
			good := c.what == "whole" || c.what == "two members"
			if good {
				if err != nil || got[0].Loaded != 5000 {
					t.Errorf("%s %s: %+v, %v", name, c.what, got, err)
				}
				continue
			}
			var refused *FileError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s %s: got %v, want %s", name, c.what, err, c.want)
			}
		}
	}
}

func TestChangedWhileRead(t *testing.T) {
	for _, format := range []string{"csv", "parquet"} {
		w := newWorld(t)
		w.write("a.csv", exposureCSV)
		w.parquet("a.parquet", "SELECT 'i1' AS imp, 'h1' AS hh, 1757203200000 AS ts, 'A' AS cr, 'imp' AS type")
		roots, err := OpenRoots(w.dir, []string{"data"})
		if err != nil {
			t.Fatal(err)
		}
		defer roots.Close()
		src := exposures(format, "a."+format)
		files, err := roots.Find("log", src)
		if err != nil {
			t.Fatal(err)
		}
		w.write("a.csv", exposureCSV+"i4,h4,1757203209000,C,imp\n")
		w.parquet("a.parquet", "SELECT 'i1' AS imp, 'h1' AS hh, 1757203200000 AS ts, 'A' AS cr, 'imp' AS type FROM range(9)")
		if _, err := w.one(Request{Name: "log", Source: src, File: files[0], Roots: roots}); !errors.Is(err, ErrChanged) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// TestLocalLimit: max_bytes holds for a file of every layout, before it is read.
func TestLocalLimit(t *testing.T) {
	w := newWorld(t)
	w.write("a.csv", exposureCSV)
	w.parquet("a.parquet", "SELECT 'i' || i AS imp, 'h' || i AS hh, 1757203200000 + i AS ts, 'A' AS cr, 'imp' AS type FROM range(1000) t(i)")
	for _, format := range []string{"csv", "parquet"} {
		src := exposures(format, "*."+format)
		src.MaxBytes = "50B"
		if _, err := w.load(Config{"log": src}); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "a."+format+": larger than 50 bytes") {
			t.Errorf("%s: %v", format, err)
		}
	}
}
