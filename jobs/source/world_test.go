package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ghostlight/jobs/warehouse"

	"github.com/google/go-cmp/cmp"
)

var testSecret = []byte("a secret for tests, 32 bytes....")

// world is a workspace folder with a warehouse.
type world struct {
	t     testing.TB
	dir   string
	db    *warehouse.DB
	keyer *Keyer

	connections Connections
	env         map[string]string
	stdin       io.Reader
	packs       Packs // nil: those that are built in
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(w.dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	cfg := warehouse.DefaultConfig()
	cfg.Threads = 2
	db, err := warehouse.Open(t.Context(), "", cfg, warehouse.Options{Dirs: []string{w.dir}})
	if err != nil {
		t.Fatal(err)
	}
	w.db = db
	t.Cleanup(func() { db.Close() })
	if w.keyer, err = NewKeyer(testSecret); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) write(name, content string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, "data", name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) remove(name string) {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.dir, "data", name)); err != nil {
		w.t.Fatal(err)
	}
}

func packsOf(t testing.TB) Packs {
	t.Helper()
	packs, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return packs
}

// load finds and loads every file of the sources, forgets the others and checks
// the tolerance, as a run does.
func (w *world) load(cfg Config) ([]Loaded, error) {
	ctx := w.t.Context()
	if w.packs == nil {
		w.packs = packsOf(w.t)
	}
	cfg = cfg.With(w.packs)
	roots, err := OpenRoots(w.dir, []string{"data"})
	if err != nil {
		return nil, err
	}
	defer roots.Close()
	spool, err := OpenSpool(filepath.Join(w.dir, ".ghostlight", "spool"))
	if err != nil {
		return nil, err
	}
	defer spool.Close()
	in := &Intake{Roots: roots, Spool: spool, Connections: w.connections, Stdin: w.stdin,
		Secrets: Secrets{Dir: w.dir, Env: func(name string) (string, bool) { value, ok := w.env[name]; return value, ok }}}
	defer in.Close()
	var known map[string][]File
	err = w.db.Transact(ctx, func(tx *warehouse.Tx) (err error) {
		known, err = Known(ctx, tx, cfg, w.keyer)
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []Loaded
	var present []int64
	for _, name := range cfg.Names() {
		files, err := in.Find(ctx, name, cfg[name], known[name])
		if err != nil {
			return out, err
		}
		for _, f := range files {
			if f.LoadID != 0 {
				out, present = append(out, Loaded{File: f, ID: f.LoadID, State: StateSkipped}), append(present, f.LoadID)
				if cfg[name].KeepsFormer() {
					err := w.db.Transact(ctx, func(tx *warehouse.Tx) error {
						held, err := Held(ctx, tx, name, f.Path)
						present = append(present, held...)
						return err
					})
					if err != nil {
						return out, err
					}
				}
				continue
			}
			if f, err = in.Fetch(ctx, cfg[name], f); err != nil {
				return out, errors.Join(err, w.nothingSpooled())
			}
			if f.Path == "" {
				if err := in.Release(f); err != nil {
					return out, err
				}
				continue
			}
			var one Loaded
			err := w.db.Transact(ctx, func(tx *warehouse.Tx) (err error) {
				one, err = Load(ctx, tx, Request{Name: name, Source: cfg[name], File: f, Roots: roots, Keyer: w.keyer, RunID: "r1"})
				return err
			})
			if err = errors.Join(err, in.Release(f)); err != nil {
				return out, err
			}
			out = append(out, one)
			present = append(append(present, one.ID), one.Former...)
		}
	}
	err = w.db.Transact(ctx, func(tx *warehouse.Tx) error {
		_, err := Forget(ctx, tx, present)
		return err
	})
	if err != nil {
		return out, err
	}
	return out, w.db.Transact(ctx, func(tx *warehouse.Tx) error { return Tolerate(ctx, tx, cfg) })
}

// nothingSpooled tells that the spool holds no file.
func (w *world) nothingSpooled() error {
	entries, err := os.ReadDir(filepath.Join(w.dir, ".ghostlight", "spool"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if len(entries) > 0 {
		return fmt.Errorf("%d files are left in the spool", len(entries))
	}
	return err
}

// text runs a query and gives its rows as lines of comma-separated values.
func (w *world) text(query string, args ...any) (lines []string) {
	w.t.Helper()
	for _, r := range w.rows(query, args...) {
		line := make([]string, len(r.values))
		for i, v := range r.values {
			line[i] = fmt.Sprint(v)
		}
		lines = append(lines, strings.Join(line, ","))
	}
	return lines
}

func (w *world) equal(query string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.text(query)); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", query, diff)
	}
}

func (w *world) key(rule IDRule, raw string) string {
	w.t.Helper()
	return w.keyAs(rule, defaultHash(rule), raw)
}

// keyAs is the key of an identifier under one hash rule.
func (w *world) keyAs(rule IDRule, hash HashRule, raw string) string {
	w.t.Helper()
	keys, broken := w.keyer.Keys(rule, hash, raw)
	if len(keys) == 0 {
		w.t.Fatalf("no key: %s", broken)
	}
	return keys[0].ID
}
