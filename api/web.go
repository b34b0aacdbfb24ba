package api

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	stdsync "sync"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"thidua/internal/hub"
	"thidua/internal/web"
)

// policy lets a page of the app load, run and ask nothing that does not come
// from this server, and lets no other page frame it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const (
	forEver   = "public, max-age=31536000, immutable" // the name changes with the content
	askAgain  = "no-cache"                            // kept, and asked about by its tag each time
	leastPack = 1000                                  // bytes of a file that compression may make shorter
)

// A webFile is one file of the field app as it is served. It never changes
// while a program runs, so it is compressed once, by whoever asks first.
type webFile struct {
	plain  []byte
	kind   string // media type
	tag    string // weak: it stands for every compressed form
	keep   string // Cache-Control
	gzip   func() []byte
	brotli func() []byte
}

// webFiles are the files of the field app by their address below /app/.
type webFiles map[string]*webFile

func newWebFiles() (webFiles, error) {
	app, err := web.App()
	if err != nil {
		return nil, err
	}
	files := webFiles{}
	err = fs.WalkDir(app, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		plain, err := fs.ReadFile(app, name)
		if err != nil {
			return err
		}
		files[name] = newWebFile(name, plain)
		return nil
	})
	if page := files["index.html"]; page != nil {
		files[""] = page
	}
	return files, err
}

func newWebFile(name string, plain []byte) *webFile {
	sum := sha256.Sum256(plain)
	f := &webFile{plain: plain, kind: mediaType(name), keep: askAgain, tag: `W/"` + hex.EncodeToString(sum[:8]) + `"`}
	if path.Dir(name) == "assets" {
		f.keep = forEver
	}
	if len(plain) >= leastPack && !strings.HasPrefix(f.kind, "image/png") {
		f.gzip = stdsync.OnceValue(func() []byte { return fasthttp.AppendGzipBytesLevel(nil, plain, fasthttp.CompressBestCompression) })
		f.brotli = stdsync.OnceValue(func() []byte {
			return fasthttp.AppendBrotliBytesLevel(nil, plain, fasthttp.CompressBrotliBestCompression)
		})
	}
	return f
}

// mediaType does not leave to the machine's own table what a browser refuses to
// run under another name.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return fiber.MIMEOctetStream
}

// openApp sends a browser to where the links of the field app are relative to.
func (a *API) openApp(c *fiber.Ctx) error {
	return c.Redirect("/app/", http.StatusPermanentRedirect)
}

// showPage, showFile and showAsset serve the field app to anybody: it holds nothing of anyone.
func (a *API) showPage(c *fiber.Ctx) error  { return a.showWeb(c, "") }
func (a *API) showFile(c *fiber.Ctx) error  { return a.showWeb(c, c.Params("file")) }
func (a *API) showAsset(c *fiber.Ctx) error { return a.showWeb(c, "assets/"+c.Params("file")) }

func (a *API) showWeb(c *fiber.Ctx, name string) error {
	f := a.web[name]
	if f == nil {
		return hub.E(hub.CodeNotFound, "the app has no such file")
	}
	for header, value := range map[string]string{
		fiber.HeaderContentSecurityPolicy: policy,
		fiber.HeaderXContentTypeOptions:   "nosniff",
		fiber.HeaderReferrerPolicy:        "no-referrer",
		"Cross-Origin-Opener-Policy":      "same-origin",
		"Cross-Origin-Resource-Policy":    "same-origin",
		fiber.HeaderCacheControl:          f.keep,
		fiber.HeaderETag:                  f.tag,
		fiber.HeaderVary:                  fiber.HeaderAcceptEncoding,
	} {
		c.Set(header, value)
	}
	if c.Get(fiber.HeaderIfNoneMatch) == f.tag {
		return c.SendStatus(http.StatusNotModified)
	}
	c.Response().Header.SetContentType(f.kind)
	switch {
	case f.brotli != nil && accepts(c, "br"):
		c.Set(fiber.HeaderContentEncoding, "br")
		return c.Send(f.brotli())
	case f.gzip != nil && accepts(c, "gzip"):
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(f.gzip())
	}
	return c.Send(f.plain)
}
