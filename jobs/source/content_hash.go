package source

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"github.com/zeebo/xxh3"
)

// contentHash is taken of a file when it is found: SHA-256 names its content for good,
// and XXH3 tells, several times faster, whether what is loaded is what was found.
type contentHash struct {
	sha   hash.Hash
	quick xxh3.Hasher
}

func newContentHash() *contentHash { return &contentHash{sha: sha256.New()} }

func (c *contentHash) Write(p []byte) (int, error) {
	c.sha.Write(p)
	return c.quick.Write(p)
}

// of notes the hashes of what was written.
func (c *contentHash) of(f *File) {
	f.SHA256, f.quick = hex.EncodeToString(c.sha.Sum(nil)), c.quick.Sum128()
}
