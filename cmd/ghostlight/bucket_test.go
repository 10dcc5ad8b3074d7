package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/rogpeppe/go-internal/testscript"
)

// bucketReads is the key under which a script finds how often objects were read.
type bucketReads struct{}

// startBucket starts an S3-protocol server on loopback, whose bucket lake holds
// the file as orders.csv, and names it as $S3_URL.
func startBucket(env *testscript.Env, file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	backend := s3mem.New()
	if err := backend.CreateBucket("lake"); err != nil {
		return err
	}
	if _, err := backend.PutObject("lake", "orders.csv", map[string]string{}, bytes.NewReader(body), int64(len(body)), nil); err != nil {
		return err
	}
	store, reads := gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server(), &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=AKIATEST/") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if r.URL.Path == "/lake/orders.csv" {
			reads.Add(1)
		}
		store.ServeHTTP(w, r)
	}))
	env.Defer(server.Close)
	env.Setenv("S3_URL", server.URL)
	env.Values[bucketReads{}] = reads
	return nil
}

// downloads N asserts how often objects were read so far.
func downloads(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: downloads number")
	}
	if got := strconv.FormatInt(ts.Value(bucketReads{}).(*atomic.Int64).Load(), 10); got != args[0] {
		ts.Fatalf("objects were read %s times, want %s", got, args[0])
	}
}
