//go:build go1.24

// A folder that nothing opened through it may leave.
package main

import (
	"io/fs"
	"os"
	"path/filepath"
)

func roots(dir string) {
	root, err := os.OpenRoot(dir)
	done("a root", err)
	if err == nil {
		inside, err := root.Open("f")
		done("open in a root", err)
		if err == nil {
			done("close", inside.Close())
		}
		_, err = root.Open("../" + filepath.Base(dir) + "/f")
		is("out of a root", err != nil, true)
		made, err := root.Create("made")
		done("create in a root", err)
		if err == nil {
			done("close", made.Close())
		}
		done("mkdir in a root", root.Mkdir("d", 0o777))
		status, err := root.Stat("d")
		is("stat in a root", err == nil && status.IsDir(), true)
		_, err = root.Lstat("missing")
		fails("lstat in a root", err, fs.ErrNotExist)
		done("remove in a root", root.Remove("d"))
		done("close", root.Close())
	}
}
