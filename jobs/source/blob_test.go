package source

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// s3Secret is the secret key of the test's store; no message may hold it.
const s3Secret = "9f2c41d0-never-to-be-shown"

// s3Server is a server that speaks the S3 protocol, started on loopback. It lets
// in who signs with key AKIATEST, and keeps what was asked of it.
type s3Server struct {
	t       *testing.T
	backend *s3mem.Backend
	url     string
	handle  http.Handler // nil is the store itself

	mu   sync.Mutex
	gets []string // keys of objects that were read
}

func newS3(t *testing.T) *s3Server {
	t.Helper()
	s := &s3Server{t: t, backend: s3mem.New()}
	store := gofakes3.New(s.backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if key, ok := strings.CutPrefix(r.URL.Path, "/lake/"); ok && key != "" && r.Method == http.MethodGet {
			s.mu.Lock()
			s.gets = append(s.gets, key)
			s.mu.Unlock()
		}
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=AKIATEST/") {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<Error><Code>AccessDenied</Code><Message>no</Message></Error>`)
			return
		}
		if s.handle != nil {
			s.handle.ServeHTTP(w, r)
			return
		}
		store.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = log.New(discard{}, "", 0)
	t.Cleanup(server.Close)
	s.url = server.URL
	if err := s.backend.CreateBucket("lake"); err != nil {
		t.Fatal(err)
	}
	return s
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func (s *s3Server) put(key string, body []byte) {
	s.t.Helper()
	if _, err := s.backend.PutObject("lake", key, map[string]string{}, bytes.NewReader(body), int64(len(body)), nil); err != nil {
		s.t.Fatal(err)
	}
}

func (s *s3Server) delete(key string) {
	s.t.Helper()
	if _, err := s.backend.DeleteObject("lake", key); err != nil {
		s.t.Fatal(err)
	}
}

// read are the objects that were downloaded since the last call.
func (s *s3Server) read() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	gets := slices.Sorted(slices.Values(s.gets))
	s.gets = nil
	return gets
}

// lake connects a world to the server.
func (s *s3Server) lake(w *world) {
	w.env = map[string]string{"LAKE_ID": "AKIATEST", "LAKE_SECRET": s3Secret}
	w.connections = Connections{"lake": {Type: s3Type, Endpoint: s.url, Region: "us-east-1", PathStyle: true,
		AccessKeyID: KeyRef{Env: "LAKE_ID"}, SecretAccessKey: KeyRef{Env: "LAKE_SECRET"}}}
}

func objectSource(globs ...string) Source {
	src := exposures("csv", "")
	src.Files, src.Connection = globs, "lake"
	return src
}

func TestObjectStore(t *testing.T) {
	// What a cloud's tools would take up from around them must not matter.
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIAOTHER", "AWS_SECRET_ACCESS_KEY": "other", "AWS_REGION": "eu-west-1", "AWS_PROFILE": "nobody",
		"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1",
	} {
		t.Setenv(name, value)
	}
	s, w := newS3(t), newWorld(t)
	s.lake(w)
	day := func(n int) []byte { return []byte(strings.ReplaceAll(exposureCSV, "\ni", fmt.Sprintf("\n%d-i", n))) }
	s.put("logs/1.csv", day(1))
	s.put("logs/2.csv.gz", compressed(t, false, string(day(2))))
	s.put("logs/deeper/3.csv", day(3))
	s.put("logs/notes.txt", []byte("not a log"))
	s.put("logs/", nil) // a folder's marker
	cfg := Config{"log": objectSource("s3://lake/logs/*.csv*")}

	got, err := w.load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].State != StateLoaded || got[0].Path != "s3://lake/logs/1.csv" || got[1].Loaded != 3 {
		t.Fatalf("got %+v", got)
	}
	if read := s.read(); !slices.Equal(read, []string{"logs/1.csv", "logs/2.csv.gz"}) {
		t.Errorf("read %v", read)
	}
	w.equal("SELECT path, loaded, version IS NOT NULL, cursor_value FROM ops.load ORDER BY path",
		"s3://lake/logs/1.csv,3,true,<nil>", "s3://lake/logs/2.csv.gz,3,true,<nil>")
	if err := w.nothingSpooled(); err != nil {
		t.Error(err)
	}

	t.Run("a second run downloads and loads nothing", func(t *testing.T) {
		again, err := w.load(cfg)
		if err != nil || again[0].State != StateSkipped || again[1].State != StateSkipped {
			t.Errorf("%+v, %v", again, err)
		}
		if read := s.read(); len(read) > 0 {
			t.Errorf("read %v", read)
		}
		w.equal("SELECT count(*) FROM clean.exposure", "6")
	})
	t.Run("another version is downloaded and takes the place", func(t *testing.T) {
		s.put("logs/1.csv", append(day(4), "i5,h5,1757203209000,C,imp\n"...))
		again, err := w.load(cfg)
		if err != nil || again[0].State != StateRestated || again[1].State != StateSkipped {
			t.Errorf("%+v, %v", again, err)
		}
		if read := s.read(); !slices.Equal(read, []string{"logs/1.csv"}) {
			t.Errorf("read %v", read)
		}
		w.equal("SELECT count(*) FROM clean.exposure", "7")
	})
	t.Run("an object that is gone is forgotten", func(t *testing.T) {
		s.delete("logs/1.csv")
		if _, err := w.load(cfg); err != nil {
			t.Error(err)
		}
		w.equal("SELECT path FROM ops.load", "s3://lake/logs/2.csv.gz")
	})
	t.Run("another mapping downloads again", func(t *testing.T) {
		s.read()
		src := objectSource("s3://lake/logs/*.csv*")
		src.Columns["campaign"] = Column{Constant: "Autumn"}
		if _, err := w.load(Config{"log": src}); err != nil {
			t.Error(err)
		}
		if read := s.read(); !slices.Equal(read, []string{"logs/2.csv.gz"}) {
			t.Errorf("read %v", read)
		}
		w.equal("SELECT DISTINCT campaign FROM "+shown, "Autumn")
	})
}

func TestObjectParquet(t *testing.T) {
	s, w := newS3(t), newWorld(t)
	// The engine may read the spool, and the spool lies in the workspace.
	s.lake(w)
	w.parquet("a.parquet", "SELECT 'i' || i AS imp, 'h' || i AS hh, 1757203200000 + i AS ts, 'A' AS cr, 'imp' AS type FROM range(1000) t(i)")
	body, err := os.ReadFile(filepath.Join(w.dir, "data", "a.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	s.put("a[1].parquet", body)
	src := objectSource(`s3://lake/a\[1\].parquet`)
	src.Format = "parquet"
	got, err := w.load(Config{"log": src})
	if err != nil || len(got) != 1 || got[0].Loaded != 1000 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestManyObjects: listings come in pages.
func TestManyObjects(t *testing.T) {
	s, w := newS3(t), newWorld(t)
	s.lake(w)
	for i := range 1203 {
		s.put(fmt.Sprintf("many/%04d.csv", i), []byte("x"))
	}
	in := &Intake{Connections: w.connections, Secrets: Secrets{Env: func(name string) (string, bool) { return w.env[name], true }}}
	defer in.Close()
	files, err := in.Find(t.Context(), "log", objectSource("s3://lake/many/*.csv"), nil)
	if err != nil || len(files) != 1203 || files[1202].Path != "s3://lake/many/1202.csv" {
		t.Errorf("%d files, %v", len(files), err)
	}
}

// TestObjectFaults: each fault with its message, its class, nothing of a secret
// in it and nothing left in the spool.
func TestObjectFaults(t *testing.T) {
	good := []byte(exposureCSV)
	for _, c := range []struct {
		name string
		glob string
		set  func(*s3Server, *world, *Source)
		want string
		is   error
	}{
		{name: "nothing matches", glob: "s3://lake/none/*.csv", want: "s3://lake/none/*.csv: no object matches this pattern", is: fs.ErrNotExist},
		{name: "empty object", glob: "s3://lake/empty.csv", want: "the object is empty (0 bytes)"},
		{name: "no such bucket", glob: "s3://pond/*.csv", want: "there is no such bucket", is: fs.ErrNotExist},
		{name: "wrong key", glob: "s3://lake/good.csv", want: "the store denies access", is: fs.ErrPermission,
			set: func(_ *s3Server, w *world, _ *Source) { w.env["LAKE_ID"] = "AKIAWRONG" }},
		{name: "secret not set", glob: "s3://lake/good.csv", want: "connections.lake.secret_access_key: environment variable LAKE_SECRET is not set",
			set: func(_ *s3Server, w *world, _ *Source) { delete(w.env, "LAKE_SECRET") }},
		{name: "too large", glob: "s3://lake/good.csv", want: "larger than 50 bytes", is: ErrTooLarge,
			set: func(_ *s3Server, _ *world, src *Source) { src.MaxBytes = "50B" }},
		{name: "bomb", glob: "s3://lake/bomb.csv.gz", want: "unpacks to more than 100000 bytes", is: ErrTooLarge,
			set: func(_ *s3Server, _ *world, src *Source) { src.MaxBytes = "100KB" }},
		{name: "cut off on the way", glob: "s3://lake/good.csv", want: "cannot read the object", is: ErrUnreachable,
			set: func(s *s3Server, _ *world, _ *Source) { s.cutOff("good.csv") }},
		{name: "replaced after it was listed", glob: "s3://lake/good.csv", want: "changed while it was being read", is: ErrChanged,
			set: func(s *s3Server, _ *world, _ *Source) { s.replaced("good.csv") }},
		{name: "redirect elsewhere", glob: "s3://lake/good.csv", is: ErrUnreachable, want: "cannot list the bucket",
			set: func(s *s3Server, _ *world, _ *Source) {
				s.handle = http.RedirectHandler("http://127.0.0.2:1/", http.StatusTemporaryRedirect)
			}},
		{name: "nobody listens", glob: "s3://lake/good.csv", want: "cannot list the bucket: connection refused", is: ErrUnreachable,
			set: func(_ *s3Server, w *world, _ *Source) {
				c := w.connections["lake"]
				c.Endpoint = "http://127.0.0.1:1"
				w.connections["lake"] = c
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, w := newS3(t), newWorld(t)
			s.lake(w)
			s.put("good.csv", good)
			s.put("empty.csv", nil)
			s.put("bomb.csv.gz", compressed(t, false, exposureCSV+strings.Repeat("i,h,1757203200000,A,imp\n", 50_000)))
			src := objectSource(c.glob)
			if c.set != nil {
				c.set(s, w, &src)
			}
			_, err := w.load(Config{"log": src})
			if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), s3Secret) {
				t.Error("the message holds the secret")
			}
			if err := w.nothingSpooled(); err != nil {
				t.Error(err)
			}
		})
	}
}

// cutOff lets the server end the reading of an object early.
func (s *s3Server) cutOff(key string) {
	store := gofakes3.New(s.backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	s.handle = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, key) {
			store.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(exposureCSV)))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(exposureCSV[:30]))
		panic(http.ErrAbortHandler)
	})
}

// replaced lets another version of the same length stand there when it is read.
func (s *s3Server) replaced(key string) {
	store := gofakes3.New(s.backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	s.handle = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, key) {
			s.put(key, []byte(strings.ToUpper(exposureCSV)))
		}
		store.ServeHTTP(w, r)
	})
}

// listedAt is when an object was written, as its store lists it, in epoch microseconds.
func (s *s3Server) listedAt(w *world, key string) string {
	s.t.Helper()
	in := &Intake{Connections: w.connections, Secrets: Secrets{Env: func(name string) (string, bool) { return w.env[name], true }}}
	defer in.Close()
	files, err := in.Find(s.t.Context(), "log", objectSource("s3://lake/"+key), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprint(files[0].Modified.UnixMicro())
}
