// Command posix goes through files, folders, time and random bytes as Go programs use them, and checks what each gives and
// which error each refusal is. Works in a folder t that it makes in the folder that is its argument (the working
// directory without one), and removes it again. Built for Linux it passes as well.
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

var checks, wrong int

// wasi says whether this is the sandbox: what WASI has no word for is not there.
const wasi = runtime.GOOS == "wasip1"

func line() int {
	_, _, line, _ := runtime.Caller(2)
	return line
}

// is requires a value.
func is[T comparable](what string, found, wanted T) {
	if checks++; found != wanted {
		wrong++
		fmt.Printf("not ok %d %s: %v, not %v\n", line(), what, found, wanted)
	}
}

// done requires that there is no error.
func done(what string, err error) {
	if checks++; err != nil {
		wrong++
		fmt.Printf("not ok %d %s: %v\n", line(), what, err)
	}
}

// fails requires an error of this kind.
func fails(what string, err, wanted error) {
	if checks++; !errors.Is(err, wanted) {
		wrong++
		fmt.Printf("not ok %d %s: %v, not %v\n", line(), what, err, wanted)
	}
}

// said joins values with spaces.
func said(values ...any) string {
	return strings.TrimSuffix(fmt.Sprintln(values...), "\n")
}

func get(path string) string {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(bytes)
}

func put(path, text string) {
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		panic(err)
	}
}

func opening() {
	_, err := os.Open("missing")
	fails("open", err, fs.ErrNotExist)
	fails("open", err, syscall.ENOENT)
	var named *fs.PathError
	is("the error names its path", errors.As(err, &named) && named.Path == "missing", true)
	put("f", "text")
	_, err = os.OpenFile("f", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	fails("exclusive", err, fs.ErrExist)
	_, err = os.OpenFile("f/x", os.O_CREATE|os.O_WRONLY, 0o666)
	fails("beneath a file", err, syscall.ENOTDIR)
	done("mkdir", os.Mkdir("d", 0o777))
	fails("mkdir again", os.Mkdir("d", 0o777), fs.ErrExist)
	fails("mkdir deep", os.Mkdir("no/d", 0o777), fs.ErrNotExist)
	_, err = os.OpenFile("d", os.O_WRONLY, 0)
	fails("write a folder", err, syscall.EISDIR)
	_, err = os.OpenFile("d", os.O_RDWR|os.O_CREATE, 0o666)
	fails("create a folder", err, syscall.EISDIR)
	_, err = os.ReadFile("d")
	is("a folder has no bytes", err != nil, true)
	_, err = os.Open("f/")
	fails("slash behind a file", err, syscall.ENOTDIR)
	_, err = os.Open(strings.Repeat("n", 300))
	fails("a long name", err, syscall.ENAMETOOLONG)
	_, err = os.Open("")
	is("no name", err != nil, true)
	file, err := os.Create("new")
	done("create", err)
	_, err = file.WriteString("new")
	done("write", err)
	done("close", file.Close())
	fails("close again", file.Close(), fs.ErrClosed)
	is("what was created", get("new"), "new")
	for _, name := range []string{"a b", "é", "new\nline", "..."} {
		put(name, name)
		is("a strange name", get(name), name)
		done("remove", os.Remove(name))
	}
	done("remove", os.Remove("new"))
	done("remove", os.Remove("d"))
	done("remove", os.Remove("f"))
}

func bytes() {
	put("f", "0123456789")
	file, err := os.OpenFile("f", os.O_RDWR, 0)
	done("open", err)
	buffer := make([]byte, 4)
	n, err := file.Read(buffer)
	is("read", said(n, err, string(buffer)), "4 <nil> 0123")
	n, err = file.ReadAt(buffer, 8)
	is("read at the end", said(n, err, string(buffer[:n])), "2 EOF 89")
	place, err := file.Seek(-1, io.SeekEnd)
	is("seek", said(place, err), "9 <nil>")
	_, err = file.Seek(-1, io.SeekStart)
	fails("seek before the start", err, syscall.EINVAL)
	n, err = file.WriteAt([]byte("ab"), 4)
	is("write at", said(n, err), "2 <nil>")
	is("written at", get("f"), "0123ab6789")
	_, err = file.WriteAt([]byte("x"), -1)
	is("write before the start", err != nil, true)
	done("cut", file.Truncate(3))
	is("cut", get("f"), "012")
	done("grow", file.Truncate(5))
	is("grown", get("f"), "012\x00\x00")
	is("negative size", file.Truncate(-1) != nil, true)
	done("sync", file.Sync())
	status, err := file.Stat()
	is("status", said(status.Size(), status.Mode().IsRegular(), status.Name(), err), "5 true f <nil>")
	done("close", file.Close())
	_, err = file.Read(buffer)
	fails("read what is closed", err, fs.ErrClosed)
	done("truncate", os.Truncate("f", 1))
	is("truncated", get("f"), "0")
	fails("truncate nothing", os.Truncate("missing", 1), fs.ErrNotExist)
	file, _ = os.OpenFile("f", os.O_APPEND|os.O_WRONLY, 0)
	_, err = file.WriteString("one")
	done("append", err)
	_, err = file.Seek(0, io.SeekStart)
	done("seek", err)
	_, err = file.WriteString("two")
	done("append", err)
	_, err = file.Read(buffer)
	fails("read what is for writing", err, syscall.EBADF)
	done("close", file.Close())
	is("appended", get("f"), "0onetwo")
	file, _ = os.Open("f")
	_, err = file.Write(buffer)
	fails("write what is for reading", err, syscall.EBADF)
	copied, err := os.Create("copy")
	done("create", err)
	size, err := io.Copy(copied, file)
	is("copy", said(size, err), "7 <nil>")
	done("close", copied.Close())
	done("close", file.Close())
	is("copied", get("copy"), "0onetwo")
	large := strings.Repeat("0123456789abcdef", 1<<16)
	put("copy", large)
	is("a megabyte", get("copy") == large, true)
	done("remove", os.Remove("copy"))
	done("remove", os.Remove("f"))
}

func names() {
	put("f", "f")
	put("g", "g")
	done("mkdir", os.MkdirAll("d/e/f", 0o777))
	done("mkdir what is there", os.MkdirAll("d/e/f", 0o777))
	fails("mkdir beneath a file", os.MkdirAll("f/x", 0o777), syscall.ENOTDIR)
	done("rename", os.Rename("f", "d/f"))
	_, err := os.Stat("f")
	fails("what was renamed", err, fs.ErrNotExist)
	done("rename over", os.Rename("g", "d/f"))
	is("renamed over", get("d/f"), "g")
	fails("rename nothing", os.Rename("missing", "x"), fs.ErrNotExist)
	fails("rename into itself", os.Rename("d", "d/e/x"), syscall.EINVAL)
	fails("rename a file over a folder", os.Rename("d/f", "d/e"), fs.ErrExist)
	fails("rename a folder over a file", os.Rename("d/e", "d/f"), syscall.ENOTDIR)
	fails("remove what is full", os.Remove("d"), syscall.ENOTEMPTY)
	fails("remove nothing", os.Remove("missing"), fs.ErrNotExist)
	done("symlink", os.Symlink("d/f", "l"))
	done("symlink to nothing", os.Symlink("missing", "dangling"))
	fails("symlink over a file", os.Symlink("x", "l"), fs.ErrExist)
	done("symlink to itself", os.Symlink("loop", "loop"))
	target, err := os.Readlink("l")
	is("readlink", said(target, err), "d/f <nil>")
	long := strings.Repeat("long/", 200)
	done("a long link", os.Symlink(long, "far"))
	target, err = os.Readlink("far")
	is("readlink of a long one", target == long && err == nil, true)
	_, err = os.Readlink("d")
	fails("readlink of a folder", err, syscall.EINVAL)
	_, err = os.Open("loop")
	fails("a loop", err, syscall.ELOOP)
	_, err = os.Stat("dangling")
	fails("stat of a link to nothing", err, fs.ErrNotExist)
	status, err := os.Lstat("dangling")
	is("lstat", err == nil && status.Mode()&fs.ModeSymlink != 0, true)
	real, err := filepath.EvalSymlinks("l")
	is("links that are followed", said(real, err), "d/f <nil>")
	done("link", os.Link("d/f", "hard"))
	fails("link over a file", os.Link("d/f", "hard"), fs.ErrExist)
	fails("link of nothing", os.Link("missing", "x"), fs.ErrNotExist)
	fails("link of a folder", os.Link("d", "x"), syscall.EPERM)
	one, _ := os.Stat("hard")
	two, _ := os.Stat("d/f")
	is("one file", os.SameFile(one, two), true)
	three, _ := os.Stat("d")
	is("another file", os.SameFile(one, three), false)
	put("hard", "both")
	is("written through a link", get("d/f"), "both")
	var walked []string
	done("walk", filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		walked = append(walked, said(path, entry.Type()))
		return err
	}))
	is("walked", strings.Join(walked, ", "), ". d---------, d d---------, d/e d---------, d/e/f d---------, d/f ----------, "+
		"dangling L---------, far L---------, hard ----------, l L---------, loop L---------")
	found, err := filepath.Glob("d*")
	is("glob", said(found, err), "[d dangling] <nil>")
	for _, name := range []string{"d", "l", "dangling", "loop", "far", "hard", "missing"} {
		done("remove all of "+name, os.RemoveAll(name))
	}
	entries, err := os.ReadDir(".")
	is("nothing is left", said(len(entries), err), "0 <nil>")
}

func listings() {
	done("mkdir", os.Mkdir("many", 0o777))
	for n := 0; n < 1000; n++ {
		put(fmt.Sprintf("many/file-%04d", n), "")
	}
	entries, err := os.ReadDir("many")
	is("readdir", said(len(entries), err), "1000 <nil>")
	is("in order", entries[0].Name()+" "+entries[999].Name(), "file-0000 file-0999")
	dir, err := os.Open("many")
	done("open", err)
	seen := map[string]bool{}
	for {
		some, err := dir.Readdirnames(7)
		for _, name := range some {
			seen[name] = true
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			done("readdir in pieces", err)
			break
		}
	}
	is("readdir in pieces", len(seen), 1000)
	_, err = dir.Seek(0, io.SeekStart)
	if !wasi {
		done("seek", err)
		some, err := dir.Readdirnames(-1)
		is("again", said(len(some), err), "1000 <nil>")
	}
	done("close", dir.Close())
	_, err = os.ReadDir("many/file-0000")
	fails("readdir of a file", err, syscall.ENOTDIR)
	_, err = os.ReadDir("missing")
	fails("readdir of nothing", err, fs.ErrNotExist)
	tree := os.DirFS("many")
	text, err := fs.ReadFile(tree, "file-0500")
	is("a tree", said(len(text), err), "0 <nil>")
	_, err = fs.Stat(tree, "missing")
	fails("a tree", err, fs.ErrNotExist)
	done("remove all", os.RemoveAll("many"))
	_, err = os.Stat("many")
	fails("gone", err, fs.ErrNotExist)
}

func main() {
	if len(os.Args) > 1 {
		done("chdir", os.Chdir(os.Args[1]))
	}
	done("mkdir", os.Mkdir("t", 0o777))
	above, err := os.Getwd()
	done("getwd", err)
	done("chdir", os.Chdir("t"))
	below, err := os.Getwd()
	is("getwd", said(below, err), filepath.Join(above, "t")+" <nil>")
	fails("chdir to nothing", os.Chdir("missing"), fs.ErrNotExist)
	opening()
	bytes()
	names()
	listings()
	temporary()
	times()
	waiting()
	program()
	done("chdir", os.Chdir(".."))
	done("remove", os.Remove("t"))
	if wrong > 0 {
		fmt.Printf("%d of %d are wrong\n", wrong, checks)
		os.Exit(1)
	}
	fmt.Printf("ok %d\n", checks)
}
