package source

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"cloud.google.com/go/storage"
	azcontainer "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// maxObjects bounds what one pattern may match.
const maxObjects = 100_000

// objects is the transport of S3, Google Cloud Storage and Azure Blob Storage.
type objects struct {
	name    string
	src     Source
	buckets map[string]*blob.Bucket
	secrets []Secret
	known   []File
}

func openObjects(ctx context.Context, name string, src Source, c Connection, secret secretReader, known []File) (*objects, error) {
	o := &objects{name: name, src: src, buckets: map[string]*blob.Bucket{}, known: known}
	for _, glob := range src.Files {
		_, bucket, _, _ := splitURL(glob)
		if o.buckets[bucket] != nil {
			continue
		}
		b, secrets, err := openBucket(ctx, c, bucket, secret)
		o.secrets = append(o.secrets, secrets...)
		var unread *SecretError
		if errors.As(err, &unread) {
			return nil, errors.Join(err, o.close())
		}
		if err != nil {
			return nil, errors.Join(o.failed(glob, "open the bucket", err), o.close())
		}
		o.buckets[bucket] = b
	}
	return o, nil
}

func (o *objects) close() error {
	var errs []error
	for _, name := range sortedKeys(o.buckets) {
		errs = append(errs, o.buckets[name].Close())
	}
	return errors.Join(errs...)
}

// list lists the objects that the patterns match. An object whose path, version
// and size are in the registry is loaded already.
func (o *objects) list(ctx context.Context) ([]File, error) {
	var files []File
	for _, glob := range o.src.Files {
		found, err := o.match(ctx, glob)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 && !o.src.Optional {
			return nil, &FileError{Source: o.name, Path: glob, What: "no object matches this pattern", Err: fs.ErrNotExist,
				Hint: "put it there, correct files of the source, or write optional: true"}
		}
		files = append(files, found...)
	}
	sortFiles(files)
	files = slices.CompactFunc(files, func(a, b File) bool { return a.Path == b.Path })
	for i, f := range files {
		if f.Size == 0 && !o.src.Optional {
			return nil, &FileError{Source: o.name, Path: f.Path, What: "the object is empty (0 bytes)",
				Hint: "deliver it again; optional: true accepts an empty one"}
		}
		at, _ := slices.BinarySearchFunc(o.known, f, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
		for ; at < len(o.known) && o.known[at].Path == f.Path; at++ { // the contents that the path has had
			if k := o.known[at]; k.isVersion(f) {
				files[i].LoadID, files[i].SHA256 = k.LoadID, k.SHA256
			}
		}
	}
	return files, nil
}

// isVersion tells whether a listed object is the loaded one. When it was written
// counts where the mapping reads that.
func (f File) isVersion(listed File) bool {
	return f.Version == listed.Version && f.Size == listed.Size &&
		(f.Modified.IsZero() || f.Modified.UnixMicro() == listed.Modified.UnixMicro())
}

func (o *objects) match(ctx context.Context, glob string) (files []File, err error) {
	scheme, bucket, pattern, _ := splitURL(glob)
	options := &blob.ListOptions{Prefix: pattern}
	if i := strings.IndexAny(pattern, `*?[\`); i >= 0 {
		options.Prefix = pattern[:i]
	}
	if !strings.Contains(pattern[len(options.Prefix):], "/") {
		options.Delimiter = "/" // nothing below can match
	}
	for it, seen := o.buckets[bucket].List(options), 0; ; seen++ {
		object, err := it.Next(ctx)
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, o.failed(glob, "list the bucket", err)
		}
		if ok, err := path.Match(pattern, object.Key); object.IsDir || err != nil || !ok || strings.HasSuffix(object.Key, "/") {
			continue
		}
		if hasControl(object.Key) {
			return nil, &FileError{Source: o.name, Path: glob, What: "the name of an object that matches has control characters",
				Hint: "rename it, or narrow the pattern"}
		}
		if len(files) == maxObjects {
			return nil, &FileError{Source: o.name, Path: glob, What: "more than " + strconv.Itoa(maxObjects) + " objects match", Hint: "narrow the pattern"}
		}
		files = append(files, File{Source: o.name, Path: scheme + "://" + bucket + "/" + object.Key,
			Size: object.Size, Modified: object.ModTime, Version: version(object)})
	}
}

// version is what tells an object from others that had its name: its generation
// or its entity tag.
func version(object *blob.ListObject) string {
	var (
		amazon types.Object
		google storage.ObjectAttrs
		azure  azcontainer.BlobItem
	)
	switch {
	case object.As(&amazon) && amazon.ETag != nil:
		return *amazon.ETag
	case object.As(&google) && google.Generation != 0:
		return strconv.FormatInt(google.Generation, 10)
	case object.As(&azure) && azure.Properties != nil && azure.Properties.ETag != nil:
		return string(*azure.Properties.ETag)
	}
	return object.ModTime.UTC().Format("20060102T150405.000000000Z") + " " + hex.EncodeToString(object.MD5)
}

// fetch reads an object as it was listed: another version of it is refused.
func (o *objects) fetch(ctx context.Context, f File, w io.Writer) (File, error) {
	_, bucket, key, _ := splitURL(f.Path)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	to := watch(w, func() { cancel(errStalled) })
	defer to.timer.Stop()
	r, err := o.buckets[bucket].NewReader(ctx, key, &blob.ReaderOptions{BeforeRead: asListed(f)})
	if err != nil {
		return File{}, o.failed(f.Path, "read the object", cmp.Or(stalled(ctx), err))
	}
	var amazon s3.GetObjectOutput
	if r.As(&amazon) && amazon.ETag != nil && *amazon.ETag != f.Version { // the server may not know the condition
		return File{}, errors.Join(o.changed(f.Path), r.Close())
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{r}, make([]byte, 1<<18))
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return File{}, o.failed(f.Path, "read the object", cmp.Or(stalled(ctx), err))
	}
	if n != f.Size {
		return File{}, o.changed(f.Path)
	}
	return f, nil
}

var errStalled = errors.New("nothing came for two minutes")

func stalled(ctx context.Context) error {
	if err := context.Cause(ctx); errors.Is(err, errStalled) {
		return err
	}
	return nil
}

// asListed makes the request conditional on the version, where the store knows
// such a condition; the others are asked for the length alone.
func asListed(f File) func(func(any) bool) error {
	return func(as func(any) bool) error {
		var amazon *s3.GetObjectInput
		if as(&amazon) {
			amazon.IfMatch = aws.String(f.Version)
		}
		var google *storage.ObjectHandle
		if generation, err := strconv.ParseInt(f.Version, 10, 64); err == nil && as(&google) {
			*google = *google.Generation(generation)
		}
		return nil
	}
}

func (o *objects) changed(at string) error {
	return &FileError{Source: o.name, Path: at, What: ErrChanged.Error(), Err: ErrChanged, Hint: "put objects under another name when they change"}
}

// failed explains what a store said. Only its codes pass: the rest of its words
// may hold a signed address.
func (o *objects) failed(at, doing string, err error) error {
	if errors.Is(err, context.Canceled) && !errors.Is(err, errStalled) || errors.Is(err, ErrTooLarge) {
		return err
	}
	e := &FileError{Source: o.name, Path: at}
	code := gcerrors.Code(err)
	switch {
	case errors.Is(err, errFence):
		e.What, e.Err, e.Hint = errFence.Error(), errFence, "correct endpoint, region or path_style of connection "+o.src.Connection
	case errors.Is(err, errCredentials):
		e.What, e.Err, e.Hint = errCredentials.Error(), errCredentials, "correct what connection "+o.src.Connection+" refers to"
	case code == gcerrors.NotFound:
		e.What, e.Err, e.Hint = "there is no such bucket or object", fs.ErrNotExist, "correct the URL, or region and endpoint of connection "+o.src.Connection
	case code == gcerrors.PermissionDenied:
		e.What, e.Err, e.Hint = "the store denies access", fs.ErrPermission, "let connection "+o.src.Connection+" list the bucket and read its objects"
	case code == gcerrors.FailedPrecondition:
		return o.changed(at)
	default:
		e.What = fmt.Sprintf("cannot %s: %s", doing, without(innermost(err), o.secrets...))
		e.Err, e.Hint = ErrUnreachable, "try again later; the endpoint is the one of connection "+o.src.Connection
	}
	return e
}
