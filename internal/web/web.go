// Package web holds the field app as it was built, so that the server needs no
// Node. Its source is beside this file; scripts/web builds it into dist.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var built embed.FS

// App returns the files of the field app: index.html, sw.js, the manifest, icons, and assets
// whose names change with their content.
func App() (fs.FS, error) { return fs.Sub(built, "dist/app") }
