package source

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cloud.google.com/go/storage"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/azureblob"
	"gocloud.dev/blob/gcsblob"
	"gocloud.dev/blob/s3blob"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/option"
)

// The clients are made by hand, and not by the libraries' own openers, because
// those look for credentials, endpoints and proxies in the environment, in the
// home directory and at a cloud's metadata address.

// errFence is a request to a host that the connection does not name.
var errFence = errors.New("the request would leave the declared endpoint")

// fence lets requests to declared hosts, and hosts below them, pass.
type fence struct {
	hosts []string
	next  http.RoundTripper
}

func (f fence) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, host := range f.hosts {
		if r.URL.Host == host || strings.HasSuffix(r.URL.Host, "."+host) {
			return f.next.RoundTrip(r)
		}
	}
	return nil, errFence
}

// fenced makes a client that follows no redirect, uses no proxy, and reaches the
// hosts of these URLs alone.
func fenced(urls ...string) (*http.Client, error) {
	f := fence{next: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 30 * time.Second, ResponseHeaderTimeout: stallAfter,
		ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 4,
		DisableCompression: true, // the bytes as they are stored
	}}
	for _, text := range urls {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("make client: not a URL with a host")
		}
		f.hosts = append(f.hosts, u.Host)
	}
	return &http.Client{Transport: f, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
}

type secretReader func(key string, ref KeyRef) (Secret, error)

// openBucket opens a bucket. secrets are those that no message may hold.
func openBucket(ctx context.Context, c Connection, name string, secret secretReader) (b *blob.Bucket, secrets []Secret, err error) {
	read := func(key string, ref KeyRef) (s Secret) {
		if err != nil || ref == (KeyRef{}) {
			return ""
		}
		s, err = secret(key, ref)
		secrets = append(secrets, s)
		return s
	}
	switch c.Type {
	case s3Type:
		id, key, token := read("access_key_id", c.AccessKeyID), read("secret_access_key", c.SecretAccessKey), read("session_token", c.SessionToken)
		if err != nil {
			return nil, nil, err
		}
		b, err = openS3(ctx, c, name, id, key, token)
	case gcsType:
		key := read("credentials", c.Credentials)
		if err != nil {
			return nil, nil, err
		}
		b, err = openGCS(ctx, c, name, key)
	case azureType:
		key, sas := read("account_key", c.AccountKey), read("sas_token", c.SASToken)
		if err != nil {
			return nil, nil, err
		}
		b, err = openAzure(ctx, c, name, key, sas)
	default:
		err = fmt.Errorf("a connection of type %s has no buckets", c.Type)
	}
	return b, secrets, err
}

func openS3(ctx context.Context, c Connection, bucket string, id, key, token Secret) (*blob.Bucket, error) {
	endpoint := c.Endpoint
	if endpoint == "" {
		endpoint = "https://s3." + c.Region + ".amazonaws.com"
		if strings.HasPrefix(c.Region, "cn-") {
			endpoint += ".cn"
		}
	}
	client, err := fenced(endpoint)
	if err != nil {
		return nil, err
	}
	options := s3.Options{
		Region: c.Region, BaseEndpoint: aws.String(endpoint), UsePathStyle: c.PathStyle, HTTPClient: client,
		Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 3,
	}
	if !c.Anonymous {
		options.Credentials = credentials.NewStaticCredentialsProvider(string(id), string(key), string(token))
	}
	return s3blob.OpenBucket(ctx, s3.New(options), bucket, nil)
}

const (
	gcsEndpoint = "https://storage.googleapis.com"
	gcsTokenURL = "https://oauth2.googleapis.com/token"
	gcsScope    = "https://www.googleapis.com/auth/devstorage.read_only"
)

func openGCS(ctx context.Context, c Connection, bucket string, key Secret) (*blob.Bucket, error) {
	endpoint := gcsEndpoint
	if c.Endpoint != "" {
		endpoint = strings.TrimSuffix(c.Endpoint, "/")
	}
	client, err := fenced(endpoint, gcsTokenURL)
	if err != nil {
		return nil, err
	}
	if !c.Anonymous {
		// Only service_account keys: the other kinds name programs and addresses
		// from which a token would be fetched.
		config, err := google.JWTConfigFromJSON([]byte(key), gcsScope)
		if err != nil {
			return nil, errCredentials
		}
		config.TokenURL = gcsTokenURL
		// The source outlives this call, so it must not end with its context.
		long := context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, client)
		redirect := client.CheckRedirect
		client = oauth2.NewClient(long, config.TokenSource(long))
		client.CheckRedirect = redirect
	}
	store, err := storage.NewClient(ctx, option.WithoutAuthentication(), option.WithHTTPClient(client),
		option.WithEndpoint(endpoint+"/storage/v1/"), storage.WithJSONReads())
	if err != nil {
		return nil, err
	}
	return gcsblob.OpenBucket(ctx, nil, bucket, &gcsblob.Options{Client: store})
}

// errCredentials says nothing of what they are.
var errCredentials = errors.New("the credentials are malformed")

func openAzure(ctx context.Context, c Connection, name string, key, sas Secret) (*blob.Bucket, error) {
	endpoint := "https://" + c.Account + ".blob.core.windows.net"
	if c.Endpoint != "" {
		endpoint = strings.TrimSuffix(c.Endpoint, "/")
	}
	transport, err := fenced(endpoint)
	if err != nil {
		return nil, err
	}
	options := &container.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: transport}}
	place := endpoint + "/" + name
	var client *container.Client
	if key != "" {
		shared, err := container.NewSharedKeyCredential(c.Account, string(key))
		if err != nil {
			return nil, errCredentials
		}
		client, err = container.NewClientWithSharedKeyCredential(place, shared, options)
		if err != nil {
			return nil, err
		}
	} else {
		if sas != "" {
			place += "?" + strings.TrimPrefix(string(sas), "?")
		}
		if client, err = container.NewClientWithNoCredential(place, options); err != nil {
			return nil, errCredentials
		}
	}
	return azureblob.OpenBucket(ctx, client, nil)
}
