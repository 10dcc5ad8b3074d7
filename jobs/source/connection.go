package source

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Connections are the `connections:` section of ghostlight.yaml, by name.
type Connections map[string]Connection

// Connection says how a store or a database outside the workspace is reached.
// What it needs to get in is a reference, never the secret itself, and nothing
// is taken from anywhere else: no environment of a cloud, no home directory, no
// proxy.
type Connection struct {
	// Type of what is reached.
	Type string `yaml:"type" jsonschema:"required,enum=postgres,enum=mysql,enum=s3,enum=gcs,enum=azure"`
	// DSN of a database: postgres://user:password@host:port/database?sslmode=verify-full, or user:password@tcp(host:port)/database?tls=true. TLS with a verified certificate is what holds when it says nothing.
	DSN KeyRef `yaml:"dsn,omitempty"`
	// Endpoint of a store that is not the provider's own: its URL without the bucket.
	Endpoint string `yaml:"endpoint,omitempty"`
	// Region of an S3 bucket.
	Region string `yaml:"region,omitempty"`
	// PathStyle puts an S3 bucket into the path instead of the host, as most servers other than Amazon's want it.
	PathStyle bool `yaml:"path_style,omitempty"`
	// AccessKeyID of S3.
	AccessKeyID KeyRef `yaml:"access_key_id,omitempty"`
	// SecretAccessKey of S3.
	SecretAccessKey KeyRef `yaml:"secret_access_key,omitempty"`
	// SessionToken of S3, for keys that expire.
	SessionToken KeyRef `yaml:"session_token,omitempty"`
	// Credentials of Google Cloud Storage: the JSON key of a service account.
	Credentials KeyRef `yaml:"credentials,omitempty"`
	// Account of Azure Blob Storage.
	Account string `yaml:"account,omitempty"`
	// AccountKey of Azure Blob Storage, or else a SASToken.
	AccountKey KeyRef `yaml:"account_key,omitempty"`
	// SASToken of Azure Blob Storage.
	SASToken KeyRef `yaml:"sas_token,omitempty"`
	// Anonymous reads a public bucket without credentials.
	Anonymous bool `yaml:"anonymous,omitempty"`
}

// The types of connection.
const (
	postgresType = "postgres"
	mysqlType    = "mysql"
	s3Type       = "s3"
	gcsType      = "gcs"
	azureType    = "azure"
)

func connectionTypes() []string {
	return []string{postgresType, mysqlType, s3Type, gcsType, azureType}
}

// schemes of URLs, each with the type of connection that reads it.
func schemes() map[string]string {
	return map[string]string{"s3": s3Type, "gs": gcsType, "azblob": azureType}
}

// isDatabase tells whether the connection takes a query.
func (c Connection) isDatabase() bool { return c.Type == postgresType || c.Type == mysqlType }

// connectionKey is a key that a connection can have.
type connectionKey struct {
	name string
	ref  KeyRef   // of a secret
	of   []string // types that have it
}

// given are the keys that stand in the file, in order.
func (c Connection) given() []connectionKey {
	all := []struct {
		key   connectionKey
		given bool
	}{
		{connectionKey{"dsn", c.DSN, []string{postgresType, mysqlType}}, c.DSN != KeyRef{}},
		{connectionKey{"endpoint", KeyRef{}, []string{s3Type, gcsType, azureType}}, c.Endpoint != ""},
		{connectionKey{"region", KeyRef{}, []string{s3Type}}, c.Region != ""},
		{connectionKey{"path_style", KeyRef{}, []string{s3Type}}, c.PathStyle},
		{connectionKey{"access_key_id", c.AccessKeyID, []string{s3Type}}, c.AccessKeyID != KeyRef{}},
		{connectionKey{"secret_access_key", c.SecretAccessKey, []string{s3Type}}, c.SecretAccessKey != KeyRef{}},
		{connectionKey{"session_token", c.SessionToken, []string{s3Type}}, c.SessionToken != KeyRef{}},
		{connectionKey{"credentials", c.Credentials, []string{gcsType}}, c.Credentials != KeyRef{}},
		{connectionKey{"account", KeyRef{}, []string{azureType}}, c.Account != ""},
		{connectionKey{"account_key", c.AccountKey, []string{azureType}}, c.AccountKey != KeyRef{}},
		{connectionKey{"sas_token", c.SASToken, []string{azureType}}, c.SASToken != KeyRef{}},
		{connectionKey{"anonymous", KeyRef{}, []string{s3Type, gcsType, azureType}}, c.Anonymous},
	}
	var keys []connectionKey
	for _, k := range all {
		if k.given {
			keys = append(keys, k.key)
		}
	}
	return keys
}

// CheckSecrets reads every secret of every connection and forgets it again. It
// returns what cannot be read, in the order of the names.
func (c Connections) CheckSecrets(secrets Secrets) []error {
	var errs []error
	for _, name := range sortedKeys(c) {
		for _, key := range c[name].given() {
			if key.ref == (KeyRef{}) {
				continue
			}
			if _, err := secrets.Read("connections."+name+"."+key.name, key.ref); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errs
}

var (
	regionName  = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	accountName = regexp.MustCompile(`^[a-z0-9]{3,24}$`)
)

// Validate returns every fault of the section, in the order of the names. None
// repeats a value: it may be a secret in the wrong place.
func (c Connections) Validate() []Problem {
	v := &validation{}
	for _, name := range sortedKeys(c) {
		if !identifier.MatchString(name) {
			v.problems = append(v.problems, Problem{Path: name, Key: true, Message: "the name of a connection is not an identifier",
				Hint: "lower-case letters, digits and _, beginning with a letter, 63 at most"})
		}
		v.connection(name, c[name])
	}
	return v.problems
}

func (v *validation) connection(name string, c Connection) {
	if c.Type == "" {
		v.add(name+".type", "type is missing", "one of: "+strings.Join(connectionTypes(), ", "))
		return
	}
	if !v.oneOf(name+".type", "type of connection", c.Type, connectionTypes()) {
		return
	}
	has := map[string]bool{}
	for _, key := range c.given() {
		has[key.name] = true
		if !slices.Contains(key.of, c.Type) {
			v.add(name+"."+key.name, "a connection of type "+c.Type+" has no "+key.name, "leave it out")
		}
	}
	need := func(key, hint string) {
		if !has[key] {
			v.add(name+"."+key, key+" is missing", hint)
		}
	}
	switch {
	case c.isDatabase():
		need("dsn", "env:NAME or file:PATH of the connection string")
	case c.Type == azureType:
		need("account", "the name of the storage account")
		if has["account"] && !accountName.MatchString(c.Account) {
			v.add(name+".account", "not the name of a storage account", "3 to 24 lower-case letters and digits")
		}
	case c.Type == s3Type:
		need("region", "such as us-east-1; servers that have none take that too")
		if has["region"] && !regionName.MatchString(c.Region) {
			v.add(name+".region", "not the name of a region", "such as us-east-1")
		}
	}
	if !c.isDatabase() {
		v.credentials(name, c, has)
	}
	if c.Endpoint != "" {
		if fault, hint := endpointFault(c.Endpoint, c.Type); fault != "" {
			v.add(name+".endpoint", fault, hint)
		}
	}
}

// credentials must be there, or be declared unnecessary.
func (v *validation) credentials(name string, c Connection, has map[string]bool) {
	ways := map[string][]string{s3Type: {"access_key_id", "secret_access_key"}, gcsType: {"credentials"}, azureType: {"account_key", "sas_token"}}[c.Type]
	n, missing := 0, ""
	for _, key := range ways {
		if has[key] {
			n++
		} else if missing == "" {
			missing = key
		}
	}
	want := strings.Join(ways, " and ")
	if c.Type == azureType {
		want = strings.Join(ways, " or ")
	}
	switch full := len(ways); {
	case c.Anonymous && n > 0:
		v.add(name+".anonymous", "both credentials and anonymous are given", "keep one of them")
	case c.Anonymous:
	case n == 0:
		v.add(name+"."+missing, "there are no credentials", "write "+want+", or anonymous: true for a public bucket")
	case c.Type == azureType && n > 1:
		v.add(name, "both account_key and sas_token are given", "keep one of them")
	case c.Type == s3Type && n < full:
		v.add(name+"."+missing, missing+" is missing", "access_key_id and secret_access_key go together")
	}
}

// endpointFault tells what is wrong with the URL of a store. Plain http is for
// stores that get a signature, and for this machine; the others would be sent
// the secret itself.
func endpointFault(endpoint, kind string) (fault, hint string) {
	const form = "such as https://store.example.com:9000"
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || hasControl(endpoint):
		return "not the URL of a store", form
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "the URL of a store holds nothing but scheme, host and path", form
	case u.Path != "" && u.Path != "/" && kind == s3Type:
		return "the URL of an S3 store has no path", form
	case u.Scheme != "https" && u.Scheme != "http":
		return "the URL of a store begins with https://", form
	case u.Scheme == "http" && kind != s3Type && !isLoopback(u.Hostname()):
		return "this store would be sent its secret in clear", "use https://"
	}
	return "", ""
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
