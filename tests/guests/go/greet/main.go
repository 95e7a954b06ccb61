// A Go guest: prints its arguments and working directory, or copies a file when told to.
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	words := os.Args[1:]
	if len(words) == 3 && words[0] == "copy" {
		text, err := os.ReadFile(words[1])
		if err == nil {
			err = os.WriteFile(words[2], text, 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	directory, err := os.Getwd()
	if err != nil {
		directory = err.Error()
	}
	fmt.Println("Go says:", strings.Join(words, " "), "in", directory)
}
