// Times, temporary files, roots, waiting, random bytes, and what a program is told of itself.
package main

import (
	"context"
	crypto "crypto/rand"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

func temporary() {
	file, err := os.CreateTemp(".", "name-*.txt")
	done("a temporary file", err)
	is("its name", strings.HasPrefix(filepath.Base(file.Name()), "name-") && strings.HasSuffix(file.Name(), ".txt"), true)
	done("close", file.Close())
	done("remove", os.Remove(file.Name()))
	dir, err := os.MkdirTemp(".", "dir")
	done("a temporary folder", err)
	put(filepath.Join(dir, "f"), "f")
	roots(dir)
	done("remove all", os.RemoveAll(dir))
	// A removed file that is open is there still.
	put("f", "text")
	file, _ = os.Open("f")
	done("remove", os.Remove("f"))
	bytes, err := io.ReadAll(file)
	is("what is removed", said(string(bytes), err), "text <nil>")
	done("close", file.Close())
}

func times() {
	put("f", "text")
	accessed, modified := time.Unix(1000, 5000), time.Unix(2000, 7000)
	done("times", os.Chtimes("f", accessed, modified))
	status, err := os.Stat("f")
	is("modified", said(status.ModTime().Equal(modified), err), "true <nil>")
	done("one time", os.Chtimes("f", time.Unix(3000, 0), time.Time{}))
	status, err = os.Stat("f")
	is("modified still", said(status.ModTime().Equal(modified), err), "true <nil>")
	fails("times of nothing", os.Chtimes("missing", accessed, modified), fs.ErrNotExist)
	done("mkdir", os.Mkdir("d", 0o777))
	done("times of a folder", os.Chtimes("d", accessed, modified))
	status, err = os.Stat("d")
	is("modified", said(status.IsDir(), status.ModTime().Equal(modified), err), "true true <nil>")
	done("remove", os.Remove("d"))
	done("remove", os.Remove("f"))
}

func waiting() {
	before := time.Now()
	time.Sleep(5 * time.Millisecond)
	is("slept", time.Since(before) >= 5*time.Millisecond, true)
	is("a year of ours", before.Year() >= 2000, true)
	sums := make(chan int, 8)
	var all sync.WaitGroup
	for n := 0; n < 100; n++ {
		n := n
		all.Add(1)
		go func() {
			defer all.Done()
			time.Sleep(time.Duration(n%7) * time.Millisecond)
			sums <- n
		}()
	}
	go func() {
		all.Wait()
		close(sums)
	}()
	sum := 0
	for n := range sums {
		sum += n
	}
	is("goroutines", sum, 4950)
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Millisecond)
	defer cancel()
	select {
	case <-ctx.Done():
		fails("a time that is over", ctx.Err(), context.DeadlineExceeded)
	case <-time.After(time.Minute):
		is("a time that is over", false, true)
	}
	ticks := time.NewTicker(time.Millisecond)
	for n := 0; n < 3; n++ {
		<-ticks.C
	}
	ticks.Stop()
	fired := make(chan bool)
	time.AfterFunc(time.Millisecond, func() { fired <- true })
	is("a timer", <-fired, true)
	// Files are used from many at once.
	put("f", strings.Repeat("x", 100))
	file, _ := os.OpenFile("f", os.O_RDWR, 0)
	for n := 0; n < 100; n++ {
		n := n
		all.Add(1)
		go func() {
			defer all.Done()
			file.WriteAt([]byte{byte('a' + n%26)}, int64(n))
		}()
	}
	all.Wait()
	done("close", file.Close())
	is("written by many", get("f"), strings.Repeat("abcdefghijklmnopqrstuvwxyz", 4)[:100])
	done("remove", os.Remove("f"))
}

func program() {
	one, two := make([]byte, 1000), make([]byte, 1000)
	n, err := crypto.Read(one)
	is("random bytes", said(n, err), "1000 <nil>")
	crypto.Read(two)
	is("are not the same twice", string(one) != string(two), true)
	is("arguments", len(os.Args) >= 1, true)
	done("setenv", os.Setenv("MADE", "here"))
	is("getenv", os.Getenv("MADE"), "here")
	_, found := os.LookupEnv("MISSING")
	is("no such variable", found, false)
	done("unsetenv", os.Unsetenv("MADE"))
	if wasi {
		is("one user", os.Getuid() <= 1, true)
		_, err := os.StartProcess("x", nil, &os.ProcAttr{})
		is("no processes", err != nil, true)
		fails("no modes of owners", os.Chown(".", 1, 1), syscall.ENOSYS)
		_, _, err = os.Pipe()
		is("no pipes", err != nil, true)
	}
	_, err = os.Stdout.Seek(0, io.SeekStart)
	is("output has no place", err != nil, true)
	_, err = os.Stdout.Read(one)
	is("output is not read", err != nil, true)
	_, err = os.Stdin.Write(one)
	is("input is not written", err != nil, true)
	status, err := os.Stdout.Stat()
	is("output", err == nil && !status.IsDir(), true)
	done("chmod", os.Chmod(".", 0o755))
}
