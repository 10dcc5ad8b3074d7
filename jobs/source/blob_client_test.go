package source

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"gocloud.dev/blob"
)

// listener notes what is asked of it and answers that there is nothing.
type listener struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*http.Request
}

func listen(t *testing.T) *listener {
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.asked = append(l.asked, r)
		http.NotFound(w, r)
	}))
	t.Cleanup(l.Close)
	return l
}

func reads(values map[string]string) secretReader {
	return func(key string, ref KeyRef) (Secret, error) { return Secret(values[ref.Env]), nil }
}

func first(ctx context.Context, b *blob.Bucket) error {
	_, err := b.List(nil).Next(ctx)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// TestBucketsAskTheDeclaredEndpoint: of GCS and Azure there is no server to test
// with; what is seen here is where their clients go and with what.
func TestBucketsAskTheDeclaredEndpoint(t *testing.T) {
	decoy := listen(t) // where the environment points to
	t.Setenv("STORAGE_EMULATOR_HOST", strings.TrimPrefix(decoy.URL, "http://"))
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "/none.json")
	t.Setenv("GCE_METADATA_HOST", strings.TrimPrefix(decoy.URL, "http://"))
	t.Setenv("AZURE_STORAGE_ACCOUNT", "other")
	t.Setenv("AZURE_STORAGE_KEY", "b3RoZXI=")
	t.Setenv("AZURE_STORAGE_CONNECTION_STRING", "BlobEndpoint="+decoy.URL)
	for _, c := range []struct {
		name string
		conn Connection
		path string
		auth string // what the request must hold, "" for none
	}{
		{"gcs", Connection{Type: gcsType, Anonymous: true}, "/storage/v1/b/bucket/o", ""},
		{"azure key", Connection{Type: azureType, Account: "shop", AccountKey: KeyRef{Env: "KEY"}}, "/bucket", "SharedKey shop:"},
		{"azure sas", Connection{Type: azureType, Account: "shop", SASToken: KeyRef{Env: "SAS"}}, "/bucket", "sig=c2ln"},
		{"azure anonymous", Connection{Type: azureType, Account: "shop", Anonymous: true}, "/bucket", ""},
		{"s3", Connection{Type: s3Type, Region: "us-east-1", PathStyle: true, AccessKeyID: KeyRef{Env: "ID"}, SecretAccessKey: KeyRef{Env: "KEY"}}, "/bucket", "Credential=AKIATEST/"},
		{"s3 anonymous", Connection{Type: s3Type, Region: "us-east-1", PathStyle: true, Anonymous: true}, "/bucket", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := listen(t)
			c.conn.Endpoint = l.URL
			b, _, err := openBucket(t.Context(), c.conn, "bucket", reads(map[string]string{"ID": "AKIATEST", "KEY": "a2V5", "SAS": "?sv=2020-01-01&sig=c2ln"}))
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			if err := first(t.Context(), b); err == nil {
				t.Error("no error")
			}
			if len(l.asked) == 0 || len(decoy.asked) > 0 {
				t.Fatalf("asked %d times, elsewhere %d times", len(l.asked), len(decoy.asked))
			}
			r := l.asked[0]
			sent := r.Header.Get("Authorization") + " " + r.URL.RawQuery
			if r.URL.Path != c.path || c.auth != "" && !strings.Contains(sent, c.auth) || c.auth == "" && r.Header.Get("Authorization") != "" {
				t.Errorf("asked %s %s with %q", r.Method, r.URL.Path, sent)
			}
		})
	}
}

// TestFence: no request leaves the declared endpoint, whatever a key or a store
// says.
func TestFence(t *testing.T) {
	inside, outside := listen(t), listen(t)
	client, err := fenced(inside.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Get(outside.URL); !errors.Is(err, errFence) || len(outside.asked) > 0 {
		t.Errorf("got %v", err)
	}
	// A service account's key names the address of its tokens; that one is not used.
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	account, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "me@example.org", "token_uri": outside.URL,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))})
	if err != nil {
		t.Fatal(err)
	}
	conn := Connection{Type: gcsType, Endpoint: inside.URL, Credentials: KeyRef{Env: "KEY"}}
	b, _, err := openBucket(t.Context(), conn, "bucket", reads(map[string]string{"KEY": string(account)}))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"hunter2", `{"type": "external_account", "credential_source": {"executable": {"command": "/bin/true"}}}`, `{"type": "authorized_user"}`} {
		if _, _, err := openBucket(t.Context(), conn, "bucket", reads(map[string]string{"KEY": bad})); !errors.Is(err, errCredentials) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	azure := Connection{Type: azureType, Account: "shop", AccountKey: KeyRef{Env: "KEY"}}
	if _, _, err := openBucket(t.Context(), azure, "bucket", reads(map[string]string{"KEY": "hunter2 is no base64"})); !errors.Is(err, errCredentials) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
